// Package sqlqueue keeps the queue in the metadata database. A job is a row;
// a lease is a token and a time in it, so that a replica that woke up late can
// change nothing (MySQL: SELECT … FOR UPDATE SKIP LOCKED, so that many
// replicas pull at once).
package sqlqueue

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

// Queue implements [queue.Queue].
type Queue struct {
	db  *meta.DB
	now func() time.Time
}

var (
	_ queue.Queue  = (*Queue)(nil)
	_ queue.Holder = (*Queue)(nil)
)

// New returns the queue of a store.
func New(db *meta.DB) *Queue { return &Queue{db: db, now: time.Now} }

// Push implements [queue.Queue].
func (q *Queue) Push(ctx context.Context, j queue.Job) error {
	if err := j.Check(); err != nil {
		return err
	}
	return q.db.Write(ctx, "pushing the job "+j.Queue+" "+j.Name, func(tx *meta.Tx) error {
		now := q.now()
		return tx.PushJob(j.Queue, j.Name, j.Body, now.Add(j.After), now)
	})
}

// Pull implements [queue.Queue]. An idle poll only reads.
func (q *Queue) Pull(ctx context.Context, name string, lease time.Duration) (l queue.Lease, ok bool, err error) {
	var due bool
	err = q.db.Read(ctx, func(tx *meta.Tx) error {
		due, err = tx.JobDue(name, q.now())
		return err
	})
	if err != nil || !due {
		return queue.Lease{}, false, err
	}
	var j meta.Job
	token := rand.Text()
	err = q.db.Write(ctx, "pulling a job of "+name, func(tx *meta.Tx) error {
		j, ok, err = tx.PullJob(name, token, q.now(), lease)
		return err
	})
	if err != nil || !ok {
		return queue.Lease{}, false, err
	}
	return queue.Lease{Job: queue.Job{Queue: name, Name: j.Name, Body: j.Body},
		Token: token, Tries: j.Tries, ID: j.ID, Seq: j.Seq, Holder: q}, true, nil
}

// Extend implements [queue.Holder].
func (q *Queue) Extend(ctx context.Context, l queue.Lease, lease time.Duration) error {
	return q.db.Write(ctx, "extending the job "+l.Name, func(tx *meta.Tx) error {
		return tx.ExtendJob(l.ID, l.Token, q.now().Add(lease))
	})
}

// Done implements [queue.Holder].
func (q *Queue) Done(ctx context.Context, l queue.Lease) error {
	return q.db.Write(ctx, "finishing the job "+l.Name, func(tx *meta.Tx) error {
		return tx.FinishJob(l.ID, l.Token, l.Seq, q.now())
	})
}

// Fail implements [queue.Holder].
func (q *Queue) Fail(ctx context.Context, l queue.Lease, cause error, after time.Duration) error {
	return q.db.Write(ctx, "giving back the job "+l.Name, func(tx *meta.Tx) error {
		return tx.FailJob(l.ID, l.Token, textOf(cause), q.now().Add(after))
	})
}

// PutOff implements [queue.Holder].
func (q *Queue) PutOff(ctx context.Context, l queue.Lease, cause error, after time.Duration) error {
	return q.db.Write(ctx, "putting off the job "+l.Name, func(tx *meta.Tx) error {
		return tx.PutOffJob(l.ID, l.Token, textOf(cause), q.now().Add(after))
	})
}

// Bury implements [queue.Holder].
func (q *Queue) Bury(ctx context.Context, l queue.Lease, cause error) error {
	return q.db.Write(ctx, "giving up the job "+l.Name, func(tx *meta.Tx) error {
		return tx.BuryJob(l.ID, l.Token, textOf(cause))
	})
}

func textOf(cause error) string {
	if cause == nil {
		return ""
	}
	return cause.Error()
}

// Dead implements [queue.Queue].
func (q *Queue) Dead(ctx context.Context) (dead []queue.Dead, err error) {
	var jobs []meta.Job
	err = q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		jobs, err = tx.DeadJobs()
		return err
	})
	for _, j := range jobs {
		dead = append(dead, queue.Dead{Job: queue.Job{Queue: j.Queue, Name: j.Name, Body: j.Body}, Tries: j.Tries, Fault: j.Fault})
	}
	return dead, err
}

// Replay implements [queue.Queue].
func (q *Queue) Replay(ctx context.Context, name, job string) error {
	return q.db.Write(ctx, "replaying the job "+job, func(tx *meta.Tx) error {
		return tx.ReplayJob(name, job, q.now())
	})
}

// Known reports whether a job waits or is being done.
func (q *Queue) Known(ctx context.Context, name, job string) (known bool, err error) {
	err = q.db.Read(ctx, func(tx *meta.Tx) error {
		known, err = tx.JobKnown(name, job)
		return err
	})
	return known, err
}
