package query

import (
	"context"
	"math"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

// RunGroup is a named set of runs that a grouped panel draws as one line.
type RunGroup struct {
	Name string   `json:"name"`
	Runs []string `json:"runs"` // run names (ids of the SDK)
}

// GroupRequest asks for statistics of one metric over groups of runs.
type GroupRequest struct {
	Panel  PanelRequest // its Runs are not used
	Groups []RunGroup   // MaxPanelRuns members at most, all groups together
}

// GroupPanel is one metric over groups of runs, ready to draw. How a run's
// value in a bucket is found: docs/design/090.
type GroupPanel struct {
	X      string      `json:"x"`
	Min    float64     `json:"min"` // range of x over all runs, within the one asked for; 0 and -1 when there is nothing
	Max    float64     `json:"max"`
	Start  float64     `json:"start"` // bucket i is [Start+i*Width, Start+(i+1)*Width)
	Width  float64     `json:"width"` // 0: there is nothing
	Groups []GroupLine `json:"groups"`
}

// GroupLine is a group's part of a panel: N places, x ascending, those buckets
// that at least one of its runs reaches.
type GroupLine struct {
	Name    string `json:"name"`
	N       int    `json:"n"`
	Runs    int    `json:"runs"`    // members with at least one point in range
	Missing int    `json:"missing"` // members that are not there or have no point in range
	Total   int64  `json:"total"`   // points of all members, special numbers included
	NaN     int64  `json:"nan"`
	Inf     int64  `json:"inf"`

	X      []float64 `json:"-"` // end of the bucket, at most GroupPanel.Max
	Mean   []float32 `json:"-"` // over the runs' values
	Low    []float32 `json:"-"` // of every value that was logged there
	High   []float32 `json:"-"`
	Stddev []float32 `json:"-"` // of the runs' values, n-1; 0 for one run
	Stderr []float32 `json:"-"`
	Median []float32 `json:"-"`
	Count  []float32 `json:"-"` // runs that have a value there
}

// GroupPanel reads a metric of many runs and sums it up by group. It is
// Invalid to ask for more than the limits of a panel; unknown runs are counted
// as missing.
func (q *Query) GroupPanel(ctx context.Context, gr GroupRequest) (*GroupPanel, error) {
	pr, members, err := gr.plan()
	if err != nil {
		return nil, err
	}
	runs, p, err := q.runLines(ctx, pr)
	if err != nil {
		return nil, err
	}
	p.Groups = make([]GroupLine, len(gr.Groups))
	for i, g := range gr.Groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.Groups[i] = GroupLine{Name: g.Name}
		p.Groups[i].sumUp(p, members[i], runs)
	}
	return p, nil
}

// plan checks the request and returns one for each run once, and the places of
// each group's members in it.
func (gr GroupRequest) plan() (PanelRequest, [][]int, error) {
	pr, n := gr.Panel, 0
	pr.Runs = nil
	members, place := make([][]int, len(gr.Groups)), map[string]int{}
	for i, g := range gr.Groups {
		if n += len(g.Runs); n > MaxPanelRuns {
			return pr, nil, ballast.Errorf(ballast.Invalid, "groups of more than %d runs together; ask for fewer groups at a time", MaxPanelRuns)
		}
		for _, name := range g.Runs {
			at, ok := place[name]
			if !ok {
				at = len(pr.Runs)
				place[name], pr.Runs = at, append(pr.Runs, name)
			}
			members[i] = append(members[i], at)
		}
	}
	if len(gr.Groups) > MaxPanelRuns {
		return pr, nil, ballast.Errorf(ballast.Invalid, "%d groups: at most %d are allowed", len(gr.Groups), MaxPanelRuns)
	}
	err := pr.check()
	return pr, members, err
}

// runLine is what one run brings into its groups: a place for each bucket.
type runLine struct {
	value, low, high []float64 // NaN: nothing there. Empty: the run has no points
	total, nan, inf  int64
}

// cell is a run's part of one bucket.
type cell struct{ last, low, high float64 }

var noCell = cell{math.NaN(), math.NaN(), math.NaN()}

func newRunLine(n int) runLine {
	all := make([]float64, 3*n)
	for i := range all {
		all[i] = math.NaN()
	}
	return runLine{value: all[:n:n], low: all[n : 2*n : 2*n], high: all[2*n:]}
}

// add takes in what comes at a place after what was there.
func (l *runLine) add(i int, c cell) {
	if c.last != c.last {
		return
	}
	if l.value[i] != l.value[i] {
		l.low[i], l.high[i] = c.low, c.high
	}
	l.value[i], l.low[i], l.high[i] = c.last, min(l.low[i], c.low), max(l.high[i], c.high)
}

