package query

import (
	"context"
	"encoding/json"
)

// SampleSpec is a spec of sampledHistory: rows that have all of Keys.
type SampleSpec struct {
	Keys    []string
	Samples int    // rows wanted; 0: 500
	MinStep *int64 // inclusive
	MaxStep *int64 // inclusive
}

// ParseSampleSpec reads the JSON form, {"keys":["_step","loss"],"samples":500,
// "minStep":0,"maxStep":9}. Unknown members are ignored.
func ParseSampleSpec(text string) (SampleSpec, error) {
	panic("TODO")
}

// Sampled returns rows of a run's history that have all keys of the spec, as
// JSON objects in row order. NaN and ±Infinity are strings, because the answer
// is a JSON value of GraphQL. Which rows are kept: docs/design/011.
func (q *Query) Sampled(ctx context.Context, runID int64, spec SampleSpec) ([]json.RawMessage, error) {
	panic("TODO")
}

// RowQuery asks for complete rows.
type RowQuery struct {
	MinStep *int64 // inclusive
	MaxStep *int64 // exclusive
	Samples int    // rows wanted; 0: 500. A range of no more steps than samples comes whole
}

// History returns rows of a run's history, each the text of a JSON object with
// bare NaN and Infinity tokens, in row order.
func (q *Query) History(ctx context.Context, runID int64, rq RowQuery) ([]string, error) {
	panic("TODO")
}

// Events returns rows of a run's system metrics, as History does.
func (q *Query) Events(ctx context.Context, runID int64, samples int) ([]string, error) {
	panic("TODO")
}

// HistoryTail returns the last n rows of history as the SDK wants them when it
// resumes: the text of a JSON list of strings, each a row. "[]" when empty.
func (q *Query) HistoryTail(ctx context.Context, runID int64, n int) (string, error) {
	panic("TODO")
}

// EventsTail is HistoryTail for system metrics.
func (q *Query) EventsTail(ctx context.Context, runID int64, n int) (string, error) {
	panic("TODO")
}
