package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestPurgeKeepsForks deletes a run that another was forked from. With faults
// before and after every step of purge and collector, the fork's rows stay
// whole all the time; at the end only what the fork names is left.
func TestPurgeKeepsForks(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			db := metatest.Open(t)
			s := newSite(t, db, seed, Options{Seal: SealOptions{Wide: 1}, Grace: time.Millisecond, Undelete: time.Millisecond})
			parent := s.newRun(t, "parent")
			for i := range 12 {
				body := files(stream("wandb-history.jsonl", i, fmt.Sprintf(`{"_step":%d,"loss":%d}`, i, i*7)), stream("output.log", i, fmt.Sprint("line ", i)))
				if _, err := s.Append(t.Context(), request(t, parent, body)); err != nil {
					t.Fatal(err)
				}
				if i%4 == 3 {
					if err := s.Seal(t.Context(), parent); err != nil {
						t.Fatal(err)
					}
				}
			}
			child := s.newRun(t, "child")
			at := func(what string, fn func(*meta.Tx) error) {
				t.Helper()
				if err := db.Write(t.Context(), what, fn); err != nil {
					t.Fatal(err)
				}
			}
			at("fork", func(tx *meta.Tx) error { return tx.ForkRows(parent, child, 9, time.Now()) })
			want := s.rows(t, child, ballast.History)
			if len(want) == 0 {
				t.Fatal("the fork has no rows")
			}
			before := s.bucket.count()
			at("delete", func(tx *meta.Tx) error { return tx.DeleteRun(parent, time.Now().Add(-time.Hour)) })
			s.faults.set(0.3)
			for range 40 {
				if err := s.Collect(t.Context()); err != nil && !errors.Is(err, errBroken) {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, s.rows(t, child, ballast.History)); d != "" {
					t.Fatalf("the fork lost rows (-want +got):\n%s", d)
				}
			}
			s.faults.set(0)
			time.Sleep(5 * time.Millisecond)
			if err := s.Collect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, s.rows(t, child, ballast.History)); d != "" {
				t.Errorf("the fork (-want +got):\n%s", d)
			}
			if n := s.bucket.count(); n == 0 || n >= before {
				t.Errorf("%d objects are left of %d", n, before)
			}
			at("delete", func(tx *meta.Tx) error { return tx.DeleteRun(child, time.Now().Add(-time.Hour)) })
			for range 2 { // purged, then collected after the grace
				if err := s.Collect(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Millisecond)
			}
			if n := s.bucket.count(); n != 0 {
				t.Errorf("%d objects are left of runs that are gone", n)
			}
		})
	}
}

// TestHeldObjects: while a backup holds objects, the collector deletes none.
func TestHeldObjects(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Grace: time.Millisecond})
	if err := s.put(t.Context(), "history/1/x", strings.NewReader("x"), 1, "test"); err != nil {
		t.Fatal(err)
	}
	hold := func(until time.Time) {
		t.Helper()
		if err := s.meta.Write(t.Context(), "hold", func(tx *meta.Tx) error { return tx.HoldObjects(until) }); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(5 * time.Millisecond)
	hold(time.Now().Add(300 * time.Millisecond))
	hold(time.Now()) // an earlier end does not shorten it
	if err := s.Collect(t.Context()); err != nil || s.bucket.count() != 1 {
		t.Errorf("a held object was collected: %v", err)
	}
	time.Sleep(350 * time.Millisecond)
	if err := s.Collect(t.Context()); err != nil || s.bucket.count() != 0 {
		t.Errorf("after the hold %d objects are left: %v", s.bucket.count(), err)
	}
}

// TestMergeRate: a merge takes no more than its budget.
func TestMergeRate(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{MergeRate: 1 << 20})
	began := time.Now()
	w := s.paced(t.Context(), io.Discard)
	for range 32 {
		if _, err := w.Write(make([]byte, 8<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("256 KiB at 1 MiB/s took %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.paced(ctx, io.Discard).Write(make([]byte, 1<<20)); !errors.Is(err, context.Canceled) {
		t.Errorf("a merge that was given up: %v", err)
	}
}
