package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// naiveLine is a run's value, lowest and highest in each of n buckets, by a
// place function, with straight lines between.
func naiveLine(pts []point, n int, place func(point) int) (value, low, high []float64) {
	in := make([][]point, n)
	for _, p := range pts {
		if i := place(p); i >= 0 && i < n {
			in[i] = append(in[i], p)
		}
	}
	value, low, high = make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range in {
		s := sumOf(in[i])
		value[i], low[i], high[i] = s.last, s.low, s.high
	}
	logged := slices.Clone(value)
	for i := range value {
		if len(in[i]) > 0 {
			continue
		}
		a, b := i, i
		for a >= 0 && logged[a] != logged[a] {
			a--
		}
		for b < n && logged[b] != logged[b] {
			b++
		}
		if a >= 0 && b < n {
			f := logged[a] + (logged[b]-logged[a])*float64(i-a)/float64(b-a)
			value[i], low[i], high[i] = f, f, f
		}
	}
	return value, low, high
}

func near(a, b float64) bool { return math.Abs(a-b) <= 2e-6*max(1e-3, math.Abs(a), math.Abs(b)) }

// checkGroup compares a line with the naive statistics of its members.
func checkGroup(t *testing.T, what string, g *GroupLine, n int, members [][3][]float64) {
	t.Helper()
	at := 0
	for i := range n {
		var vs []float64
		low, high := math.Inf(1), math.Inf(-1)
		for _, m := range members {
			if v := m[0][i]; v == v {
				vs, low, high = append(vs, v), min(low, m[1][i]), max(high, m[2][i])
			}
		}
		if len(vs) == 0 {
			continue
		}
		if at >= g.N {
			t.Fatalf("%s: %d places, more are due", what, g.N)
		}
		mean, sq := 0.0, 0.0
		for _, v := range vs {
			mean += v / float64(len(vs))
		}
		for _, v := range vs {
			sq += (v - mean) * (v - mean)
		}
		slices.Sort(vs)
		median := (vs[(len(vs)-1)/2] + vs[len(vs)/2]) / 2
		std := 0.0
		if len(vs) > 1 {
			std = math.Sqrt(sq / float64(len(vs)-1))
		}
		want := []float64{mean, low, high, std, std / math.Sqrt(float64(len(vs))), median, float64(len(vs))}
		for c, col := range g.columns() {
			if got := float64((*col)[at]); !near(got, want[c]) {
				t.Fatalf("%s: bucket %d column %d is %v, want %v of %v", what, i, c, got, want[c], vs)
			}
		}
		at++
	}
	if at != g.N {
		t.Errorf("%s: %d places, want %d", what, g.N, at)
	}
}

