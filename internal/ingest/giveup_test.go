package ingest

import (
	"context"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue"
)

// pullTest pushes a job and takes it.
func (s *site) pullTest(t *testing.T, name string, lease time.Duration) queue.Lease {
	t.Helper()
	if err := s.queue.Push(t.Context(), queue.Job{Queue: "test", Name: name}); err != nil {
		t.Fatal(err)
	}
	l, ok, err := s.queue.Pull(t.Context(), "test", lease)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return l
}

// TestGivenUp: a job that fails by itself often enough is given up with its
// reason; one that fails since something does not answer never is.
func TestGivenUp(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tries int
		err   error
		dead  int
	}{
		{"often", mostTries, ballast.Errorf(ballast.Damaged, "the rows are damaged"), 1},
		{"a panic", mostTries + 5, ballast.Errorf(ballast.Internal, "panic"), 1},
		{"not yet", mostTries - 1, ballast.Errorf(ballast.Damaged, "the rows are damaged"), 0},
		{"an outage", 1000, ballast.Errorf(ballast.Unavailable, "the bucket does not answer"), 0},
		{"throttled", 1000, ballast.Errorf(ballast.Busy, "slow down"), 0},
		{"a stop", 1000, context.Canceled, 0},
		{"done", 1000, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, metatest.Open(t), 1, Options{})
			l := s.pullTest(t, "run/1", time.Minute)
			l.Tries = tt.tries
			s.finish(t.Context(), l, tt.err)
			dead, err := s.queue.Dead(t.Context())
			if err != nil || len(dead) != tt.dead {
				t.Fatalf("%d jobs are given up, want %d (%v)", len(dead), tt.dead, err)
			}
			if len(dead) > 0 && dead[0].Fault != tt.err.Error() {
				t.Errorf("the reason is %q, want %q", dead[0].Fault, tt.err)
			}
		})
	}
}

// TestOutagesDoNotCount: after any number of outages, which wait longer and
// longer, a job has all its tries.
func TestOutagesDoNotCount(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	if err := s.queue.Push(t.Context(), queue.Job{Queue: "test", Name: "run/1"}); err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	try := func(fault error) {
		t.Helper()
		l, ok, err := s.queue.Pull(t.Context(), "test", time.Minute)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		l.Holder = atOnce{l.Holder, &waits}
		s.finish(t.Context(), l, fault)
	}
	for range mostTries + 2 {
		try(ballast.Errorf(ballast.Unavailable, "the bucket does not answer"))
	}
	if waits[0] != 2*time.Second || waits[3] != 16*time.Second || waits[mostTries] != time.Minute {
		t.Errorf("the job waits %v", waits)
	}
	for i := range mostTries {
		if dead, err := s.queue.Dead(t.Context()); err != nil || len(dead) != 0 {
			t.Fatalf("given up after %d faults of its own: %v", i, err)
		}
		try(ballast.Errorf(ballast.Damaged, "the rows are damaged"))
	}
	if dead, err := s.queue.Dead(t.Context()); err != nil || len(dead) != 1 {
		t.Errorf("%d jobs are given up after %d faults, want 1 (%v)", len(dead), mostTries, err)
	}
}

// atOnce notes how long a job is to wait, and makes it due at once.
type atOnce struct {
	queue.Holder
	waits *[]time.Duration
}

func (h atOnce) Fail(ctx context.Context, l queue.Lease, cause error, _ time.Duration) error {
	return h.Holder.Fail(ctx, l, cause, 0)
}

func (h atOnce) PutOff(ctx context.Context, l queue.Lease, cause error, after time.Duration) error {
	*h.waits = append(*h.waits, after)
	return h.Holder.PutOff(ctx, l, cause, 0)
}

// extension tells of each time that a lease is extended.
type extension struct {
	queue.Holder
	extended chan time.Duration
}

func (h extension) Extend(ctx context.Context, l queue.Lease, lease time.Duration) error {
	err := h.Holder.Extend(ctx, l, lease)
	if err == nil {
		h.extended <- lease
	}
	return err
}

// TestLeaseIsHeld: the lease of a job is extended while it is worked on, and a
// job that another took is broken off.
func TestLeaseIsHeld(t *testing.T) {
	const lease = time.Second
	s := newSite(t, metatest.Open(t), 1, Options{Lease: lease})
	l := s.pullTest(t, "run/1", lease)
	h := extension{l.Holder, make(chan time.Duration, 1000)}
	l.Holder = h
	err := s.hold(t.Context(), l, func(context.Context, queue.Lease) error {
		for range 3 {
			select {
			case by := <-h.extended:
				if by != lease {
					t.Errorf("extended by %v", by)
				}
			case <-time.After(30 * time.Second):
				t.Error("the lease is not extended")
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("the long job: %v", err)
	}
	if err := l.Done(t.Context()); err != nil {
		t.Errorf("the long job is not its worker's any more: %v", err)
	}

	l = s.pullTest(t, "run/2", lease)
	err = s.hold(t.Context(), l, func(ctx context.Context, l queue.Lease) error {
		if err := l.Done(ctx); err != nil { // as if another had taken it
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(30 * time.Second):
			return nil
		}
	})
	if !ballast.Is(err, ballast.Conflict) {
		t.Errorf("the job that was lost: %v, want a conflict", err)
	}
}
