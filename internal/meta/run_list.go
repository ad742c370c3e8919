package meta

import (
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// RunTally is what an index tells of a project's runs that are not deleted.
type RunTally struct{ Runs, Revs int64 } // how many; the sum of their revisions

// TallyRuns counts the runs of a project that are not deleted.
func (t *Tx) TallyRuns(projectID int64) (n RunTally, err error) {
	err = t.row("SELECT COUNT(*), COALESCE(SUM(rev), 0) FROM run WHERE project_id = ? AND deleted = 0", projectID).Scan(&n.Runs, &n.Revs)
	return n, err
}

// liveStates are those that have not ended.
var liveStates = []any{string(ballast.Pending), string(ballast.Running), string(ballast.Preempting)}

// The + keeps SQLite from taking the longer of two indexes.
const liveRuns = " FROM hist h JOIN run r ON r.id = h.run WHERE h.state IN (?,?,?) AND +h.project_id = ? AND r.deleted = 0"

// CountLive counts the runs of a project that have not ended.
func (t *Tx) CountLive(projectID int64) (n int, err error) {
	err = t.row("SELECT COUNT(*)"+liveRuns, append(liveStates[:3:3], projectID)...).Scan(&n)
	return n, err
}

// Heartbeats returns the last sign of life of each run of a project that has
// not ended.
func (t *Tx) Heartbeats(projectID int64) (map[int64]time.Time, error) {
	all := map[int64]time.Time{}
	err := t.each("SELECT h.run, h.heartbeat"+liveRuns, append(liveStates[:3:3], projectID), func(s scannable) error {
		var run, at int64
		err := s.Scan(&run, &at)
		all[run] = fromMicros(at)
		return err
	})
	return all, err
}

// RunSpot is a run's place in the order of creation.
type RunSpot struct {
	ID, Ordinal int64
	Created     time.Time
}

// RunsByCreation lists the runs of a project that are not deleted in the order
// of their creation, descending or not; those created at once by their
// ordinals. With after they begin behind that place.
func (t *Tx) RunsByCreation(projectID int64, descending bool, after *RunSpot, offset, limit int) ([]RunSpot, error) {
	var q strings.Builder
	q.WriteString("SELECT id, ordinal, created FROM run WHERE project_id = ? AND deleted = 0")
	args, direction, beyond := []any{projectID}, "", ">"
	if descending {
		direction, beyond = " DESC", "<"
	}
	if after != nil {
		at := micros(after.Created)
		q.WriteString(" AND created " + beyond + "= ? AND (created " + beyond + " ? OR ordinal > ?)")
		args = append(args, at, at, after.Ordinal)
	}
	q.WriteString(" ORDER BY created" + direction + ", ordinal LIMIT ? OFFSET ?")
	rows, err := t.query(q.String(), append(args, limit, offset)...)
	return collect(rows, err, func(row scannable) (s RunSpot, err error) {
		var created int64
		err = row.Scan(&s.ID, &s.Ordinal, &created)
		s.Created = fromMicros(created)
		return s, err
	})
}
