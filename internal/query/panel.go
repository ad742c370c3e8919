package query

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"golang.org/x/sync/errgroup"
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
	Key       string   // the metric, by its name outside (docs/design/011); "=" and an expression over metrics (docs/design/150)
	X         string   // "_step", "_runtime", "_timestamp", "_absolute_runtime" (seconds since the run was created), any metric or "=" and an expression; empty: _step, of events _runtime
	Stream    ballast.Stream
	Min, Max  *float64 // range of x, both inclusive; nil: all there is
	Buckets   int      // wanted; 0: 500

	y, x *formula // of an expression in Key and X
}

// The forms in which a panel sends a run.
const (
	ModeGrid    = "grid"    // buckets on the shared grid of steps
	ModeBuckets = "buckets" // buckets with an x of their own
	ModePoints  = "points"  // every point
)

// Panel is one metric of many runs, ready to draw.
type Panel struct {
	Grid Grid       `json:"grid"` // of the runs in grid mode
	X    string     `json:"x"`
	Min  float64    `json:"min"` // range of x over all runs, within the one asked for; 0 and -1 when there is nothing
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
	Total   int64  `json:"total"`             // points in range, special numbers included
	NaN     int64  `json:"nan"`               // of them NaN
	Inf     int64  `json:"inf"`               // of them ±Infinity
	Missing bool   `json:"missing"`           // no such run, or the run has no such key
	Damaged string `json:"damaged,omitempty"` // what of the run cannot be read and so is not shown, in words

	X     []float64 `json:"-"` // buckets: of the last point; points: of each
	Y     []float64 `json:"-"` // points; NaN and ±Infinity kept
	Last  []float32 `json:"-"` // grid and buckets, over finite values; NaN when there are none
	Low   []float32 `json:"-"`
	High  []float32 `json:"-"`
	Count []float32 `json:"-"` // finite values
	Odd   []bool    `json:"-"` // grid: the bucket holds NaN or ±Infinity

	low, high float64 // grid: range of steps that have values
}

// keptTails is how many bytes of tails a panel keeps between looking for the
// range of x and reading; runs beyond it are opened a second time.
const keptTails = 64 << 20

// listedAtOnce is how many runs are listed in one snapshot: their tails are in
// memory together.
const listedAtOnce = 16

// panelRun is a run being read for a panel.
type panelRun struct {
	at      int   // its place in the request
	id      int64 // 0: there is no such run
	created time.Time
	stream  *stream // nil: open it again
	low     int64   // range of steps; low > high: no rows
	high    int64
	rows    int64
	out     *PanelRun
	apart   bool // runs are shown side by side: one that is damaged does not hide the others
}

// Panel reads a metric of many runs on one shared grid (docs/design/012).
// Unknown runs come back as missing. It is Invalid to ask for more than the
// limits above.
func (q *Query) Panel(ctx context.Context, pr PanelRequest) (*Panel, error) {
	if err := pr.check(); err != nil {
		return nil, err
	}
	o, err := q.openRuns(ctx, pr)
	if err != nil {
		return nil, err
	}
	return q.readPanel(ctx, pr, o)
}

// openedRuns are runs looked up and opened: for one panel, or for several.
type openedRuns struct {
	runs  []panelRun
	parts []PanelRun // what of each is known before a metric is read
}

func (q *Query) openRuns(ctx context.Context, pr PanelRequest) (*openedRuns, error) {
	p := &Panel{Runs: make([]PanelRun, len(pr.Runs))}
	runs, err := q.panelRuns(ctx, pr, p)
	if err != nil {
		return nil, err
	}
	for i := range runs {
		runs[i].apart = true
	}
	if err := q.openPanel(ctx, pr, runs); err != nil {
		return nil, err
	}
	return &openedRuns{runs: runs, parts: p.Runs}, nil
}

// readPanel reads a metric of opened runs, which stay as they are.
func (q *Query) readPanel(ctx context.Context, pr PanelRequest, o *openedRuns) (*Panel, error) {
	p := &Panel{X: pr.X, Min: 0, Max: -1, Runs: slices.Clone(o.parts)}
	runs := slices.Clone(o.runs)
	for i := range runs {
		runs[i].out = &p.Runs[i]
	}
	var err error
	if pr.bySteps() {
		err = q.panelBySteps(ctx, pr, p, runs)
	} else {
		err = q.panelByMetric(ctx, pr, p, runs)
	}
	if err != nil {
		return nil, err
	}
	p.findRange()
	return p, nil
}

