package ingest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

// The queues of the write path.
const (
	sealQueue    = "seal"
	consoleQueue = "console"
	compactQueue = "compact"
)

// Times of background work.
const (
	sweepEvery  = time.Minute
	stateEvery  = 15 * time.Second
	cleanEvery  = time.Hour
	busyPool    = 50 * time.Millisecond // waits above this pause the sealer
	tooMuchTail = 512 << 20             // bytes of all tails that make it seal all the same
	maxPause    = time.Second
	sweepRuns   = 1000
	mostTries   = 20  // of a job that fails by itself: a quarter of an hour
	consoleMod  = 128 // a console is folded each time this many versions have come
)

// Run does background work until ctx ends: one sealer and one compactor, the
// sweeps, the collector. It returns nil; faults are logged and tried again.
func (in *Ingest) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { in.work(ctx, sealQueue, in.sealJob) })
	all.Go(func() { in.work(ctx, consoleQueue, in.consoleJob) })
	all.Go(func() { in.work(ctx, compactQueue, in.compactJob) })
	all.Go(func() { in.every(ctx, sweepEvery, "sweeping tails", in.SweepTails) })
	all.Go(func() { in.every(ctx, stateEvery, "sweeping states", in.SweepStates) })
	all.Go(func() { in.every(ctx, cleanEvery, "collecting objects", in.Collect) })
	all.Wait()
	return nil
}

// every calls fn at once and then again and again.
func (in *Ingest) every(ctx context.Context, period time.Duration, what string, fn func(context.Context) error) {
	t := time.NewTicker(period)
	defer t.Stop()
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			in.log.Warn(what+" failed, it is tried again", "error", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// work pulls jobs of a queue and does them, one at a time.
func (in *Ingest) work(ctx context.Context, name string, do func(context.Context, queue.Lease) error) {
	for ctx.Err() == nil {
		in.pause(ctx)
		l, ok, err := in.queue.Pull(ctx, name, in.opt.Lease)
		if err != nil && ctx.Err() == nil {
			in.log.Warn("pulling a job failed", "queue", name, "error", err)
		}
		if !ok {
			select {
			case <-in.wake[name]:
			case <-time.After(in.opt.Poll):
			case <-ctx.Done():
			}
			continue
		}
		in.finish(ctx, l, in.hold(ctx, l, do))
	}
}

// hold does a job and extends its lease meanwhile. A job whose lease was lost,
// since this process hung for instance, is another's: it is broken off.
func (in *Ingest) hold(ctx context.Context, l queue.Lease, do func(context.Context, queue.Lease) error) error {
	working, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	go func() {
		tick := time.NewTicker(in.opt.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
			}
			if err := l.Extend(working, in.opt.Lease); ballast.Is(err, ballast.Conflict) {
				lost(err)
			}
		}
	}()
	err := in.guard(working, l, do)
	if ballast.Is(context.Cause(working), ballast.Conflict) {
		return context.Cause(working)
	}
	return err
}

// guard turns a panic of a job into its fault.
func (in *Ingest) guard(ctx context.Context, l queue.Lease, do func(context.Context, queue.Lease) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = ballast.Errorf(ballast.Internal, "job %s %s: panic: %v", l.Queue, l.Name, p)
		}
	}()
	return do(ctx, l)
}

func (in *Ingest) finish(ctx context.Context, l queue.Lease, err error) {
	end := context.WithoutCancel(ctx)
	outages := in.outages.note(l, err != nil && passing(err))
	switch {
	case err == nil:
		err = l.Done(end)
	case ballast.Is(err, ballast.NotFound): // the run is gone, or an object: the sweep comes again
		in.log.Warn("background work was dropped, what it is about is gone", "queue", l.Queue, "job", l.Name, "error", err)
		err = l.Done(end)
	case passing(err):
		in.metrics.failed.WithLabelValues(l.Queue).Inc()
		in.log.Warn("background work is put off", "queue", l.Queue, "job", l.Name, "times", outages, "error", err)
		err = l.PutOff(end, err, backoff(outages))
	case l.Tries >= mostTries:
		in.metrics.dead.WithLabelValues(l.Queue).Inc()
		in.log.Error("background work is given up until somebody replays it", "queue", l.Queue, "job", l.Name, "tries", l.Tries, "error", err,
			"do", "ballast admin jobs dead; ballast admin jobs replay "+l.Queue+" "+l.Name)
		err = l.Bury(end, err)
	default:
		in.metrics.failed.WithLabelValues(l.Queue).Inc()
		in.log.Warn("background work failed, it is tried again", "queue", l.Queue, "job", l.Name, "tries", l.Tries, "error", err)
		err = l.Fail(end, err, backoff(l.Tries))
	}
	if err != nil && !ballast.Is(err, ballast.Conflict) {
		in.log.Warn("giving a job back failed", "queue", l.Queue, "job", l.Name, "error", err)
	}
}

// backoff is how long a job waits after it failed so often.
func backoff(tries int) time.Duration { return min(time.Minute, time.Second<<min(tries, 6)) }

