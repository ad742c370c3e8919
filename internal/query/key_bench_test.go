package query

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
)

// BenchmarkWideRun lists the keys of a run with 100,000 of them and draws one,
// unsealed and sealed.
func BenchmarkWideRun(b *testing.B) {
	s, ctx := newSite(b), context.Background()
	s.q = New(s.db, s.q.stores, memcache.New(64<<20), Options{})
	const keys, rows = 100_000, 5
	w := s.writer("wide")
	for row := range rows {
		var build history.Builder
		build.Row()
		build.Number([]byte("_step"), float64(row), true)
		for k := range keys {
			build.Number(fmt.Appendf(nil, "train/metric_%d", k), float64(k)/float64(row+7), false)
		}
		lines := &filestream.Rows{Offset: int64(row), Lines: 1, Chunk: build.Append(nil), FirstHash: build.FirstHash()}
		lines.StepMin, lines.StepMax = build.StepRange()
		if _, err := s.in.Append(ctx, ingest.Request{RunID: w.id, Request: &filestream.Request{History: lines}}); err != nil {
			b.Fatal(err)
		}
	}
	for _, sealed := range []bool{false, true} {
		if sealed {
			w.seal()
		}
		b.Run(fmt.Sprintf("keys/sealed=%v", sealed), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := s.q.Catalogue(ctx, s.project.ID, []string{"wide"})
				if err != nil || len(c.History) != keys {
					b.Fatal(err)
				}
				if _, err := json.Marshal(c); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("chart/sealed=%v", sealed), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := s.q.Panel(ctx, PanelRequest{ProjectID: s.project.ID, Runs: []string{"wide"}, Key: "train/metric_7", Stream: ballast.History})
				if err != nil || p.Runs[0].Total != rows {
					b.Fatal(err, p)
				}
			}
		})
	}
}