func TestGroupPanelAgainstNaive(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	model, names := map[string][]modelRow{}, []string{}
	for i := range 6 {
		layout := layouts[i%len(layouts)]
		name := fmt.Sprintf("r%d", i)
		model[name] = modelRows(1500+700*i, uint64(30+i))
		s.writer(name).write(model[name], 170, layout.sealed)
		names = append(names, name)
	}
	groups := []RunGroup{{"odd", []string{"r1", "r3", "r5", "nobody"}}, {"even", []string{"r0", "r2", "r4"}}, {"all", names}, {"one", []string{"r2"}}, {"none", nil}}
	ask := func(pr PanelRequest) *GroupPanel {
		t.Helper()
		pr.ProjectID = s.project.ID
		p, err := s.q.GroupPanel(ctx, GroupRequest{Panel: pr, Groups: groups})
		if err != nil {
			t.Fatal(err)
		}
		data, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeGroupPanel(data)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.AppendBinary(nil); err != nil || !bytes.Equal(twice, data) {
			t.Errorf("packing changes it: %v", err)
		}
		for cut := range min(len(data), 40) {
			if _, err := DecodeGroupPanel(data[:len(data)-1-cut]); err == nil {
				t.Fatalf("%d of %d bytes are accepted", len(data)-1-cut, len(data))
			}
		}
		return p
	}
	for _, key := range []string{"loss", "acc", "count", "dict.b"} {
		for _, buckets := range []int{1, 40, 300, 9000} {
			p := ask(PanelRequest{Key: key, Buckets: buckets})
			n := int((p.Max-p.Start)/p.Width) + 1
			for i, g := range groups {
				var members [][3][]float64
				var total int64
				for _, name := range g.Runs {
					pts := pointsOf(model[name], key, "_step")
					total += int64(len(pts))
					v, l, h := naiveLine(pts, n, func(pt point) int { return int((float64(pt.step) - p.Start) / p.Width) })
					members = append(members, [3][]float64{v, l, h})
				}
				checkGroup(t, fmt.Sprintf("%s of %s in %d buckets", key, g.Name, buckets), &p.Groups[i], n, members)
				if p.Groups[i].Total != total {
					t.Errorf("%s of %s: %d points, want %d", key, g.Name, p.Groups[i].Total, total)
				}
			}
			if p.Groups[0].Missing != 1 || p.Groups[0].Runs != 3 {
				t.Errorf("a run that is not there: %+v", p.Groups[0])
			}
		}
	}
	// Over a metric; with few points each place is exact.
	p := ask(PanelRequest{Key: "acc", X: "_runtime", Buckets: 50})
	for i, g := range groups {
		var members [][3][]float64
		for _, name := range g.Runs {
			v, l, h := naiveLine(pointsOf(model[name], "acc", "_runtime"), 50, func(pt point) int { return min(49, int((pt.x-p.Start)/p.Width)) })
			members = append(members, [3][]float64{v, l, h})
		}
		checkGroup(t, "acc over _runtime of "+g.Name, &p.Groups[i], 50, members)
	}
	// Many points: every one is counted, and the spikes are there.
	p = ask(PanelRequest{Key: "loss", X: "_timestamp", Buckets: 100})
	low, high := math.Inf(1), math.Inf(-1)
	for _, name := range names {
		for _, pt := range pointsOf(model[name], "loss", "_timestamp") {
			if pt.y-pt.y == 0 {
				low, high = min(low, pt.y), max(high, pt.y)
			}
		}
	}
	if g := p.Groups[2]; slices.Min(g.Low) != float32(low) || slices.Max(g.High) != float32(high) {
		t.Errorf("extremes are %v and %v, want %v and %v", slices.Min(g.Low), slices.Max(g.High), low, high)
	}
	if p := ask(PanelRequest{Key: "no.where"}); p.Min <= p.Max || p.Groups[2].Missing != 6 {
		t.Errorf("a key that nobody has: %+v", p)
	}
}

func TestGroupPanelLimits(t *testing.T) {
	s := newSite(t)
	many := make([]string, MaxPanelRuns+1)
	for _, gr := range []GroupRequest{
		{Panel: PanelRequest{Key: "k"}, Groups: []RunGroup{{"a", many}}},
		{Panel: PanelRequest{Key: "k"}, Groups: make([]RunGroup, MaxPanelRuns+1)},
		{Groups: []RunGroup{{"a", []string{"r"}}}},
	} {
		gr.Panel.ProjectID = s.project.ID
		if _, err := s.q.GroupPanel(context.Background(), gr); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%d groups of key %q: %v", len(gr.Groups), gr.Panel.Key, err)
		}
	}
	w := s.writer("r")
	w.write(modelRows(2000, 1), 100, layouts[2].sealed)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.q.GroupPanel(ctx, GroupRequest{Panel: PanelRequest{ProjectID: s.project.ID, Key: "loss"}, Groups: []RunGroup{{"a", []string{"r"}}}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the reader went away: %v", err)
	}
}

// stuckBucket answers no read before the reader goes away.
type stuckBucket struct {
	blob.Bucket
	asked chan struct{}
}

func (b stuckBucket) Get(ctx context.Context, _ string, _, _ int64) (io.ReadCloser, error) {
	b.asked <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestPanelGivenUp: when the browser goes away its panels are given up at once,
// whatever they wait for.
func TestPanelGivenUp(t *testing.T) {
	s := newSite(t)
	var names []string
	for i := range 20 {
		w := s.writer(fmt.Sprint("r", i))
		w.write(modelRows(300, uint64(i)), 300, layouts[1].sealed)
		names = append(names, fmt.Sprint("r", i))
	}
	stuck := stuckBucket{s.q.stores[0], make(chan struct{}, 100)}
	q := New(s.db, map[int]blob.Bucket{0: stuck}, s.q.cache, Options{Workers: 2})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := q.GroupPanel(ctx, GroupRequest{Panel: PanelRequest{ProjectID: s.project.ID, Key: "loss"}, Groups: []RunGroup{{"all", names}}})
		done <- err
	}()
	<-stuck.asked
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the reader went away: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the panel goes on without a reader")
	}
	if n := len(stuck.asked); n > 2 {
		t.Errorf("%d more objects were asked for", n)
	}
}
