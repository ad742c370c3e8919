package meta

import (
	"math"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// Job is a row of the queue of background work.
type Job struct {
	ID    int64
	Queue string
	Name  string
	Body  []byte
	Tries int    // how often it was pulled, this time included, but for tries that were put off
	Token string // of this pull
	Seq   int64  // grows with each push of the name
	Fault string // of the last failed try
}

// maxFault is how much of an error is kept, in bytes.
const maxFault = 500

// never is when a job is due that was given up.
const never = math.MaxInt64

// PushJob adds a job, or renews the one of the same name: a waiting one gets
// the body and comes due at the earlier time, a leased one is marked to run
// once more, one that was given up stays so.
func (t *Tx) PushJob(queue, name string, body []byte, due, now time.Time) error {
	if body == nil {
		body = []byte{}
	}
	var id, was, lease, seq int64
	err := t.row("SELECT id, due, lease, created FROM job WHERE queue=? AND name=?"+t.dialect.forUpdate, queue, name).Scan(&id, &was, &lease, &seq)
	if err != nil {
		return t.insertJob(queue, name, body, due, now, err)
	}
	if lease == 0 && was != never {
		was = min(was, micros(due))
	}
	_, err = t.exec("UPDATE job SET body=?, due=?, created=? WHERE id=?", body, was, max(micros(now), seq+1), id)
	return err
}

func (t *Tx) insertJob(queue, name string, body []byte, due, now time.Time, notThere error) error {
	if !ballast.Is(t.dialect.fault(notThere, "looking for a job"), ballast.NotFound) {
		return notThere
	}
	// Another replica may have pushed it a moment ago: that one is enough.
	_, err := t.exec(t.dialect.insertSkip+" INTO job (queue, name, body, due, lease, token, tries, fault, created) VALUES (?,?,?,?,0,'',0,'',?)",
		queue, name, body, micros(due), micros(now))
	return err
}

// JobDue reports whether a job of the queue is due. It takes nothing.
func (t *Tx) JobDue(queue string, now time.Time) (bool, error) {
	var n int
	err := t.row("SELECT COUNT(*) FROM (SELECT id FROM job WHERE queue=? AND due<=? LIMIT 1) d", queue, micros(now)).Scan(&n)
	return n > 0, err
}

// PullJob leases the job of the queue that is due longest; ok is false when
// none is. Until the lease ends nobody else gets it, since its due time is the
// lease's end.
func (t *Tx) PullJob(queue, token string, now time.Time, lease time.Duration) (j Job, ok bool, err error) {
	query := "SELECT id, name, body, tries, created, fault FROM job WHERE queue=? AND due<=? ORDER BY due LIMIT 1"
	if t.dialect.forUpdate != "" {
		query += t.dialect.forUpdate + " SKIP LOCKED"
	}
	j = Job{Queue: queue, Token: token}
	if err := t.row(query, queue, micros(now)).Scan(&j.ID, &j.Name, &j.Body, &j.Tries, &j.Seq, &j.Fault); err != nil {
		if ballast.Is(t.dialect.fault(err, "pulling a job"), ballast.NotFound) {
			return Job{}, false, nil
		}
		return Job{}, false, err
	}
	j.Tries++
	until := micros(now.Add(lease))
	_, err = t.exec("UPDATE job SET due=?, lease=?, token=?, tries=? WHERE id=?", until, until, token, j.Tries, j.ID)
	return j, err == nil, err
}

// ExtendJob moves the end of a lease. Conflict: it was lost.
func (t *Tx) ExtendJob(id int64, token string, until time.Time) error {
	return t.heldJob("UPDATE job SET due=?, lease=? WHERE id=? AND token=?", micros(until), micros(until), id, token)
}

// FinishJob removes a job, or makes it due when it was pushed after seq.
// Conflict: the lease was lost.
func (t *Tx) FinishJob(id int64, token string, seq int64, now time.Time) error {
	err := t.heldJob("DELETE FROM job WHERE id=? AND token=? AND created=?", id, token, seq)
	if !ballast.Is(err, ballast.Conflict) {
		return err
	}
	return t.heldJob("UPDATE job SET due=?, lease=0, token='', tries=0, fault='' WHERE id=? AND token=?", micros(now), id, token)
}

// FailJob gives a job back, due at a time, with the reason. Conflict: the
// lease was lost.
func (t *Tx) FailJob(id int64, token, fault string, due time.Time) error {
	return t.giveBack(id, token, fault, micros(due), 1)
}

// PutOffJob is FailJob of a try that does not count.
func (t *Tx) PutOffJob(id int64, token, fault string, due time.Time) error {
	return t.giveBack(id, token, fault, micros(due), 0)
}

// BuryJob gives a job up, with the reason. Conflict: the lease was lost.
func (t *Tx) BuryJob(id int64, token, fault string) error {
	return t.giveBack(id, token, fault, never, 1)
}

// giveBack ends a lease; counted is 0 when its try is taken back.
func (t *Tx) giveBack(id int64, token, fault string, due int64, counted int) error {
	if len(fault) > maxFault {
		fault = fault[:maxFault]
	}
	return t.heldJob("UPDATE job SET due=?, lease=0, token='', fault=?, tries=tries-? WHERE id=? AND token=?", due, strings.ToValidUTF8(fault, "?"), 1-counted, id, token)
}

// DeadJobs lists the jobs that were given up, the oldest first.
func (t *Tx) DeadJobs() ([]Job, error) {
	rows, err := t.query("SELECT id, queue, name, body, tries, created, fault FROM job WHERE due=? ORDER BY id", never)
	return collect(rows, err, func(row scannable) (j Job, err error) {
		err = row.Scan(&j.ID, &j.Queue, &j.Name, &j.Body, &j.Tries, &j.Seq, &j.Fault)
		return j, err
	})
}

// ReplayJob makes a job that was given up due, as if it was never tried.
func (t *Tx) ReplayJob(queue, name string, now time.Time) error {
	res, err := t.exec("UPDATE job SET due=?, tries=0, fault='' WHERE queue=? AND name=? AND due=?", micros(now), queue, name, never)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ballast.Errorf(ballast.NotFound, "no job %.190s of the queue %.32s was given up", name, queue)
}

// JobKnown reports whether a job waits or is being done.
func (t *Tx) JobKnown(queue, name string) (bool, error) {
	var n int
	err := t.row("SELECT COUNT(*) FROM job WHERE queue=? AND name=? AND due<?", queue, name, never).Scan(&n)
	return n > 0, err
}

func (t *Tx) heldJob(query string, args ...any) error {
	res, err := t.exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ballast.Errorf(ballast.Conflict, "the job's lease was lost: it took longer than the lease, or was done")
}

// JobBacklog returns how many jobs of each queue wait or are being done, since
// when the oldest one is due, and how many were given up.
func (t *Tx) JobBacklog() (map[string]Backlog, error) {
	rows, err := t.query("SELECT queue, SUM(CASE WHEN due<? THEN 1 ELSE 0 END), MIN(due), MAX(tries), SUM(CASE WHEN due<? THEN 0 ELSE 1 END) FROM job GROUP BY queue", never, never)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]Backlog{}
	for rows.Next() {
		var queue string
		var b Backlog
		var due int64
		if err := rows.Scan(&queue, &b.Jobs, &due, &b.MaxTries, &b.Dead); err != nil {
			return nil, err
		}
		if due != never {
			b.Oldest = fromMicros(due)
		}
		all[queue] = b
	}
	return all, rows.Err()
}

// Backlog is how far behind a queue is.
type Backlog struct {
	Jobs     int64
	Oldest   time.Time // when the first job is or was due; zero when none waits
	MaxTries int       // of the job that was pulled most often
	Dead     int64     // given up
}
