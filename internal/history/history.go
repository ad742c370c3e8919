// Package history stores the rows of a run's stream: what a training script
// logged, and the system metrics beside it.
//
// A row is one JSON object. Nested objects flatten to dotted keys (see
// [JoinKey]); every key has at most one value in a row, a number or a JSON
// text. Rows have numbers, counted from 0 over the life of the stream, and
// they are joined by these, never by step.
//
// Rows live in two forms. A tail chunk ([Builder], [Chunk]) is what one
// request brought, columnar and plain, written into the database. A segment
// ([WriteSegment], [Segment]) is many rows sealed into one immutable Parquet
// object with our own directory and levels of detail, so that one series, or
// a chart of it, is one small read. [View] is what both answer.
//
// The bytes are described in docs/format/chunk-v1.md and
// docs/format/history-v1.md.
package history
