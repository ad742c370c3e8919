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

// BenchmarkPanel draws one metric of 300 runs of 10,000 steps, sealed: alone
// and in 20 groups, with nothing in memory and again.
func BenchmarkPanel(b *testing.B) {
	s, ctx := newSite(b), context.Background()
	const runs, steps = 300, 10_000
	random := rand.New(rand.NewPCG(1, 2))
	var names []string
	groups := make([]RunGroup, 20)
	for i := range runs {
		w := s.writer(fmt.Sprintf("r%d", i))
		names = append(names, fmt.Sprintf("r%d", i))
		groups[i%20].Runs = append(groups[i%20].Runs, names[i])
		var build history.Builder
		for row := range steps {
			build.Row()
			build.Number([]byte("_step"), float64(row*(1+i%3)), true)
			build.Number([]byte("loss"), float64(random.Float32()), false)
			build.Number([]byte("lr"), random.NormFloat64(), false)
		}
		rows := &filestream.Rows{Lines: steps, Chunk: build.Append(nil), FirstHash: build.FirstHash()}
		rows.StepMin, rows.StepMax = build.StepRange()
		if _, err := s.in.Append(ctx, ingest.Request{RunID: w.id, Request: &filestream.Request{History: rows}}); err != nil {
			b.Fatal(err)
		}
		w.seal()
	}
	ask := PanelRequest{ProjectID: s.project.ID, Key: "loss", Buckets: 500}
	for _, cold := range []bool{true, false} {
		start := func() {
			if cold {
				s.q = New(s.db, s.q.stores, s.q.cache, Options{Workers: 2})
			}
		}
		b.Run(fmt.Sprintf("runs/cold=%v", cold), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				start()
				pr := ask
				pr.Runs = names
				p, err := s.q.Panel(ctx, pr)
				if err != nil || p.Runs[0].Total != steps {
					b.Fatal(err)
				}
				if _, err := p.AppendBinary(nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("groups/cold=%v", cold), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				start()
				p, err := s.q.GroupPanel(ctx, GroupRequest{Panel: ask, Groups: groups})
				if err != nil || p.Groups[0].Total != runs/20*steps {
					b.Fatal(err)
				}
			}
		})
	}
}