// bridge fills the buckets between two values of the run by a straight line,
// but for those in which it logged only what is no finite number.
func (l *runLine) bridge(odd []bool) {
	last := -1
	for i, v := range l.value {
		if v != v {
			continue
		}
		for j := last + 1; last >= 0 && j < i; j++ {
			if odd == nil || !odd[j] {
				at := float64(j-last) / float64(i-last)
				f := l.value[last]*(1-at) + v*at
				l.value[j], l.low[j], l.high[j] = f, f, f
			}
		}
		last = i
	}
}

// runLines reads every run of a request onto one grid.
func (q *Query) runLines(ctx context.Context, pr PanelRequest) ([]runLine, *GroupPanel, error) {
	p := &Panel{X: pr.X, Min: 0, Max: -1, Runs: make([]PanelRun, len(pr.Runs))}
	runs, err := q.panelRuns(ctx, pr, p)
	if err != nil {
		return nil, nil, err
	}
	if err := q.openPanel(ctx, pr, runs); err != nil {
		return nil, nil, err
	}
	out := &GroupPanel{X: pr.X, Min: 0, Max: -1}
	lines := make([]runLine, len(runs))
	if pr.bySteps() {
		err = q.linesBySteps(ctx, pr, out, runs, lines)
	} else {
		err = q.linesByMetric(ctx, pr, out, p, runs, lines)
	}
	return lines, out, err
}

// linesBySteps reads the runs onto a grid of steps.
func (q *Query) linesBySteps(ctx context.Context, pr PanelRequest, out *GroupPanel, runs []panelRun, lines []runLine) error {
	low, high, _ := stepRange(pr, runs)
	if low > high {
		return nil
	}
	grid := history.NewGrid(low, high, pr.Buckets)
	out.Start, out.Width = float64(grid.Start), float64(grid.Width)
	ranges := make([][2]int64, len(runs))
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
			at := r.at
			lines[at], ranges[at] = lineOf(b)
			return lines[at].total > 0, nil
		})
	})
	if err != nil {
		return err
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range lines {
		if lines[i].total > 0 {
			first, last = min(first, ranges[i][0]), max(last, ranges[i][1])
		}
	}
	if first <= last {
		out.Min, out.Max = float64(first), float64(last)
	}
	return nil
}

// lineOf turns buckets into a run's line and its range of steps.
func lineOf(b *history.Buckets) (runLine, [2]int64) {
	l, odd := newRunLine(len(b.Buckets)), make([]bool, len(b.Buckets))
	steps := [2]int64{math.MaxInt64, math.MinInt64}
	for i := range b.Buckets {
		k := &b.Buckets[i]
		if k.Count == 0 {
			continue
		}
		l.total, l.nan, l.inf = l.total+k.Count, l.nan+k.NaN, l.inf+k.Inf
		steps = [2]int64{min(steps[0], k.FirstStep), max(steps[1], k.LastStep)}
		odd[i] = k.Count == k.NaN+k.Inf
		l.add(i, cell{k.Last, k.Min, k.Max})
	}
	l.bridge(odd)
	return l, steps
}

// linesByMetric reads the runs over a time or a metric: each as a panel shows
// it, then onto equal buckets of x.
func (q *Query) linesByMetric(ctx context.Context, pr PanelRequest, out *GroupPanel, p *Panel, runs []panelRun, lines []runLine) error {
	n := pr.Buckets
	// A run's own buckets are finer than the grid's, so that they fall where
	// they belong but for the width of one of them.
	pr.Buckets = min(4*n, MaxPanelBuckets, max(n, MaxPanelCells/max(1, len(runs))))
	if err := q.panelByMetric(ctx, pr, p, runs); err != nil {
		return err
	}
	p.findRange()
	out.Min, out.Max = p.Min, p.Max
	if p.Min > p.Max {
		return nil
	}
	out.Start, out.Width = p.Min, math.Nextafter((p.Max-p.Min)/float64(n), math.Inf(1))
	if p.Max == p.Min {
		out.Width, n = 1, 1
	}
	for i := range p.Runs {
		if r := &p.Runs[i]; r.Total > 0 {
			lines[i] = r.onto(out, n)
		}
		p.Runs[i] = PanelRun{} // memory
	}
	return nil
}

// onto lays points or buckets of a run onto a grid of n buckets.
func (r *PanelRun) onto(g *GroupPanel, n int) runLine {
	l, odd := newRunLine(n), make([]bool, n)
	l.total, l.nan, l.inf = r.Total, r.NaN, r.Inf
	for j, x := range r.X {
		i := min(int((x-g.Start)/g.Width), n-1)
		c := noCell
		switch {
		case r.Mode == ModeBuckets:
			c = cell{float64(r.Last[j]), float64(r.Low[j]), float64(r.High[j])}
		case r.Y[j]-r.Y[j] == 0:
			c = cell{r.Y[j], r.Y[j], r.Y[j]}
		}
		odd[i] = odd[i] || c.last != c.last
		l.add(i, c)
	}
	l.bridge(odd)
	return l
}
