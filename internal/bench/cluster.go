package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// tripDelay is what each round trip to the database takes longer in one of the
// measurements: as to another zone.
const tripDelay = 2 * time.Millisecond

// How many runs send at once, each with one request in flight: as at the server
// on its folder, and as many as a cluster is for. What waits for a commit is
// stored together with the next, so that more in flight hides longer trips.
const (
	fewRuns  = 64
	manyRuns = 512
)

// Cluster measures two replicas on MariaDB, Redis and S3 servers of this
// machine, beside one server on its data folder in the same run.
func Cluster(ctx context.Context, o Options) (*Figure, error) {
	f := &Figure{Name: "cluster", Number: 12, What: "two replicas on MariaDB (flushing at each commit), Redis and S3 of this machine, beside one server on its folder"}
	began := time.Now()
	alone, err := clusterAlone(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("measuring the server on its folder: %w", err)
	}
	r, err := startRig(ctx, o)
	if err != nil {
		return nil, err
	}
	defer r.stop()
	for _, part := range []func(context.Context, Options, *rig, *clusterRates, *Figure) error{clusterIngest, clusterPanels, clusterSeries, clusterTable} {
		if err := part(ctx, o, r, alone, f); err != nil {
			return nil, err
		}
	}
	f.Seconds = time.Since(began).Seconds()
	return f, nil
}

// clusterRates are what servers reach together.
type clusterRates struct{ small, big IngestRate }

func clusterAlone(ctx context.Context, o Options) (*clusterRates, error) {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	return ratesOf(ctx, o, []*Server{s})
}

// ratesOf measures small requests, then big ones.
func ratesOf(ctx context.Context, o Options, all []*Server) (r *clusterRates, err error) {
	r = &clusterRates{}
	if r.small, err = rateOf(ctx, o, all, bodyShape{1, 10}, fewRuns); err == nil {
		r.big, err = rateOf(ctx, o, all, bodyShape{100, 100}, fewRuns)
	}
	return r, err
}

