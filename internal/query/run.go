package query

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ballast-ml/ballast"
)

// RunQuery asks for runs of a project.
type RunQuery struct {
	Filter []byte   // Mongo-style JSON, or a screen's filter document; empty or null: all
	Text   string   // the text query language; and-ed with Filter
	Order  []string // "+created_at", "-summary_metrics.loss", …; empty: +created_at; several: the first decides first
	After  string   // a cursor of an earlier page, "" from the start
	Offset int      // runs to leave out at the start; only without After
	First  int      // runs of the page, 1 to 10000; 0: 50
}

// RunPage is a page of runs, in order.
type RunPage struct {
	Runs    []ballast.Run // complete, with Live
	Cursors []string      // of each run
	Total   int           // runs that match, on all pages
	More    bool          // runs follow after this page
}

// Runs returns a page of the runs that match. Deleted runs never do. Cursors
// stay good when runs come and go: they hold the sort key of a run. Bad
// filters, orders and cursors are Invalid.
func (q *Query) Runs(ctx context.Context, projectID int64, rq RunQuery) (*RunPage, error) {
	panic("TODO")
}

// CountRuns returns how many runs match a filter (as RunQuery.Filter).
func (q *Query) CountRuns(ctx context.Context, projectID int64, filter []byte) (int, error) {
	panic("TODO")
}

// RunTable is a page of the run table for a screen.
type RunTable struct {
	Total   int      `json:"total"` // runs of the project
	Found   int      `json:"found"` // of them match
	Millis  int64    `json:"ms"`
	Rows    []RunRow `json:"rows"`
	Running int      `json:"running"` // of the found, still running
}

// RunRow is a run in the table. NaN and ±Infinity in values are strings.
type RunRow struct {
	Name      string                     `json:"name"`
	Display   string                     `json:"display"`
	State     ballast.State              `json:"state"`
	Created   time.Time                  `json:"created"`
	Heartbeat time.Time                  `json:"heartbeat"`
	Runtime   float64                    `json:"runtime"` // seconds
	User      string                     `json:"user"`
	Group     string                     `json:"group"`
	JobType   string                     `json:"jobType"`
	Tags      []string                   `json:"tags"`
	Ordinal   int64                      `json:"ordinal"`
	Steps     int64                      `json:"steps"` // rows of history
	Stop      bool                       `json:"stop"`
	Rev       int64                      `json:"rev"`
	Ver       int64                      `json:"ver"`
	Values    map[string]json.RawMessage `json:"values"` // of the columns asked for; a run without the key has none
}

// RunTable returns a page of the table with the columns asked for, each a
// field name as in filters ("config.lr", "summary_metrics.loss").
func (q *Query) RunTable(ctx context.Context, projectID int64, rq RunQuery, columns []string) (*RunTable, error) {
	panic("TODO")
}