// passing reports whether a fault says nothing about the job: something does
// not answer just now, or the job is another worker's.
func passing(err error) bool {
	return ballast.Is(err, ballast.Unavailable) || ballast.Is(err, ballast.Busy) || ballast.Is(err, ballast.Conflict) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// outages remembers how often jobs were put off here one time after the other:
// their tries do not count it, and each time they wait longer.
type outages struct {
	mu   sync.Mutex
	jobs map[string]int
}

// maxOutages bounds the jobs that are remembered.
const maxOutages = 10_000

// note returns how often the job was put off, this time included.
func (o *outages) note(l queue.Lease, putOff bool) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	job := l.Queue + " " + l.Name
	if !putOff {
		delete(o.jobs, job)
		return 0
	}
	if o.jobs == nil || len(o.jobs) >= maxOutages {
		o.jobs = map[string]int{}
	}
	o.jobs[job]++
	return o.jobs[job]
}

// pause waits a moment while requests wait long for their commit, unless the
// tails have become too large. It never waits for long: rows must be sealed
// under steady load too, only more slowly.
func (in *Ingest) pause(ctx context.Context) {
	for end := time.Now().Add(maxPause); time.Now().Before(end) && in.slow.Load() > int64(busyPool); {
		if ctx.Err() != nil || in.flood.is(ctx, in.tailTotal) {
			return
		}
		in.slow.Add(-int64(busyPool) / 10) // no pool at all is no reason to wait
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// flood remembers for a few seconds whether the tails are too large.
type flood struct {
	mu   sync.Mutex
	next time.Time
	high bool
}

func (f *flood) is(ctx context.Context, total func(context.Context) (int64, error)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.After(f.next) {
		f.next = now.Add(5 * time.Second)
		n, err := total(ctx)
		f.high = err == nil && n > tooMuchTail
	}
	return f.high
}

func (in *Ingest) tailTotal(ctx context.Context) (n int64, err error) {
	err = in.db.Read(ctx, func(tx *meta.Tx) error {
		n, err = tx.TailTotal()
		return err
	})
	return n, err
}

// fence is the part of a lease that a swap checks, when the queue lives in the
// same database.
func (in *Ingest) fence(l queue.Lease) meta.Fence {
	return meta.Fence{Job: l.ID, Token: l.Token, For: in.opt.Lease}
}

// pushed remembers at what size a run's tail was last handed to the sealer, so
// that a run is pushed once per portion and not with each request.
type pushed struct {
	mu   sync.Mutex
	runs map[int64]portion
}

type portion struct{ bytes, chunks int64 }

// due reports whether the tail has grown by a portion since the last push.
func (p *pushed) due(run int64, now portion, rule SealOptions) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.runs[run]
	if now.bytes < was.bytes || now.chunks < was.chunks { // it was sealed
		delete(p.runs, run)
		was = portion{}
	}
	if now.bytes-was.bytes < rule.Bytes && now.chunks-was.chunks < int64(rule.Chunks) {
		return false
	}
	if p.runs == nil || len(p.runs) > 100_000 {
		p.runs = map[int64]portion{}
	}
	p.runs[run] = now
	return true
}

// afterAppend pushes the jobs that a stored request makes due.
func (in *Ingest) afterAppend(run int64, a *meta.Appended) {
	if in.pushed.due(run, portion{a.TailBytes, int64(a.TailChunks)}, in.opt.Seal) {
		in.push(sealQueue, runName(run), 0)
	}
	if a.OutputSeq > 0 && a.OutputSeq%consoleMod == 0 {
		in.push(consoleQueue, runName(run), 0)
	}
	if a.JustEnded {
		in.push(sealQueue, runName(run), in.opt.Seal.Ended)
		in.push(consoleQueue, runName(run), in.opt.Seal.Ended)
	}
}

// push hands a job to the queue without making the request wait. What does not
// fit is found by the sweep.
func (in *Ingest) push(name, job string, after time.Duration) {
	select {
	case in.pushes <- queue.Job{Queue: name, Name: job, After: after}:
	default:
	}
}

func (in *Ingest) pushLoop() {
	for {
		select {
		case j := <-in.pushes:
			if err := in.queue.Push(context.Background(), j); err != nil {
				in.log.Warn("pushing a job failed, the sweep will find it", "queue", j.Queue, "job", j.Name, "error", err)
				continue
			}
			if j.After == 0 {
				in.Rouse(j.Queue)
			}
		case <-in.closed:
			return
		}
	}
}

// Rouse makes a worker of a queue look for a job at once.
func (in *Ingest) Rouse(name string) {
	select {
	case in.wake[name] <- struct{}{}:
	default:
	}
}

func runName(run int64) string { return "run/" + strconv.FormatInt(run, 10) }

// runOf is the run that a job is about.
func runOf(l queue.Lease) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(l.Name, "run/"), 10, 64)
	if err != nil {
		return 0, ballast.Errorf(ballast.NotFound, "job %q of queue %s names no run", l.Name, l.Queue)
	}
	return id, nil
}