// rateOf drives runs, divided among the servers.
func rateOf(ctx context.Context, o Options, all []*Server, shape bodyShape, runs int) (rate IngestRate, err error) {
	random := rand.New(rand.NewPCG(uint64(shape.rows), uint64(shape.keys)))
	bodies := make([]*body, 4)
	for i := range bodies {
		bodies[i] = newBody(random, shape)
	}
	tag, took := tagged(), time.Duration(o.Size.of(1, 5, 30))*time.Second
	bases, paths := make([]*url.URL, len(all)), make([][]string, len(all))
	for i := range runs {
		k := i % len(all)
		if bases[k], err = url.Parse(all[k].URL); err != nil {
			return rate, err
		}
		path, err := upsertRun(ctx, bases[k], all[k].Key, "bench", fmt.Sprintf("%s-%d", tag, i))
		if err != nil {
			return rate, err
		}
		paths[k] = append(paths[k], path)
	}
	parts := make([]*driven, len(all))
	g, gctx := errgroup.WithContext(ctx)
	for k := range all {
		g.Go(func() (err error) {
			parts[k], err = drive(gctx, bases[k], paths[k], all[k].Key, bodies, took)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return rate, err
	}
	sum := &driven{}
	for _, p := range parts {
		sum.seconds = max(sum.seconds, p.seconds)
		sum.took, sum.again = append(sum.took, p.took...), sum.again+p.again
	}
	sum.fill(&rate, shape)
	return rate, nil
}

// clusterIngest compares one replica, two, and two whose database is further
// away.
func clusterIngest(ctx context.Context, o Options, r *rig, alone *clusterRates, f *Figure) error {
	on := func(n int, addr string, measure func([]*Server) error) error {
		all, err := r.replicas(ctx, n, addr)
		if err != nil {
			return err
		}
		defer stopAll(all)
		err = measure(all)
		for _, s := range all {
			f.memory(s)
		}
		if err != nil {
			return fmt.Errorf("measuring %d replicas: %w", n, err)
		}
		return nil
	}
	var one, two *clusterRates
	var many, far, farMany IngestRate
	err := on(1, r.mysql.Addr, func(all []*Server) (err error) {
		one, err = ratesOf(ctx, o, all)
		return err
	})
	if err != nil {
		return err
	}
	err = on(2, r.mysql.Addr, func(all []*Server) (err error) {
		if two, err = ratesOf(ctx, o, all); err == nil {
			many, err = rateOf(ctx, o, all, bodyShape{1, 10}, manyRuns)
		}
		return err
	})
	if err != nil {
		return err
	}
	d, err := startDelayer(r.mysql.Addr, tripDelay)
	if err != nil {
		return err
	}
	defer d.Close()
	err = on(2, d.Addr().String(), func(all []*Server) (err error) {
		if far, err = rateOf(ctx, o, all, bodyShape{1, 10}, fewRuns); err == nil {
			farMany, err = rateOf(ctx, o, all, bodyShape{1, 10}, manyRuns)
		}
		return err
	})
	if err != nil {
		return err
	}
	const embedded = ": one server on its folder"
	f.add("durable points, two replicas", two.big.Points, "points/s", 1_000_000, false).limited(alone.big.Points, "points/s"+embedded)
	f.add(fmt.Sprintf("small requests of %d runs, two replicas", fewRuns), two.small.PerSecond, "1/s", 4000, false).limited(alone.small.PerSecond, "1/s"+embedded)
	f.add("  p99 of them", two.small.P99, "ms", 0, true).limited(alone.small.P99, "ms"+embedded)
	f.add(fmt.Sprintf("  of %d runs", manyRuns), many.PerSecond, "1/s", 4000, false)
	f.add(fmt.Sprintf("small requests of %d runs, each database trip 2 ms longer", manyRuns), farMany.PerSecond, "1/s", 4000, false).limited(many.PerSecond, "1/s: without the 2 ms")
	f.add(fmt.Sprintf("  of %d runs", fewRuns), far.PerSecond, "1/s", 0, false).limited(two.small.PerSecond, "1/s: without the 2 ms")
	f.add("points of two replicas, in those of one on the same cores", two.big.Points/one.big.Points, "", 0.9, false)
	f.add("small requests of two replicas, in those of one", two.small.PerSecond/one.small.PerSecond, "", 0.9, false)
	f.add("memory of a replica under that load, most", float64(f.Peak>>20), "MB", 400, true)
	return nil
}

// clusterPanels loads the charts of a project at a replica that was just
// started, with an empty Redis and with a warm one.
func clusterPanels(ctx context.Context, o Options, r *rig, _ *clusterRates, f *Figure) error {
	runs, shown, steps := o.Size.of(200, 10_000, 10_000), o.Size.of(40, 1000, 1000), o.Size.of(200, 2000, 2000)
	fill, err := r.filler(ctx, "compare")
	if err != nil {
		return err
	}
	err = fill.many(ctx, "sealed", shown, steps, true)
	if err == nil {
		err = fill.bare(ctx, runs-shown)
	}
	fill.close()
	if err != nil {
		return fmt.Errorf("filling a project of %d runs: %w", runs, err)
	}
	var names []string
	for i := range shown {
		names = append(names, fmt.Sprintf("sealed-%d", i))
	}
	load := func() (time.Duration, error) {
		all, err := r.replicas(ctx, 1, r.mysql.Addr)
		if err != nil {
			return 0, err
		}
		defer stopAll(all)
		began := time.Now()
		for _, key := range []string{"loss", "acc", "lr", "epoch"} {
			p, _, err := all[0].panel(ctx, map[string]any{"project": "bench/compare", "runs": names, "key": key, "buckets": 500})
			if err != nil {
				return 0, err
			}
			var total int64
			for _, run := range p.Runs {
				total += run.Total
			}
			if want := int64(shown) * int64(steps); total != want {
				return 0, fmt.Errorf("the chart of %s is of %d points, not of %d", key, total, want)
			}
		}
		return time.Since(began), nil
	}
	var empty, warm times
	for range 3 {
		if err := r.clear(ctx); err != nil {
			return err
		}
		for _, all := range []*times{&empty, &warm} {
			took, err := load()
			if err != nil {
				return err
			}
			*all = append(*all, took)
		}
	}
	slices.Sort(empty)
	slices.Sort(warm)
	what := fmt.Sprintf("four charts of %d runs (project of %d), replica just started", shown, runs)
	f.add(what+", Redis empty", empty.at(0.5), "ms", 0, true)
	f.add(what+", Redis warm", warm.at(0.5), "ms", 0, true)
	f.add("  so many times faster with a warm Redis", empty.at(0.5)/warm.at(0.5), "", 3, false)
	return nil
}

// bare makes runs without history.
func (f *filler) bare(ctx context.Context, runs int) error {
	for made := 0; made < runs; made += 1000 {
		err := f.db.Write(ctx, "make runs", func(tx *meta.Tx) error {
			for i := range min(1000, runs-made) {
				if _, err := tx.CreateRun(ballast.Run{ProjectID: f.project.ID, Name: fmt.Sprintf("bare-%d", made+i)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// clusterSeries reads one long series cold from S3.
func clusterSeries(ctx context.Context, o Options, r *rig, _ *clusterRates, f *Figure) error {
	steps := o.Size.of(20_000, 1_000_000, 1_000_000)
	fill, err := r.filler(ctx, "series")
	if err != nil {
		return err
	}
	err = fill.long(ctx, "long", steps)
	fill.close()
	if err != nil {
		return fmt.Errorf("filling a series of %d steps: %w", steps, err)
	}
	var cold times
	for range 3 {
		if err := r.clear(ctx); err != nil {
			return err
		}
		all, err := r.replicas(ctx, 1, r.mysql.Addr)
		if err != nil {
			return err
		}
		began := time.Now()
		p, _, err := all[0].panel(ctx, map[string]any{"project": "bench/series", "runs": []string{"long"}, "key": "loss", "buckets": 1500})
		cold = append(cold, time.Since(began))
		stopAll(all)
		if err == nil && p.Runs[0].Total < int64(steps) {
			err = fmt.Errorf("the chart has %d of %d points", p.Runs[0].Total, steps)
		}
		if err != nil {
			return err
		}
	}
	slices.Sort(cold)
	f.add(fmt.Sprintf("one series of %d steps cold from S3, replica just started", steps), cold.at(0.5), "ms", 150, true)
	return nil
}

// clusterTable asks for pages of a large run table.
func clusterTable(ctx context.Context, o Options, r *rig, _ *clusterRates, f *Figure) error {
	runs := o.Size.of(500, 100_000, 100_000)
	fill, err := r.filler(ctx, "table")
	if err != nil {
		return err
	}
	err = fill.fields(ctx, runs)
	fill.close()
	if err != nil {
		return fmt.Errorf("filling a table of %d runs: %w", runs, err)
	}
	all, err := r.replicas(ctx, 1, r.mysql.Addr)
	if err != nil {
		return err
	}
	defer stopAll(all)
	t, err := askTable(ctx, all[0], o, runs)
	if err != nil {
		return err
	}
	f.add(fmt.Sprintf("run table of %d runs: filter by three, sort, a page; median", runs), t.page.at(0.5), "ms", 150, true)
	f.add("  the first question after a start", t.cold.at(0), "ms", 0, true)
	return nil
}

// ClusterPage is docs/performance-cluster.md.
func (r *Report) ClusterPage(f *Figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Performance of a cluster\n\nWritten by `ballast bench --cluster --out docs`; do not edit.\n\n%s: %s.\n\n", f.Name, f.What)
	r.machine(&b)
	fmt.Fprintf(&b, " Replicas, services and clients share the cores.\n\n| | reached | goal | | beside, of the same run |\n|---|---|---|---|---|\n")
	for _, v := range f.Values {
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %s |\n", v.What, quantity(v.Value), v.Unit, v.goal(), v.verdict(), v.beside())
	}
	return b.Bytes()
}
