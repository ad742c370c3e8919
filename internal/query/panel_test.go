package query

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// point is a naive point of a panel.
type point struct {
	step int64
	x, y float64
}

// pointsOf are the points of a key over an x, in row order.
func pointsOf(rows []modelRow, key, x string) []point {
	var pts []point
	for _, r := range rows {
		y, ok := r.number(key)
		at, hasX := float64(r.step), true
		if x != "_step" {
			at, hasX = r.number(x)
		}
		if ok && hasX && at-at == 0 {
			pts = append(pts, point{r.step, at, y})
		}
	}
	return pts
}

// sum is a naive bucket.
type sum struct {
	last, low, high, count float64
	odd                    bool
	x                      float64
}

func sumOf(pts []point) sum {
	s := sum{last: math.NaN(), low: math.NaN(), high: math.NaN()}
	for _, p := range pts {
		if p.y-p.y != 0 {
			s.odd = true
			if s.count == 0 {
				s.x = p.x
			}
			continue
		}
		if s.count == 0 {
			s.low, s.high = p.y, p.y
		}
		s.last, s.low, s.high, s.x = p.y, min(s.low, p.y), max(s.high, p.y), p.x
		s.count++
	}
	return s
}

func (s sum) same(last, low, high, count float32) bool {
	eq := func(a float64, b float32) bool { return float32(a) == b || a != a && b != b }
	return eq(s.last, last) && eq(s.low, low) && eq(s.high, high) && eq(s.count, count)
}

