package query

import (
	"context"
	"encoding/json"
)

// HistoryKeys is what a run logged, as the SDK reads it (PRODUCT 3.3).
type HistoryKeys struct {
	Keys     map[string]KeyInfo `json:"keys"`
	LastStep int64              `json:"lastStep"` // highest _step; -1 without rows
	Sets     []json.RawMessage  `json:"sets"`     // always empty
}

// KeyInfo describes a key of a run's history.
type KeyInfo struct {
	TypeCounts []TypeCount     `json:"typeCounts"`    // most frequent first
	Previous   json.RawMessage `json:"previousValue"` // the last value; special numbers are strings
	Monotonic  bool            `json:"monotonic"`     // numbers that never fall
}

// TypeCount says how many values of a key have a type: number, string,
// boolean, null, list, map, or the _type of a media object.
type TypeCount struct {
	Type  string `json:"type"`
	Count int64  `json:"count"`
}

// Keys returns the keys of a run's history, or nil when it has no rows.
func (q *Query) Keys(ctx context.Context, runID int64) (*HistoryKeys, error) {
	panic("TODO")
}

// SystemMetrics returns the last value of each key of a run's system metrics,
// as the text of a JSON object. "{}" when there are none.
func (q *Query) SystemMetrics(ctx context.Context, runID int64) (string, error) {
	panic("TODO")
}

// CatalogueKey is a key that some of the runs asked about have.
type CatalogueKey struct {
	Key    string  `json:"key"`
	Type   string  `json:"type"` // number, string, bool, null, list, map, media:<_type>
	Runs   int     `json:"runs"` // how many of the runs have it
	Step   *string `json:"step"` // its step metric by define_metric
	Hidden bool    `json:"hidden"`
}

// Catalogue lists the keys of a set of runs, in order of name.
type Catalogue struct {
	History []CatalogueKey `json:"history"`
	Events  []CatalogueKey `json:"events"`
}

// Catalogue returns the keys that runs of a project have, with the metrics
// that define_metric declared. Unknown runs are left out.
func (q *Query) Catalogue(ctx context.Context, projectID int64, runs []string) (*Catalogue, error) {
	panic("TODO")
}
