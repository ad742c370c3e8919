package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
)

// reserveRetry is when a request that there is no memory for is to come back.
const reserveRetry = 2 * time.Second

// Reserve takes bytes of the budget for a body before it is read: the number
// comes from its Content-Length. It waits a few seconds for others to finish;
// then the request is Busy (429), with a time to come back. release gives the
// bytes back and may be called more than once. A body larger than the whole
// budget takes all of it.
func (in *Ingest) Reserve(ctx context.Context, bytes int64) (release func(), err error) {
	bytes = min(max(bytes, 1), in.opt.Budget)
	if !in.budget.TryAcquire(bytes) {
		wait, cancel := context.WithTimeout(ctx, in.opt.Patience)
		defer cancel()
		if err := in.budget.Acquire(wait, bytes); err != nil {
			if ctx.Err() != nil {
				return nil, ballast.Wrap(ballast.Unavailable, ctx.Err(), "the request ended while it waited for memory")
			}
			in.metrics.refused.Inc()
			in.strain.refused.Store(in.now().UnixNano())
			return nil, later(reserveRetry, ballast.Errorf(ballast.Busy, "the server has %d bytes of request bodies in hand, its limit: send it again in %v", in.opt.Budget, reserveRetry))
		}
	}
	in.metrics.inFlight.Add(float64(bytes))
	var once sync.Once
	return func() {
		once.Do(func() {
			in.metrics.inFlight.Sub(float64(bytes))
			in.budget.Release(bytes)
		})
	}, nil
}

// laterError is an error that says when to come back.
type laterError struct {
	fault *ballast.Error
	after time.Duration
}

func later(after time.Duration, err *ballast.Error) error { return &laterError{err, after} }

func (e *laterError) Error() string { return e.fault.Error() }

// RetryAfter is when the request is worth sending again.
func (e *laterError) RetryAfter() time.Duration { return e.after }

// Unwrap lets errors.As find the *ballast.Error.
func (e *laterError) Unwrap() error { return e.fault }
