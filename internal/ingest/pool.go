package ingest

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Bounds of a pool.
const (
	poolRequests = 512
	poolBytes    = 4 << 20
	// maxAlone is how many requests of a failing pool are tried one by one
	// before the rest is given the same fault: it is the store then.
	maxAlone = 16
)

// pool collects requests while the commit before them is under way.
type pool struct {
	in      *Ingest
	waiting chan *waiting
	began   atomic.Int64 // when the pool that is being stored began to be, in nanoseconds; 0: none is
}

// waiting is a request that waits for its commit.
type waiting struct {
	append meta.Append
	since  time.Time
	answer meta.Appended
	err    error
	done   chan struct{}
}

func newPool(in *Ingest) *pool {
	return &pool{in: in, waiting: make(chan *waiting, poolRequests)}
}

// do queues a request and waits until it is durable. Once it is queued the
// outcome is waited for even when ctx ends: an answer never contradicts what
// is stored.
func (p *pool) do(ctx context.Context, a meta.Append) (meta.Appended, error) {
	w := &waiting{append: a, since: time.Now(), done: make(chan struct{})}
	select {
	case <-p.in.closed:
		return meta.Appended{}, errClosed()
	default:
	}
	select {
	case p.waiting <- w:
	case <-ctx.Done():
		return meta.Appended{}, ballast.Wrap(ballast.Unavailable, ctx.Err(), "the request ended while it waited to be stored")
	case <-p.in.closed:
		return meta.Appended{}, errClosed()
	}
	select {
	case <-w.done:
	case <-p.in.closed: // queued too late, perhaps
		select {
		case <-w.done:
		case <-time.After(closePatience):
			return meta.Appended{}, errClosed()
		}
	}
	return w.answer, w.err
}

// closePatience is how long a request that was queued while the write path
// closed waits for the last commit.
const closePatience = 10 * time.Second

func errClosed() error {
	return later(2*time.Second, ballast.Errorf(ballast.Unavailable, "the server is shutting down: send it again"))
}

// run commits pools until the write path is closed and nothing waits.
func (p *pool) run() {
	for {
		var first *waiting
		select {
		case first = <-p.waiting:
		case <-p.in.closed:
			select {
			case first = <-p.waiting:
			default:
				return
			}
		}
		batch, began := p.collect(first), p.in.now()
		p.began.Store(began.UnixNano())
		p.in.commit(batch)
		p.began.Store(0)
		p.in.strain.stored(batch, began, p.in.now())
	}
}

// collect takes what waits, up to the bounds. Before it takes less than a full
// pool it lets handlers that are ready to run queue theirs: a commit costs about
// as much as twenty requests in it.
func (p *pool) collect(first *waiting) []*waiting {
	batch, bytes, yielded := []*waiting{first}, first.bytes(), false
	for len(batch) < poolRequests && bytes < poolBytes {
		select {
		case w := <-p.waiting:
			batch = append(batch, w)
			bytes += w.bytes()
		default:
			if yielded {
				return batch
			}
			yielded = true
			runtime.Gosched()
		}
	}
	return batch
}

func (w *waiting) bytes() int {
	n := len(w.append.Summary)
	if w.append.History != nil {
		n += len(w.append.History.Data)
	}
	if w.append.Events != nil {
		n += len(w.append.Events.Data)
	}
	if w.append.Output != nil {
		n += len(w.append.Output.Data)
	}
	return n
}

// commit stores a pool and answers everyone in it.
func (in *Ingest) commit(batch []*waiting) {
	began := time.Now()
	in.slow.Store(int64(began.Sub(batch[0].since)))
	alone := 0
	in.store(batch, &alone)
	in.metrics.commit.Observe(time.Since(began).Seconds())
	in.metrics.pool.Observe(float64(len(batch)))
	for _, w := range batch {
		close(w.done)
	}
}

// store stores requests in one transaction. When that fails it tries halves,
// so that only the bad one fails. A repeated transaction does no harm, also
// when the one before was stored after all: the offsets tell.
func (in *Ingest) store(batch []*waiting, alone *int) {
	appends := make([]meta.Append, len(batch))
	for i, w := range batch {
		appends[i] = w.append
	}
	var answers []meta.Appended
	err := in.db.Write(context.Background(), "storing rows", func(tx *meta.Tx) error {
		var err error
		answers, err = tx.AppendStreams(appends, in.now())
		return err
	})
	switch {
	case err == nil:
		for i, w := range batch {
			w.answer, w.err = answers[i], nil
		}
	case len(batch) == 1 || *alone > maxAlone:
		*alone++
		in.log.Error("storing rows failed", "run", batch[0].append.Run, "requests", len(batch), "error", err)
		for _, w := range batch {
			w.err = ours(err)
		}
	default:
		half := len(batch) / 2
		in.store(batch[:half], alone)
		in.store(batch[half:], alone)
	}
}

// ours makes the store's fault one that the client tries again: whatever kind
// it has, the request did nothing wrong, and another kind would end its run
// for good.
func ours(err error) error {
	switch ballast.KindOf(err) {
	case ballast.Internal, ballast.Busy, ballast.Unavailable:
		return err
	}
	return ballast.Wrap(ballast.Internal, err, "storing rows failed")
}
