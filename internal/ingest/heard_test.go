package ingest

import (
	"context"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestListen: a run that a server without jobs put off does not crash, although
// another process looks for silent ones.
func TestListen(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		at := newClock()
		o := Options{CrashAfter: time.Minute, Now: at.Now}
		server, worker := newSite(t, db, 1, o), newSite(t, db, 2, o)
		heard, silent := server.newRun(t, "heard"), server.newRun(t, "silent")
		sweep := func() {
			t.Helper()
			if err := worker.SweepStates(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			sweep()
			at.pass(30 * time.Second)
		}
		server.Heard(heard)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); server.Listen(ctx) }()
		defer func() { stop(); <-done }()
		for end := time.Now().Add(10 * time.Second); server.live(t, heard).Heartbeat.Before(at.Now().Add(-time.Second)); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("what the server heard is not stored")
			}
		}
		sweep()
		for run, want := range map[int64]ballast.State{heard: ballast.Running, silent: ballast.Crashed} {
			if got := server.live(t, run).State; got != want {
				t.Errorf("run %d is %s, want %s", run, got, want)
			}
		}
	})
}

// TestSweepWithoutWrites: while the store takes no writes nothing counts as
// having listened, and so nothing as silent just after.
func TestSweepWithoutWrites(t *testing.T) {
	at := newClock()
	s := newSite(t, metatest.Open(t), 1, Options{CrashAfter: time.Minute, Now: at.Now})
	run := s.newRun(t, "r")
	for range 4 {
		if err := s.SweepStates(t.Context()); err != nil {
			t.Fatal(err)
		}
		at.pass(19 * time.Second)
	}
	s.faults.set(2) // each write breaks before it begins
	if err := s.SweepStates(t.Context()); err == nil {
		t.Fatal("the sweep wrote to a store that takes no writes")
	}
	s.faults.set(0)
	at.pass(15 * time.Second)
	if err := s.SweepStates(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.live(t, run).State; got != ballast.Running {
		t.Errorf("just after the store took writes again the run is %s", got)
	}
}
