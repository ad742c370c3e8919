package meta

import (
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
	Tries int    // how often it was pulled, this time included
	Token string // of this pull
	Seq   int64  // grows with each push of the name
	Fault string // of the last failed try
}

// maxFault is how much of an error is kept, in bytes.
const maxFault = 500

// PushJob adds a job, or renews the one of the same name: a waiting one gets
// the body and comes due at the earlier time, a leased one is marked to run
// once more.
func (t *Tx) PushJob(queue, name string, body []byte, due, now time.Time) error {
	if body == nil {
		body = []byte{}
	}
	var id, was, lease, seq int64
	err := t.row("SELECT id, due, lease, created FROM job WHERE queue=? AND name=?"+t.dialect.forUpdate, queue, name).Scan(&id, &was, &lease, &seq)
	if err != nil {
		return t.insertJob(queue, name, body, due, now, err)
	}
	if lease == 0 {
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
	if len(fault) > maxFault {
		fault = fault[:maxFault]
	}
	return t.heldJob("UPDATE job SET due=?, lease=0, token='', fault=? WHERE id=? AND token=?", micros(due), strings.ToValidUTF8(fault, "?"), id, token)
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

// JobBacklog returns how many jobs of each queue wait or are being done, and
// since when the oldest one is due.
func (t *Tx) JobBacklog() (map[string]Backlog, error) {
	rows, err := t.query("SELECT queue, COUNT(*), MIN(due), MAX(tries) FROM job GROUP BY queue")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]Backlog{}
	for rows.Next() {
		var queue string
		var b Backlog
		var due int64
		if err := rows.Scan(&queue, &b.Jobs, &due, &b.MaxTries); err != nil {
			return nil, err
		}
		b.Oldest = fromMicros(due)
		all[queue] = b
	}
	return all, rows.Err()
}

// Backlog is how far behind a queue is.
type Backlog struct {
	Jobs     int64
	Oldest   time.Time // when the first job is or was due
	MaxTries int       // of the job that was pulled most often
}
