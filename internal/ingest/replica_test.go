package ingest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// TestTwoReplicas sends every request to two replicas of one store at once, as
// a load balancer that repeats requests does, for several runs at a time.
func TestTwoReplicas(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		a := newSite(t, db, 1, Options{Committers: 3})
		b := newSite(t, db, 2, Options{Committers: 2})
		const runs, requests, rows = 6, 15, 3
		var all sync.WaitGroup
		ids := make([]int64, runs)
		for i := range ids {
			ids[i] = a.newRun(t, fmt.Sprint("r", i))
		}
		for _, run := range ids {
			all.Go(func() {
				for n := range requests {
					var lines []string
					for i := range rows {
						lines = append(lines, fmt.Sprintf(`{"_step":%d,"run":%d}`, n*rows+i, run))
					}
					req := request(t, run, files(stream("wandb-history.jsonl", n*rows, lines...), stream("output.log", n, fmt.Sprint("line ", n))))
					var both sync.WaitGroup
					for _, s := range []*site{a, b} {
						both.Go(func() {
							if _, err := s.Append(t.Context(), req); err != nil {
								t.Errorf("run %d, request %d: %v", run, n, err)
							}
						})
					}
					both.Wait()
				}
			})
		}
		all.Wait()
		for _, run := range ids {
			var want []string
			for n := range requests * rows {
				want = append(want, fmt.Sprintf(`{"_step":%d,"run":%d}`, n, run))
			}
			if d := cmp.Diff(normal(want), normal(a.rows(t, run, ballast.History))); d != "" {
				t.Errorf("run %d (-want +got):\n%s", run, d)
			}
		}
	})
}