// check fills in what is left out and says what is too much.
func (pr *PanelRequest) check() error {
	switch {
	case len(pr.Runs) > MaxPanelRuns:
		return ballast.Errorf(ballast.Invalid, "a panel of %d runs: at most %d are allowed", len(pr.Runs), MaxPanelRuns)
	case pr.Key == "":
		return ballast.Errorf(ballast.Invalid, "a panel needs a key")
	case pr.Stream != ballast.History && pr.Stream != ballast.Events:
		return ballast.Errorf(ballast.Invalid, "a panel needs the stream history or events")
	case pr.Buckets < 0 || pr.Buckets > MaxPanelBuckets:
		return ballast.Errorf(ballast.Invalid, "a panel of %d buckets: 1 to %d are allowed", pr.Buckets, MaxPanelBuckets)
	}
	if pr.X == "" {
		pr.X = "_step"
		if pr.Stream == ballast.Events {
			pr.X = "_runtime"
		}
	}
	if pr.Buckets == 0 {
		pr.Buckets = 500
	}
	pr.Buckets = max(1, min(pr.Buckets, MaxPanelCells/max(1, len(pr.Runs))))
	var err error
	if pr.y, err = formulaOf(pr.Key); err != nil {
		return err
	}
	pr.x, err = formulaOf(pr.X)
	return err
}

// bySteps reports whether the shared grid of steps serves: an expression is
// computed row by row, which levels of detail cannot tell.
func (pr *PanelRequest) bySteps() bool { return pr.X == "_step" && pr.y == nil }

// panelRuns looks the runs of a request up.
func (q *Query) panelRuns(ctx context.Context, pr PanelRequest, p *Panel) ([]panelRun, error) {
	refs, err := q.runRefs(ctx, pr.ProjectID, pr.Runs)
	if err != nil {
		return nil, err
	}
	runs := make([]panelRun, len(pr.Runs))
	for i, name := range pr.Runs {
		p.Runs[i] = PanelRun{Run: name, Mode: ModePoints, Missing: true}
		runs[i] = panelRun{at: i, id: refs[name].ID, created: refs[name].Created, out: &p.Runs[i], low: 0, high: -1}
	}
	return runs, nil
}

func (q *Query) runRefs(ctx context.Context, projectID int64, names []string) (refs map[string]meta.RunRef, err error) {
	err = q.db.Read(ctx, func(tx *meta.Tx) error {
		refs, err = tx.RunRefs(projectID, names)
		return err
	})
	return refs, err
}

