// Package ballast holds the nouns of Ballast, a self-hosted home for
// machine-learning experiments that the unmodified wandb SDK talks to.
//
// The story in short. A person ([User]) works in an [Entity]: their own name
// or a team, which may belong to an organization. An entity owns projects
// ([Project]); a project holds runs ([Run]). A training process opens a run,
// sends metrics row by row as a file stream, uploads files, and finishes.
//
// The file stream becomes three [Stream]s of a run: history (what was logged),
// events (system metrics) and output (console lines). Rows are made durable in
// the database as columnar tail chunks and acknowledged; later they are sealed
// into immutable Parquet segments in a bucket, and one pointer is swapped. A
// reader sees segments and tail as one series at every moment.
//
// This package imports the standard library only and is imported by every
// room that speaks of these nouns. How the rooms fit together is told in
// ARCHITECTURE.md.
package ballast
