package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"
)

// Growths are the curves: how the figures grow with what is stored or written.
var Growths = []struct {
	Name    string
	Measure func(context.Context, Options) (*Curve, error)
}{
	{"writers", growWriters},
	{"runs", growRuns},
	{"steps", growSteps},
	{"keys", growKeys},
}

// spot appends a measurement to a line of the curve by its name.
func (c *Curve) spot(line string, x, y float64) {
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Name == line })
	if i < 0 {
		i = len(c.Lines)
		c.Lines = append(c.Lines, Line{Name: line})
	}
	c.Lines[i].Points = append(c.Lines[i].Points, Spot{x, y})
}

// sizes picks what is measured: small in tests, the largest only in a nightly
// run.
func (s Size) sizes(small, usual, large []int) []int {
	return [...][]int{Usual: usual, Small: small, Large: large}[s]
}

// growWriters has more and more runs write at once.
func growWriters(ctx context.Context, o Options) (*Curve, error) {
	c := &Curve{Name: "writers", Title: "Runs that write at once", X: "runs", Y: "thousand points/s · ms · MB"}
	for _, n := range o.Size.sizes([]int{2, 4}, []int{10, 100, 1000}, []int{10, 100, 1000}) {
		if err := growWritersBy(ctx, o, c, n); err != nil {
			return nil, fmt.Errorf("%d runs: %w", n, err)
		}
	}
	return c, nil
}

func growWritersBy(ctx context.Context, o Options, c *Curve, n int) error {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	base, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	d := time.Duration(o.Size.of(200, 4000, 8000)) * time.Millisecond
	for _, part := range []struct {
		shape bodyShape
		name  string
	}{{bodyShape{1, 10}, "1 × 10"}, {bodyShape{100, 100}, "100 × 100"}} {
		one := newBody(rand.New(rand.NewPCG(1, uint64(n))), part.shape)
		runs := make([]string, n)
		for i := range runs { // a run of its own for each shape: lines count on
			if runs[i], err = upsertRun(ctx, base, s.Key, "writers", fmt.Sprintf("w%d-%d", part.shape.rows, i)); err != nil {
				return err
			}
		}
		got, err := drive(ctx, base, runs, s.Key, []*body{one}, d)
		if err != nil {
			return err
		}
		var rate IngestRate
		got.fill(&rate, part.shape)
		c.spot("thousand points/s, "+part.name, float64(n), rate.Points/1000)
		c.spot("p99 ms, "+part.name, float64(n), rate.P99)
	}
	_, peak := memoryOf(s.PID)
	c.spot("memory MB", float64(n), float64(peak)/(1<<20))
	return nil
}

// growRuns has more and more runs in a project.
func growRuns(ctx context.Context, o Options) (*Curve, error) {
	c := &Curve{Name: "runs", Title: "Runs in a project, 60 fields each", X: "runs", Y: "ms · MB"}
	for _, n := range o.Size.sizes([]int{100, 400}, []int{1000, 10_000, 100_000}, []int{1000, 10_000, 100_000}) {
		s, err := filled(ctx, o, "table", func(f *filler) error { return f.fields(ctx, n) })
		if err != nil {
			return nil, err
		}
		t, err := askTable(ctx, s, o, n)
		_, peak := memoryOf(s.PID)
		s.Stop()
		if err != nil {
			return nil, fmt.Errorf("%d runs: %w", n, err)
		}
		x := float64(n)
		c.spot("first page", x, t.lean.at(0))
		c.spot("first filter", x, t.cold.at(0))
		c.spot("filter, sort, page", x, t.page.at(0.5))
		c.spot("count", x, t.count.at(0.5))
		c.spot("memory MB", x, float64(peak)/(1<<20))
	}
	return c, nil
}

// growSteps makes a series longer and longer.
func growSteps(ctx context.Context, o Options) (*Curve, error) {
	c := &Curve{Name: "steps", Title: "Steps of one series, 1,500 buckets", X: "steps", Y: "ms"}
	for _, n := range o.Size.sizes([]int{2000, 8000}, []int{100_000, 1_000_000, 10_000_000}, []int{1_000_000, 10_000_000, 100_000_000}) {
		s, err := filled(ctx, o, "series", func(f *filler) error { return f.long(ctx, "long", n) })
		if err != nil {
			return nil, err
		}
		err = growStepsBy(ctx, c, s, n)
		s.Stop()
		if err != nil {
			return nil, fmt.Errorf("%d steps: %w", n, err)
		}
	}
	return c, nil
}

func growStepsBy(ctx context.Context, c *Curve, s *Server, n int) error {
	ask := map[string]any{"project": "bench/series", "runs": []string{"long"}, "key": "loss", "buckets": 1500}
	chart := func() error {
		p, _, err := s.panel(ctx, ask)
		if err == nil && p.Runs[0].Total != int64(n) {
			err = fmt.Errorf("the chart has %d points", p.Runs[0].Total)
		}
		return err
	}
	cold, err := repeat(ctx, 1, chart)
	if err != nil {
		return err
	}
	warm, err := repeat(ctx, 20, chart)
	if err != nil {
		return err
	}
	ask["min"], ask["max"] = n/2, n/2+999
	n = 1000
	zoom, err := repeat(ctx, 20, chart)
	if err != nil {
		return err
	}
	x := float64(ask["min"].(int) * 2)
	c.spot("all, first", x, cold.at(0))
	c.spot("all, again", x, warm.at(0.5))
	c.spot("1,000 points out of the middle", x, zoom.at(0.5))
	return nil
}

// growKeys has more and more keys in a run.
func growKeys(ctx context.Context, o Options) (*Curve, error) {
	c := &Curve{Name: "keys", Title: "Keys in one run", X: "keys", Y: "ms · MB"}
	for _, n := range o.Size.sizes([]int{100, 400}, []int{1000, 10_000, 100_000}, []int{1000, 10_000, 100_000}) {
		s, err := StartServer(ctx, o.Exe, o.Dir)
		if err != nil {
			return nil, err
		}
		accepted, _, chart, _, err := wideRow(ctx, s, n, 5)
		var list times
		if err == nil {
			list, err = repeat(ctx, 3, func() error {
				_, err := s.call(ctx, "/api/keys", map[string]any{"project": "bench/wide", "runs": []string{fmt.Sprintf("wide-%d", n)}})
				return err
			})
		}
		_, peak := memoryOf(s.PID)
		s.Stop()
		if err != nil {
			return nil, fmt.Errorf("%d keys: %w", n, err)
		}
		x := float64(n)
		c.spot("row accepted", x, accepted.at(0.5))
		c.spot("chart of one", x, chart.at(0.5))
		c.spot("list of keys", x, list.at(0.5))
		c.spot("memory MB", x, float64(peak)/(1<<20))
	}
	return c, nil
}