// checkGrid compares a run's part of a panel by steps with the naive buckets.
func checkGrid(t *testing.T, what string, g Grid, r *PanelRun, pts []point) {
	t.Helper()
	if r.Mode != ModeGrid || r.N != g.N {
		t.Fatalf("%s: mode %s of %d on a grid of %d", what, r.Mode, r.N, g.N)
	}
	var total, nan, inf int64
	in := make([][]point, r.N)
	for _, p := range pts {
		if i := (p.step - g.Start) / g.Width; p.step >= g.Start && i < int64(r.N) {
			in[i] = append(in[i], p)
			total++
			nan += int64(btoi(p.y != p.y))
			inf += int64(btoi(math.IsInf(p.y, 0)))
		}
	}
	for i := range r.N {
		if want := sumOf(in[i]); !want.same(r.Last[i], r.Low[i], r.High[i], r.Count[i]) || want.odd != r.Odd[i] {
			t.Fatalf("%s: bucket %d is last %v min %v max %v count %v odd %v, want %+v", what, i, r.Last[i], r.Low[i], r.High[i], r.Count[i], r.Odd[i], want)
		}
	}
	if r.Total != total || r.NaN != nan || r.Inf != inf {
		t.Errorf("%s: %d points, %d NaN, %d infinite, want %d %d %d", what, r.Total, r.NaN, r.Inf, total, nan, inf)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func f64(f float64) *float64 { return &f }

func TestPanelAgainstNaive(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	model, runs := map[string][]modelRow{}, []string{"nobody"}
	for i, layout := range layouts {
		name := fmt.Sprintf("r%d", i)
		model[name] = modelRows(4000+1000*i, uint64(10+i))
		s.writer(name).write(model[name], 170, layout.sealed)
		runs = append(runs, name)
	}
	panel := func(pr PanelRequest) *Panel {
		t.Helper()
		pr.ProjectID = s.project.ID
		if pr.Runs == nil {
			pr.Runs = runs
		}
		p, err := s.q.Panel(ctx, pr)
		if err != nil {
			t.Fatal(err)
		}
		data, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodePanel(data)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.AppendBinary(nil); err != nil || !bytes.Equal(twice, data) {
			t.Errorf("packing changes a panel of %s: %v", pr.Key, err)
		}
		return p
	}
	for _, buckets := range []int{1, 7, 100, 900, 10_000} {
		for _, key := range []string{"loss", "acc", "count", "dict.b"} {
			p := panel(PanelRequest{Key: key, Buckets: buckets})
			if !p.Runs[0].Missing {
				t.Errorf("a run that is not there is not missing")
			}
			if p.Runs[1].Mode == ModePoints { // accuracies: few in every run
				if key != "acc" {
					t.Errorf("%s comes as points", key)
				}
				continue
			}
			for i, name := range runs[1:] {
				checkGrid(t, fmt.Sprintf("%s of %s in %d buckets", key, layouts[i].name, buckets), p.Grid, &p.Runs[i+1], pointsOf(model[name], key, "_step"))
			}
			if p.Grid.N > max(2, buckets) {
				t.Errorf("%d buckets were asked for, %d came", buckets, p.Grid.N)
			}
		}
	}
	// A range: the grid covers it, and not much more.
	p := panel(PanelRequest{Key: "loss", Buckets: 50, Min: f64(1000), Max: f64(4999.5)})
	for i, name := range runs[1:] {
		checkGrid(t, "a range of "+layouts[i].name, p.Grid, &p.Runs[i+1], pointsOf(model[name], "loss", "_step"))
	}
	if end := p.Grid.Start + int64(p.Grid.N)*p.Grid.Width; p.Grid.Start > 1000 || p.Grid.Start < 1000-p.Grid.Width || end <= 4999 || end > 5000+p.Grid.Width {
		t.Errorf("the grid of steps 1000 to 4999 is %+v", p.Grid)
	}
	// A short range: every point of every run.
	for _, x := range []string{"_step", "_runtime", "count"} {
		p = panel(PanelRequest{Key: "loss", X: x, Min: f64(300), Max: f64(700)})
		for i, name := range runs[1:] {
			want := PanelRun{Run: name, Mode: ModePoints}
			for _, pt := range pointsOf(model[name], "loss", x) {
				if pt.x >= 300 && pt.x <= 700 {
					want.X, want.Y = append(want.X, pt.x), append(want.Y, pt.y)
					want.NaN += int64(btoi(pt.y != pt.y))
					want.Inf += int64(btoi(math.IsInf(pt.y, 0)))
				}
			}
			want.N, want.Total = len(want.X), int64(len(want.X))
			if diff := cmp.Diff(want, p.Runs[i+1], cmpopts.EquateNaNs(), cmpopts.IgnoreUnexported(PanelRun{})); diff != "" {
				t.Errorf("points of %s over %s: %s", layouts[i].name, x, diff)
			}
		}
	}
	if p := panel(PanelRequest{Key: "loss", Min: f64(1e9)}); p.Min <= p.Max {
		t.Errorf("a range beyond the data has x from %v to %v", p.Min, p.Max)
	}
	for _, key := range []string{"no.where", "dict.a.b"} {
		if p := panel(PanelRequest{Key: key}); !p.Runs[1].Missing {
			t.Errorf("a key that is not there: %+v", p.Runs[1])
		}
	}
	if p := panel(PanelRequest{Key: "nowhere"}); !p.Runs[1].Missing || p.Runs[1].Total != 0 {
		t.Errorf("a key that is not there: %+v", p.Runs[1])
	}
	if p := panel(PanelRequest{Key: "word"}); !p.Runs[1].Missing {
		t.Errorf("a key of texts: %+v", p.Runs[1])
	}
}

// checkMetric compares buckets over another metric with the points.
func checkMetric(t *testing.T, what string, r *PanelRun, pts []point) {
	t.Helper()
	if r.Mode != ModeBuckets {
		t.Fatalf("%s: mode %s", what, r.Mode)
	}
	var finite, total float64
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	last := math.Inf(-1)
	for i := range r.N {
		if r.X[i] < last {
			t.Fatalf("%s: x falls from %v to %v", what, last, r.X[i])
		}
		last = r.X[i]
		finite += float64(r.Count[i])
		if r.Count[i] > 0 {
			low, high = min(low, r.Low[i]), max(high, r.High[i])
		}
	}
	want := sumOf(pts)
	if total = float64(len(pts)); finite != want.count || float64(r.Total) != total || float64(low) != float64(float32(want.low)) || high != float32(want.high) {
		t.Errorf("%s: %v of %v points, min %v, max %v, want %v of %v, %v, %v", what, finite, r.Total, low, high, want.count, total, want.low, want.high)
	}
}

func TestPanelOverMetrics(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	rows := modelRows(6000, 3)
	w := s.writer("r")
	w.write(rows, 500, layouts[2].sealed)
	ask := func(pr PanelRequest) *PanelRun {
		t.Helper()
		pr.ProjectID, pr.Runs = s.project.ID, []string{"r"}
		p, err := s.q.Panel(ctx, pr)
		if err != nil {
			t.Fatal(err)
		}
		return &p.Runs[0]
	}
	for _, x := range []string{"_runtime", "_timestamp", "count", "dict.a"} {
		r := ask(PanelRequest{Key: "loss", X: x, Buckets: 200})
		checkMetric(t, "loss over "+x, r, pointsOf(rows, "loss", x))
		if r.N > 200 || x != "dict.a" && r.N < 150 {
			t.Errorf("over %s: %d buckets for 200", x, r.N)
		}
	}
	// Seconds since the run was created.
	var created time.Time
	page, err := s.q.Runs(ctx, s.project.ID, RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	created = page.Runs[0].Created
	r := ask(PanelRequest{Key: "loss", X: "_absolute_runtime", Buckets: 100})
	if got, want := r.X[len(r.X)-1], 1.7e9+0.5*5999-float64(created.UnixMicro())/1e6; math.Abs(got-want) > 2 {
		t.Errorf("the last point is %v s after the run's creation, want %v", got, want)
	}
	// Pairs of buckets, as a long run has them, count the same points.
	st, err := s.q.open(ctx, w.id, ballast.History)
	if err != nil {
		t.Fatal(err)
	}
	low, high, _, err := st.steps(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"_runtime", "count", "dict.a"} {
		run := panelRun{low: low, high: high, out: &PanelRun{}}
		ok, err := s.q.pairBuckets(ctx, PanelRequest{Key: "loss", X: x, Buckets: 200}, st, xAxis{key: x, low: math.Inf(-1), high: math.Inf(1)}, &run)
		if err != nil || ok != (x != "dict.a") {
			t.Errorf("pairs over %s: %v, %v", x, ok, err)
		}
		if ok {
			checkMetric(t, "pairs over "+x, run.out, pointsOf(rows, "loss", x))
		}
		run.out = &PanelRun{}
		pr := PanelRequest{Key: "loss", X: x, Buckets: 200, Min: f64(1000), Max: f64(2500)}
		ok, err = s.q.pairBuckets(ctx, pr, st, axisOf(pr, &run), &run)
		if err != nil || ok != (x != "dict.a") {
			t.Errorf("pairs over a range of %s: %v, %v", x, ok, err)
		}
		if ok && (run.out.X[0] < 990 || run.out.X[run.out.N-1] > 2550 || run.out.Total < 1000) {
			t.Errorf("pairs over a range of %s: from %v to %v, %d points", x, run.out.X[0], run.out.X[run.out.N-1], run.out.Total)
		}
	}
}

func TestPanelOfEvents(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	for i := range 30 {
		w.send(eventsFile, fmt.Sprintf(`{"_wandb":true,"_runtime":%d,"_timestamp":%d,"system.cpu":%d}`, 15*i, 1700000000+15*i, i))
		if i == 20 {
			w.seal()
		}
	}
	for x, want := range map[string]float64{"": 15 * 29, "_timestamp": 1700000000 + 15*29, "_step": 29} {
		p, err := s.q.Panel(ctx, PanelRequest{ProjectID: s.project.ID, Runs: []string{"r"}, Key: "system.cpu", X: x, Stream: ballast.Events})
		if err != nil {
			t.Fatal(err)
		}
		if r := p.Runs[0]; r.N != 30 || r.Y[29] != 29 || r.X[29] != want || p.Max != want {
			t.Errorf("over %q: %+v", x, p)
		}
	}
}

func TestPanelLimits(t *testing.T) {
	s := newSite(t)
	for what, pr := range map[string]PanelRequest{
		"no key": {}, "runs": {Key: "x", Runs: make([]string, 1001)}, "buckets": {Key: "x", Buckets: 10_001}, "stream": {Key: "x", Stream: ballast.Output},
	} {
		if _, err := s.q.Panel(context.Background(), pr); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	pr := PanelRequest{Key: "x", Runs: make([]string, 1000), Buckets: 10_000}
	if err := pr.check(); err != nil || pr.Buckets*1000 > MaxPanelCells {
		t.Errorf("1000 runs get %d buckets each, %v", pr.Buckets, err)
	}
}

func TestCatalogue(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	a, b := s.writer("a"), s.writer("b")
	s.run(ballast.Run{Name: "c", Config: []byte(`{"_wandb":{"value":{"m":[{"1":"epoch"},{"2":"val/*","5":1},{"1":"secret","6":[2]}]}}}`)}, "")
	c := &writer{site: s, lines: map[string]int{}}
	page, err := s.q.Runs(ctx, s.project.ID, RunQuery{Filter: []byte(`{"name":"c"}`)})
	if err != nil {
		t.Fatal(err)
	}
	c.id = page.Runs[0].ID
	a.send(historyFile, `{"loss":1,"_step":0}`)
	a.seal()
	b.send(historyFile, `{"loss":2,"img":{"_type":"image-file","path":"x"},"word":"x","_step":0}`)
	b.send(eventsFile, `{"system.cpu":3,"_wandb":true}`)
	c.send(historyFile, `{"epoch":1,"val/loss":2,"secret":true,"_step":0}`)
	epoch := "epoch"
	want := &Catalogue{
		History: []CatalogueKey{{Key: "epoch", Type: "number", Runs: 1}, {Key: "img", Type: "media:image-file", Runs: 1}, {Key: "loss", Type: "number", Runs: 2},
			{Key: "secret", Type: "bool", Runs: 1, Hidden: true}, {Key: "val/loss", Type: "number", Runs: 1, Step: &epoch}, {Key: "word", Type: "string", Runs: 1}},
		Events: []CatalogueKey{{Key: "system.cpu", Type: "number", Runs: 1}},
	}
	for range 2 { // the second time from the cache
		got, err := s.q.Catalogue(ctx, s.project.ID, []string{"a", "b", "c", "nobody"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	a.send(historyFile, `{"new":1,"_step":1}`)
	got, err := s.q.Catalogue(ctx, s.project.ID, []string{"a"})
	if err != nil || len(got.History) != 2 {
		t.Errorf("a key logged a moment ago is missing: %+v, %v", got, err)
	}
}
