package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
)

// BenchmarkRowPage prints a page of scan_history: 1,000 steps of 100 keys.
func BenchmarkRowPage(b *testing.B) {
	s, ctx := newSite(b), context.Background()
	const steps, keys = 5000, 100
	w, random := s.writer("rows"), rand.New(rand.NewPCG(1, 2))
	for from := 0; from < steps; from += 1000 {
		var build history.Builder
		for row := range 1000 {
			build.Row()
			build.Number([]byte("_step"), float64(from+row), true)
			for k := range keys {
				build.Number(fmt.Appendf(nil, "train/metric_%d", k), random.NormFloat64(), false)
			}
		}
		rows := &filestream.Rows{Offset: int64(from), Lines: 1000, Chunk: build.Append(nil), FirstHash: build.FirstHash()}
		rows.StepMin, rows.StepMax = build.StepRange()
		if _, err := s.in.Append(ctx, ingest.Request{RunID: w.id, Request: &filestream.Request{History: rows}}); err != nil {
			b.Fatal(err)
		}
	}
	w.seal()
	low, high := int64(2000), int64(3000)
	b.ReportAllocs()
	for b.Loop() {
		rows, err := s.q.History(ctx, w.id, RowQuery{MinStep: &low, MaxStep: &high})
		if err != nil || len(rows) != 1000 {
			b.Fatal(len(rows), err)
		}
	}
	b.ReportMetric(float64(1000*keys*b.N)/b.Elapsed().Seconds(), "points/s")
}
