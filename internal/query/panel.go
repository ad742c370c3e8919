package query

import (
	"context"

	"github.com/ballast-ml/ballast"
)

// The most buckets a panel may have, over all its runs, and the most of one.
const (
	MaxPanelCells   = 500_000
	MaxPanelBuckets = 10_000
	MaxPanelRuns    = 1_000
	// fewPoints is below what count every point is sent instead of buckets.
	fewPoints = 1_000
)

// PanelRequest asks for one metric of many runs.
type PanelRequest struct {
	ProjectID int64
	Runs      []string // run names (ids of the SDK), at most MaxPanelRuns
	Key       string   // the metric, dotted
	X         string   // "_step" (default), "_runtime", "_timestamp", or any metric
	Stream    ballast.Stream
	Min, Max  *float64 // range of x, both inclusive; nil: all there is
	Buckets   int      // wanted; 0: 500
}

// The forms in which a panel sends a run.
const (
	ModeGrid    = "grid"    // buckets on the shared grid of steps
	ModeBuckets = "buckets" // buckets with an x of their own
	ModePoints  = "points"  // every point
)

// Panel is one metric of many runs, ready to draw.
type Panel struct {
	Grid Grid       `json:"grid"`
	X    string     `json:"x"`
	Min  float64    `json:"min"` // range of x over all runs; 0 and -1 when there is nothing
	Max  float64    `json:"max"`
	Runs []PanelRun `json:"runs"` // in the order asked for
}

// Grid is the shared grid of buckets: bucket i holds the steps from
// Start+i*Width to Start+(i+1)*Width-1.
type Grid struct {
	Start int64 `json:"start"`
	Width int64 `json:"width"`
	N     int   `json:"n"`
}

// PanelRun is a run's part of a panel. Which slices are filled depends on the
// mode; all filled ones have N elements.
type PanelRun struct {
	Run     string `json:"run"`
	Mode    string `json:"mode"`
	N       int    `json:"n"`
	Total   int64  `json:"total"`   // points in range, special numbers included
	NaN     int64  `json:"nan"`     // of them NaN
	Inf     int64  `json:"inf"`     // of them ±Infinity
	Missing bool   `json:"missing"` // no such run, or the run has no such key

	X     []float64 `json:"-"` // buckets: of the last point; points: of each
	Y     []float64 `json:"-"` // points; NaN and ±Infinity kept
	Last  []float32 `json:"-"` // grid and buckets, over finite values; NaN when there are none
	Low   []float32 `json:"-"`
	High  []float32 `json:"-"`
	Count []float32 `json:"-"` // finite values
	Odd   []bool    `json:"-"` // grid: the bucket holds NaN or ±Infinity
}

// Panel reads a metric of many runs on one shared grid (docs/design/012).
// Unknown runs come back as missing. It is Invalid to ask for more than the
// limits above.
func (q *Query) Panel(ctx context.Context, pr PanelRequest) (*Panel, error) {
	panic("TODO")
}
