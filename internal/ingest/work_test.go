package ingest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/google/go-cmp/cmp"
)

// TestRunSealsWhatEnded lets the jobs run: a run that ended is sealed, merged
// and its console folded without anyone asking, and a lost message is made up
// for by the sweep.
func TestRunSealsWhatEnded(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db, 1, Options{Seal: SealOptions{Ended: time.Millisecond}})
		run, lost := s.newRun(t, "r"), s.newRun(t, "lost")
		var want []string
		for i := range 5 {
			want = append(want, fmt.Sprintf(`{"_step":%d,"x":%d.5}`, i, i))
			body := files(stream("wandb-history.jsonl", i, want[i]), stream("output.log", i, fmt.Sprint("line ", i)))
			for _, id := range []int64{run, lost} {
				if _, err := s.Append(t.Context(), request(t, id, body)); err != nil {
					t.Fatal(err)
				}
			}
		}
		// The end of one run is stored without a push, as by a server that died.
		if err := db.Write(t.Context(), "ending", func(tx *meta.Tx) error {
			_, err := tx.AppendStreams([]meta.Append{{Run: lost, Complete: true}}, s.now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), request(t, run, `{"complete":true,"exitcode":0}`)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		defer func() { stop(); <-done }()
		for _, id := range []int64{run, lost} {
			s.awaitSealed(t, id)
			if d := cmp.Diff(normal(want), normal(s.rows(t, id, ballast.History))); d != "" {
				t.Errorf("run %d (-want +got):\n%s", id, d)
			}
		}
	})
}

// awaitSealed waits until a run has no tail and one version of its console.
func (s *site) awaitSealed(t *testing.T, run int64) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var v meta.StreamView
		var c meta.ConsoleView
		err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) {
			if v, err = tx.StreamView(run, ballast.History); err == nil {
				c, err = tx.ConsoleView(run, 0, -1)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Tail) == 0 && len(v.Segments) == 1 && len(c.Chunks) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("run %d: %d chunks, %d segments, %d versions of the console", run, len(v.Tail), len(v.Segments), len(c.Chunks))
		}
	}
}

// TestLostLeaseChangesNothing lets a worker finish after its lease went to
// another.
func TestLostLeaseChangesNothing(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db, 1, Options{Seal: tiny})
		run := s.newRun(t, "r")
		if _, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", 0, `{"a":1}`))+``)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), request(t, run, `{"complete":true,"exitcode":0}`)); err != nil {
			t.Fatal(err)
		}
		if err := s.queue.Push(t.Context(), queue.Job{Queue: "test", Name: runName(run)}); err != nil {
			t.Fatal(err)
		}
		late, ok, err := s.queue.Pull(t.Context(), "test", time.Nanosecond)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		time.Sleep(2 * time.Millisecond)
		now, ok, err := s.queue.Pull(t.Context(), "test", time.Minute)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := s.sealJob(t.Context(), late); !ballast.Is(err, ballast.Conflict) {
			t.Errorf("the late worker: %v, want a conflict", err)
		}
		if v := s.live(t, run); v.Rows != 1 {
			t.Errorf("rows %d", v.Rows)
		}
		var segments []meta.Segment
		read := func() {
			t.Helper()
			if err := db.Read(t.Context(), func(tx *meta.Tx) (err error) { segments, err = tx.Segments(run, ballast.History); return err }); err != nil {
				t.Fatal(err)
			}
		}
		if read(); len(segments) != 0 {
			t.Errorf("the late worker made %d segments visible", len(segments))
		}
		if err := s.sealJob(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if read(); len(segments) != 1 {
			t.Errorf("%d segments, want 1", len(segments))
		}
	})
}

// TestMergeable checks which neighbours become one segment.
func TestMergeable(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	of := func(levels ...int) (all []meta.Segment) {
		for i, l := range levels {
			all = append(all, meta.Segment{Row0: int64(i), Level: l, Points: 1000})
		}
		return all
	}
	big := of(0, 0, 0, 0, 0, 0, 0, 0)
	for i := range big {
		big[i].Points = maxMerged / 2
	}
	for _, tt := range []struct {
		name     string
		segments []meta.Segment
		ended    bool
		from, to int
	}{
		{"none", nil, true, 0, 0},
		{"too few", of(0, 0, 0, 0, 0, 0, 0), false, 0, 0},
		{"eight", of(0, 0, 0, 0, 0, 0, 0, 0, 0), false, 0, 8},
		{"eight behind a large one", of(1, 0, 0, 0, 0, 0, 0, 0, 0), false, 1, 9},
		{"not across levels", of(0, 0, 0, 0, 1, 0, 0, 0, 0), false, 0, 0},
		{"level 2 stays", of(2, 2, 2, 2, 2, 2, 2, 2), true, 0, 0},
		{"all of an ended run", of(2, 1, 0, 0), true, 1, 4},
		{"one of an ended run", of(0), true, 0, 0},
		{"too large together", big, false, 0, 0},
		{"large, ended", big, true, 0, 2},
	} {
		if from, to := s.mergeable(tt.segments, tt.ended); from != tt.from || to != tt.to {
			t.Errorf("%s: [%d, %d), want [%d, %d)", tt.name, from, to, tt.from, tt.to)
		}
	}
}