// openPanel opens every run and finds its range of steps. Runs are listed some
// at a time: one snapshot for each would cost more than what is read in it.
func (q *Query) openPanel(ctx context.Context, pr PanelRequest, runs []panelRun) error {
	kept := newBudget(keptTails)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(q.opt.Workers)
	for part := range slices.Chunk(runs, listedAtOnce) {
		g.Go(func() error {
			views, err := q.listRuns(ctx, pr, part)
			if err != nil {
				return err
			}
			for i := range part {
				r := &part[i]
				v, ok := views[r.id]
				if !ok { // deleted a moment ago
					r.id = 0
					continue
				}
				if err := r.spare(q.openPanelRun(ctx, r, v, kept)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// listRuns returns the streams of those runs that exist.
func (q *Query) listRuns(ctx context.Context, pr PanelRequest, runs []panelRun) (map[int64]*meta.StreamView, error) {
	var ids []int64
	for i := range runs {
		if runs[i].id != 0 {
			ids = append(ids, runs[i].id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var views []meta.StreamView
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		views, err = tx.StreamViews(ids, pr.Stream)
		return err
	})
	if err != nil {
		return nil, err
	}
	byRun := make(map[int64]*meta.StreamView, len(views))
	for i := range views {
		byRun[views[i].Run] = &views[i]
	}
	return byRun, nil
}

// openPanelRun opens one run and keeps it open while the budget lasts.
func (q *Query) openPanelRun(ctx context.Context, r *panelRun, v *meta.StreamView, kept *budget) error {
	s, err := q.openView(ctx, *v)
	if err != nil {
		return err
	}
	low, high, ok, err := s.steps(ctx)
	if err != nil {
		return err
	}
	if ok {
		r.low, r.high, r.rows = low, high, s.visible()
	}
	if kept.take(s.bytes) {
		r.stream = s
	}
	return nil
}

// each calls fn for every run that exists, several at once.
func (q *Query) each(ctx context.Context, runs []panelRun, fn func(context.Context, *panelRun) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(q.opt.Workers)
	for i := range runs {
		if runs[i].id != 0 {
			g.Go(func() error {
				if err := ctx.Err(); err != nil { // another failed, or the reader went away
					return err
				}
				return runs[i].spare(fn(ctx, &runs[i]))
			})
		}
	}
	return g.Wait()
}

// reopen returns the run's stream.
func (q *Query) reopen(ctx context.Context, pr PanelRequest, r *panelRun) (*stream, error) {
	if r.stream != nil {
		return r.stream, nil
	}
	return q.open(ctx, r.id, pr.Stream)
}

// panelBySteps fills a panel whose x is the step: every point when all runs
// have few, otherwise one grid for all.
func (q *Query) panelBySteps(ctx context.Context, pr PanelRequest, p *Panel, runs []panelRun) error {
	low, high, few := stepRange(pr, runs)
	if low > high {
		return nil
	}
	if few = few && len(runs)*fewPoints <= 2*MaxPanelCells; !few {
		grid := history.NewGrid(low, high, pr.Buckets)
		p.Grid = Grid{Start: grid.Start, Width: grid.Width, N: grid.N}
		err := q.each(ctx, runs, func(ctx context.Context, r *panelRun) error {
			s, err := q.reopen(ctx, pr, r)
			if err != nil {
				return err
			}
			return q.firstFound(ctx, s, pr.Stream, pr.Key, func(key string) (bool, error) {
				b, err := s.buckets(ctx, key, grid)
				if err != nil {
					return false, err
				}
				r.out.fillGrid(b)
				return r.out.Total > 0, nil
			})
		})
		if err != nil || !p.fewInAll() {
			return err
		}
	}
	p.Grid = Grid{}
	return q.each(ctx, runs, func(ctx context.Context, r *panelRun) error {
		s, err := q.reopen(ctx, pr, r)
		if err != nil {
			return err
		}
		return q.firstFound(ctx, s, pr.Stream, pr.Key, func(key string) (bool, error) {
			var pts history.Points
			if err := s.series(ctx, key, history.Steps(low, high+1), &pts); err != nil {
				return false, err
			}
			r.out.fillPoints(&pts)
			return r.out.Total > 0, nil
		})
	})
}

// stepRange is the range of steps of all runs within the one asked for, and
// whether all runs have few rows.
func stepRange(pr PanelRequest, runs []panelRun) (low, high int64, few bool) {
	low, high, few = math.MaxInt64, math.MinInt64, true
	for i := range runs {
		if runs[i].low <= runs[i].high {
			low, high = min(low, runs[i].low), max(high, runs[i].high)
			few = few && runs[i].rows < fewPoints
		}
	}
	if pr.Min != nil && *pr.Min > float64(low) {
		low = floatStep(math.Ceil(*pr.Min))
	}
	if pr.Max != nil && *pr.Max < float64(high) {
		high = floatStep(math.Floor(*pr.Max))
	}
	return low, high, few
}

// floatStep is a whole float64 as a step.
func floatStep(f float64) int64 {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// fewInAll reports whether every run turned out to have few points.
func (p *Panel) fewInAll() bool {
	var total int64
	for i := range p.Runs {
		if p.Runs[i].Total >= fewPoints {
			return false
		}
		total += p.Runs[i].Total
	}
	return total <= MaxPanelCells
}

// findRange sets the range of x from what the runs got.
func (p *Panel) findRange() {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range p.Runs {
		r := &p.Runs[i]
		if r.Mode == ModeGrid {
			low, high = min(low, r.low), max(high, r.high)
			continue
		}
		for _, x := range r.X {
			low, high = min(low, x), max(high, x)
		}
	}
	if low <= high {
		p.Min, p.Max = low, high
	}
}
