package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkSeries1M draws one metric of a sealed run of 1,000,000 steps: the
// whole of it from levels of detail, a short range from pages, over a time,
// and as rows for the SDK.
func BenchmarkSeries1M(b *testing.B) {
	s, ctx := newSite(b), context.Background()
	w := s.writer("r")
	random := rand.New(rand.NewPCG(1, 2))
	const n, batch = 1_000_000, 5000
	lines := make([]string, batch)
	for from := 0; from < n; from += batch {
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"loss":%v,"acc":%v,"_runtime":%v,"_step":%d}`, random.Float32(), random.Float64(), float64(from+i)/100, from+i)
		}
		w.send(historyFile, lines...)
		if from/batch%40 == 39 {
			w.seal()
		}
	}
	w.seal()
	low, high := f64(500_000), f64(501_000)
	for _, c := range []struct {
		name string
		pr   PanelRequest
	}{
		{"grid", PanelRequest{Key: "loss", Buckets: 1500}},
		{"range", PanelRequest{Key: "loss", Min: low, Max: high}},
		{"runtime", PanelRequest{Key: "loss", X: "_runtime", Buckets: 1500}},
		{"metric", PanelRequest{Key: "loss", X: "acc", Buckets: 1500}},
	} {
		c.pr.ProjectID, c.pr.Runs = s.project.ID, []string{"r"}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if p, err := s.q.Panel(ctx, c.pr); err != nil || p.Runs[0].Total == 0 {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("sampled", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.Sampled(ctx, w.id, SampleSpec{Keys: []string{"_step", "loss"}}); err != nil || len(rows) != 500 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("history", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.History(ctx, w.id, RowQuery{}); err != nil || len(rows) != 500 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("scan page", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.History(ctx, w.id, RowQuery{MinStep: p64(400_000), MaxStep: p64(401_000)}); err != nil || len(rows) != 1000 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("keys", func(b *testing.B) {
		for b.Loop() {
			if keys, err := s.q.Keys(ctx, w.id); err != nil || len(keys.Keys) != 4 {
				b.Fatal(keys, err)
			}
		}
	})
}
