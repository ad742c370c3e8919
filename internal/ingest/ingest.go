// Package ingest is the write path: requests become durable rows (Append),
// rows become immutable objects (Seal), small objects become large ones
// (Compact), and the states of runs follow their heartbeats.
//
// A request waits in the open pool until the commit before it is done; then
// the whole pool is stored in one transaction and every waiting request is
// answered. There is no timer: the previous commit is the wait. Nothing is
// answered before it is durable.
//
// Background work is a job each, named by its run, in the queues "seal",
// "console" and "compact"; a sweep every minute pushes again what a lost
// message missed. A job reads, puts an object, and then swaps one pointer in a
// transaction that checks that nothing changed, so it may be done any number
// of times, by any number of workers.
//
// The metrics are documented in metrics.go.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/prometheus/client_golang/prometheus"
)

// Options are the settings of the write path; zero fields take the defaults.
type Options struct {
	Store      int                 // the id of the bucket's store
	Stores     map[int]blob.Bucket // every store, for the collector; default: only the bucket
	Committers int                 // pools at once; default 1: right for SQLite. 2 to 4 suit MySQL
	Budget     int64               // bytes of bodies in flight, 32 MiB
	Patience   time.Duration       // how long a request waits for a part of the budget, 5 s
	CrashAfter time.Duration       // silence after which a run counts as crashed, 5 minutes
	Undelete   time.Duration       // how long rows set aside are kept, 30 days
	MergeRate  int64               // bytes a second that merging segments writes at most, 16 MiB
	Grace      time.Duration       // how long an object that no row names is kept, 24 hours
	Poll       time.Duration       // how often an idle worker looks for a job, 2 s
	Lease      time.Duration       // how long a worker that fell silent keeps a job, 2 minutes
	Seal       SealOptions
	Log        *slog.Logger
	Metrics    prometheus.Registerer // nil: the metrics are counted but not registered
	Now        func() time.Time
}

// SealOptions say when a tail becomes a segment.
type SealOptions struct {
	Bytes   int64         // of chunks, 2 MiB
	Chunks  int           // 256
	Ended   time.Duration // after the run's end, 30 s
	Age     time.Duration // of the oldest chunk, 1 hour
	Small   int64         // below this a live run's chunks are folded, not sealed: 256 KiB
	Wide    int64         // wide rows (under 64 values a key) wait for this many bytes: 32 MiB
	Merge   int           // segments of a level that are merged into one, 8
	Levels  int           // levels above which nothing is merged, 2
	Window  int64         // console lines at the end that may still be rewritten, 2000
	BlockOf int           // console lines of a block, 4096
	Late    time.Duration // how long lines of a hole are waited for before rows behind it are sealed, 1 hour
}

func (o *Options) fill(bucket blob.Bucket) {
	def(&o.Committers, 1)
	def(&o.Budget, 32<<20)
	def(&o.Patience, 5*time.Second)
	def(&o.CrashAfter, 5*time.Minute)
	def(&o.Undelete, 30*24*time.Hour)
	def(&o.Grace, 24*time.Hour)
	def(&o.MergeRate, 16<<20)
	def(&o.Poll, 2*time.Second)
	def(&o.Lease, 2*time.Minute)
	s := &o.Seal
	def(&s.Bytes, 2<<20)
	def(&s.Chunks, 256)
	def(&s.Ended, 30*time.Second)
	def(&s.Age, time.Hour)
	def(&s.Small, 256<<10)
	def(&s.Wide, 32<<20)
	def(&s.Merge, 8)
	def(&s.Levels, 2)
	def(&s.Window, 2000)
	def(&s.BlockOf, 4096)
	def(&s.Late, time.Hour)
	if o.Stores == nil {
		o.Stores = map[int]blob.Bucket{o.Store: bucket}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func def[T int | int64 | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// store is what the write path needs of the metadata store; tests put faults
// around it.
type store interface {
	Read(ctx context.Context, fn func(*meta.Tx) error) error
	Write(ctx context.Context, what string, fn func(*meta.Tx) error) error
	Ping(ctx context.Context) error
}

// Ingest is the open write path. It is safe for concurrent use.
type Ingest struct {
	db      store
	bucket  blob.Bucket
	queue   queue.Queue
	opt     Options
	log     *slog.Logger
	now     func() time.Time
	metrics *metrics
	budget  *semaphore.Weighted
	pools   []*pool
	pushes  chan queue.Job
	wake    map[string]chan struct{}
	pushed  pushed
	slow    atomic.Int64 // how long the last pool's oldest request had waited, in nanoseconds
	ready   readiness
	heard   heard
	strain  strain
	flood   flood
	outages outages
	closing sync.Once
	closed  chan struct{}
	done    sync.WaitGroup
}

// Open starts the committers. The caller runs [Ingest.Run] beside it and ends
// with [Ingest.Close].
func Open(_ context.Context, db *meta.DB, bucket blob.Bucket, q queue.Queue, o Options) (*Ingest, error) {
	if db == nil || bucket == nil || q == nil {
		return nil, errors.New("the write path needs a store, a bucket and a queue")
	}
	return open(db, bucket, q, o)
}

func open(db store, bucket blob.Bucket, q queue.Queue, o Options) (*Ingest, error) {
	o.fill(bucket)
	in := &Ingest{db: db, bucket: bucket, queue: q, opt: o, log: o.Log, now: o.Now, closed: make(chan struct{}),
		budget: semaphore.NewWeighted(o.Budget), pushes: make(chan queue.Job, 1024), wake: map[string]chan struct{}{}}
	for _, name := range []string{sealQueue, consoleQueue, compactQueue} {
		in.wake[name] = make(chan struct{}, 1)
	}
	in.metrics = newMetrics(func() float64 { return time.Duration(in.slow.Load()).Seconds() })
	if o.Metrics != nil {
		for _, c := range in.Collectors() {
			if err := o.Metrics.Register(c); err != nil {
				return nil, err
			}
		}
	}
	for range o.Committers {
		p := newPool(in)
		in.pools = append(in.pools, p)
		in.done.Go(p.run)
	}
	in.done.Go(in.pushLoop)
	return in, nil
}

// Close answers what is queued and stops. Appends after it are Unavailable.
func (in *Ingest) Close() error {
	in.closing.Do(func() { close(in.closed) })
	in.done.Wait()
	return nil
}
