package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ballast-ml/ballast/internal/history"
)

// lossAt is a noisy loss.
func lossAt(r *rand.Rand, row int) float64 {
	return float64(float32(1/(1+float64(row)/1000) + 0.05*r.NormFloat64()))
}

// measureSeries measures charts of one long series.
func measureSeries(ctx context.Context, o Options, f *Figure) error {
	steps := o.Size.of(20_000, 1_000_000, 1_000_000)
	s, err := filled(ctx, o, "series", func(f *filler) error { return f.long(ctx, "long", steps) })
	if err != nil {
		return err
	}
	defer s.Stop()
	const buckets = 1500
	ask := map[string]any{"project": "bench/series", "runs": []string{"long"}, "key": "loss", "buckets": buckets}
	chart := func() error {
		p, _, err := s.panel(ctx, ask)
		// A bucket at the end of a range reaches beyond it by less than its width.
		if err == nil && (p.Runs[0].Total < int64(steps) || p.Runs[0].Total > int64(steps)+256) {
			err = fmt.Errorf("the chart has %d of %d points", p.Runs[0].Total, steps)
		}
		return err
	}
	cold, err := repeat(ctx, 1, chart)
	if err != nil {
		return err
	}
	warm, err := repeat(ctx, 50, chart)
	if err != nil {
		return err
	}
	// So far in that no level of detail fits: every number is read.
	zoom := min(steps, 380_000) - 1
	ask["max"], steps = zoom, zoom+1
	raw, err := repeat(ctx, 1, chart)
	if err != nil {
		return err
	}
	again, err := repeat(ctx, 20, chart)
	if err != nil {
		return err
	}
	bare, err := echoTime(ctx, 50)
	if err != nil {
		return err
	}
	scan := scanLimit(steps, buckets)
	f.add("warm, levels of detail, median", warm.at(0.5), "ms", 2, true).limited(bare.at(0.5), "ms: a bare HTTP reply of 36 kB")
	f.add("first after the start, levels of detail", cold.at(0), "ms", 150, true)
	f.add(fmt.Sprintf("zoomed to %d steps, all read, pages not in memory", steps), raw.at(0), "ms", 20, true).limited(millis(scan), "ms: a walk over as many numbers in memory")
	f.add("the same again, median", again.at(0.5), "ms", 20, true).limited(millis(scan), "ms: a walk over as many numbers in memory")
	f.memory(s)
	return nil
}

// long makes a sealed run of one noisy series.
func (f *filler) long(ctx context.Context, name string, steps int) error {
	id, err := f.run(ctx, name)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	const portion = 20_000
	for row := 0; row < steps; row += portion {
		if err := f.rows(ctx, id, row, min(portion, steps-row), func(b *history.Builder, row int) {
			b.Number([]byte("loss"), lossAt(r, row), false)
		}); err != nil {
			return err
		}
		if row/portion%50 == 49 { // as the background would
			if err := f.in.Seal(ctx, id); err != nil {
				return err
			}
		}
	}
	return f.seal(ctx, id)
}

// echoTime is how long a server takes that answers at once.
func echoTime(ctx context.Context, n int) (times, error) {
	base, stop, err := startEcho()
	if err != nil {
		return nil, err
	}
	defer stop()
	bare := &Server{URL: base.String()}
	return repeat(ctx, n, func() error {
		_, err := bare.call(ctx, "/", map[string]any{"x": string(make([]byte, 36_000/6))})
		return err
	})
}

