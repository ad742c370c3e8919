package ingest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// TestClockStepsBack sets the clock back an hour while rows come, are sealed,
// merged and collected: nothing is lost, no run counts as crashed, and the
// collector takes nothing before its grace.
func TestClockStepsBack(t *testing.T) {
	var offset atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	s := newSite(t, metatest.Open(t), 1, Options{Seal: SealOptions{Wide: 1, Merge: 3}, Now: clock})
	run := s.newRun(t, "r")
	var want []string
	for i := range 40 {
		if i == 20 {
			offset.Store(-int64(time.Hour))
		}
		line := fmt.Sprintf(`{"_step":%d,"loss":%d}`, i, i*3)
		want = append(want, line)
		if _, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", i, line)))); err != nil {
			t.Fatal(err)
		}
		if i%4 != 3 {
			continue
		}
		for _, fn := range []func() error{
			func() error { return s.Seal(t.Context(), run) },
			func() error { return s.Compact(t.Context(), run) },
			func() error { return s.Collect(t.Context()) },
			func() error { return s.SweepTails(t.Context()) },
			func() error { return s.SweepStates(t.Context()) },
		} {
			if err := fn(); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(normal(want), normal(s.rows(t, run, ballast.History))); d != "" {
			t.Fatalf("after row %d (-want +got):\n%s", i, d)
		}
	}
	err := s.meta.Read(t.Context(), func(tx *meta.Tx) error {
		r, err := tx.Run(run)
		if r.Live.State.Ended() {
			t.Errorf("the run is %s", r.Live.State)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
