// Package queue is the contract of background work: named jobs, each done at
// least once. A queue carries what to do, never data: a lost job is found
// again by the sweep of the room it belongs to, a doubled one must do no harm.
//
// The suite in queuetest says the rest; every driver passes it unchanged.
package queue

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
)

// Queue holds jobs. It is safe for concurrent use, by many processes.
//
// Errors are Unavailable (the store does not answer: the caller logs it and
// goes on, the sweep repeats the push) or Invalid (names too long).
type Queue interface {
	// Push adds a job, durably. Jobs of one queue with the same name are one:
	// while it waits, a push changes its body and may bring it forward, never
	// puts it off; while a worker has it, a push makes it run once more after
	// the worker is done.
	Push(ctx context.Context, j Job) error

	// Pull takes the job that is due longest, for the time of lease; ok is
	// false when none is due. It does not wait. When the lease ends without
	// Extend, Done, Fail or PutOff, the job is due again, for anyone.
	Pull(ctx context.Context, queue string, lease time.Duration) (l Lease, ok bool, err error)

	// Dead lists the jobs that were given up, the oldest first.
	Dead(ctx context.Context) ([]Dead, error)

	// Replay makes a job that was given up due at once, as if it was never
	// tried. NotFound: there is no such dead job.
	Replay(ctx context.Context, queue, name string) error
}

// Dead is a job that was given up. It stays until somebody replays it; pushes
// of its name change its body only.
type Dead struct {
	Job
	Tries int
	Fault string // of the last try
}

// Job is something to do.
type Job struct {
	Queue string        // which workers: "seal", "sweep"; 1 to 32 bytes
	Name  string        // what exactly, parameters included; 1 to 190 bytes
	Body  []byte        // for the worker, up to 64 KiB
	After time.Duration // not before this has passed
}

// Longest names and bodies, in bytes.
const (
	MaxQueue = 32
	MaxName  = 190
	MaxBody  = 64 << 10
)

// Lease is a job in the hands of one worker. Of two workers that hold the same
// job, because one was slow, only the later one's calls succeed: the other
// gets Conflict and must change nothing more.
type Lease struct {
	Job
	Token  string // unique to this Pull
	Tries  int    // how many times the job was pulled, 1 for the first; a try that was put off does not count
	ID     int64  // the driver's
	Seq    int64  // the driver's: which push this is
	Holder Holder
}

// Holder is the driver's side of a lease.
type Holder interface {
	Extend(ctx context.Context, l Lease, lease time.Duration) error
	Done(ctx context.Context, l Lease) error
	Fail(ctx context.Context, l Lease, cause error, after time.Duration) error
	PutOff(ctx context.Context, l Lease, cause error, after time.Duration) error
	Bury(ctx context.Context, l Lease, cause error) error
}

// Extend holds the job for another lease from now. Conflict: it was lost.
func (l Lease) Extend(ctx context.Context, lease time.Duration) error {
	return l.Holder.Extend(ctx, l, lease)
}

// Done removes the job, or makes it due at once when it was pushed meanwhile.
// Conflict: it was lost, and someone else does it again.
func (l Lease) Done(ctx context.Context) error { return l.Holder.Done(ctx, l) }

// Fail gives the job back, to be tried again after a while; cause is kept for
// an operator to see. The worker decides how often (Tries) is enough and then
// calls Bury. Conflict: it was lost.
func (l Lease) Fail(ctx context.Context, cause error, after time.Duration) error {
	return l.Holder.Fail(ctx, l, cause, after)
}

// PutOff is Fail of a try that does not count: the cause says nothing about the
// job. Conflict: it was lost.
func (l Lease) PutOff(ctx context.Context, cause error, after time.Duration) error {
	return l.Holder.PutOff(ctx, l, cause, after)
}

// Bury gives the job up: nobody gets it until it is replayed. Conflict: it was
// lost.
func (l Lease) Bury(ctx context.Context, cause error) error { return l.Holder.Bury(ctx, l, cause) }

// Check says what is wrong with a job: an empty or long name, a long body.
func (j Job) Check() error {
	switch {
	case j.Queue == "" || len(j.Queue) > MaxQueue:
		return ballast.Errorf(ballast.Invalid, "queue name %.40q has %d bytes: 1 to %d are allowed", j.Queue, len(j.Queue), MaxQueue)
	case j.Name == "" || len(j.Name) > MaxName:
		return ballast.Errorf(ballast.Invalid, "job name %.40q has %d bytes: 1 to %d are allowed", j.Name, len(j.Name), MaxName)
	case len(j.Body) > MaxBody:
		return ballast.Errorf(ballast.Invalid, "job %s has a body of %d bytes: at most %d are allowed", j.Name, len(j.Body), MaxBody)
	}
	return nil
}