// measureCompare measures charts of one metric of many runs: sealed, live, and
// by group.
func measureCompare(ctx context.Context, o Options, f *Figure) error {
	runs, steps := o.Size.of(40, 1000, 1000), o.Size.of(1500, 10_000, 100_000)
	live := steps / 5
	s, err := filled(ctx, o, "compare", func(f *filler) error {
		if err := f.many(ctx, "sealed", runs, steps, true); err != nil {
			return err
		}
		return f.many(ctx, "live", runs, live, false)
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	names := func(kind string) (all []string) {
		for i := range runs {
			all = append(all, fmt.Sprintf("%s-%d", kind, i))
		}
		return all
	}
	chart := func(ask map[string]any, points int64) func() error {
		ask["project"], ask["key"], ask["buckets"] = "bench/compare", "loss", 500
		return func() error {
			p, _, err := s.panel(ctx, ask)
			if err != nil {
				return err
			}
			var total int64
			for _, r := range p.Runs {
				total += r.Total
			}
			for _, g := range p.Groups {
				total += g.Total
			}
			if total != points {
				err = fmt.Errorf("the chart is of %d points, not of %d", total, points)
			}
			return err
		}
	}
	var groups []map[string]any
	for i := 0; i < runs; i += max(1, runs/20) {
		groups = append(groups, map[string]any{"name": fmt.Sprint("group ", i), "runs": names("sealed")[i:min(i+max(1, runs/20), runs)]})
	}
	sealed := int64(runs) * int64(steps)
	scan := millis(scanLimit(int(min(sealed, 50_000_000)), 500)) * float64(sealed) / float64(min(sealed, 50_000_000))
	for _, c := range []struct {
		what   string
		goal   float64
		points int64
		ask    map[string]any
	}{
		{fmt.Sprintf("%d sealed runs of %d steps", runs, steps), 500, sealed, map[string]any{"runs": names("sealed")}},
		{fmt.Sprintf("%d sealed runs, in 20 groups", runs), 500, sealed, map[string]any{"groups": groups}},
		{fmt.Sprintf("%d live runs of %d steps, nothing sealed", runs, live), 1000, int64(runs) * int64(live), map[string]any{"runs": names("live")}},
	} {
		before := cpuOf(s.PID)
		fn := chart(c.ask, c.points)
		first, err := repeat(ctx, 1, fn)
		if err != nil {
			return err
		}
		cold := cpuOf(s.PID) - before
		warm, err := repeat(ctx, 5, fn)
		if err != nil {
			return err
		}
		f.add(c.what+", first", first.at(0), "ms", c.goal, true).limited(scan*float64(c.points)/float64(sealed), "ms: a walk over as many numbers in memory")
		f.add(c.what+", again, median", warm.at(0.5), "ms", c.goal, true).limited(scan*float64(c.points)/float64(sealed), "ms: a walk over as many numbers in memory")
		f.add("  cores' time of the first", millis(cold), "ms", 0, true)
	}
	f.memory(s)
	return nil
}

// many makes runs with a loss and three other metrics.
func (f *filler) many(ctx context.Context, kind string, runs, steps int, sealed bool) error {
	r := rand.New(rand.NewPCG(3, 4))
	keys := [][]byte{[]byte("acc"), []byte("lr"), []byte("epoch")}
	for i := range runs {
		id, err := f.run(ctx, fmt.Sprintf("%s-%d", kind, i))
		if err != nil {
			return err
		}
		stride := 1 + i%3 // runs log at different steps
		const portion = 2000
		for row := 0; row < steps; row += portion {
			if err := f.rows(ctx, id, row, min(portion, steps-row), func(b *history.Builder, row int) {
				b.Number([]byte("_step"), float64(row*stride), true)
				b.Number([]byte("loss"), lossAt(r, row), false)
				b.Number(keys[0], math.Round(r.Float64()*1e4)/1e4, false)
				b.Number(keys[1], math.Cos(float64(row)/1000), false)
				b.Number(keys[2], float64(row/100), true)
			}); err != nil {
				return err
			}
		}
		if sealed {
			if err := f.seal(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureWide measures a row of very many keys.
func measureWide(ctx context.Context, o Options, f *Figure) error {
	keys := o.Size.of(2000, 100_000, 100_000)
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	accepted, first, chart, size, err := wideRow(ctx, s, keys, 5)
	if err != nil {
		return err
	}
	disk, err := diskLimit(s.Dir, make([]byte, size), time.Second)
	if err != nil {
		return err
	}
	f.add(fmt.Sprintf("a row of %d keys accepted, median of 5", keys), accepted.at(0.5), "ms", 500, true).limited(1000/disk, "ms: write and sync of the body")
	f.add("a chart of one of them, first", first.at(0), "ms", 50, true)
	f.add("a chart of one of them, median", chart.at(0.5), "ms", 50, true)
	f.memory(s)
	return nil
}
