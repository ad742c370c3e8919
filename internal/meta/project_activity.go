package meta

import (
	"time"

	"github.com/ballast-ml/ballast"
)

// LastActive is when a run of a project was last created, changed its state or
// sent rows, to half a second; the zero time when there are no runs.
func (t *Tx) LastActive(projectID int64) (time.Time, error) {
	var at int64
	err := t.row("SELECT COALESCE(MAX(changed), 0) FROM hist WHERE project_id = ?", projectID).Scan(&at)
	return fromMicros(at), err
}

// RunsInState counts the runs of a project that are in a state and not deleted.
func (t *Tx) RunsInState(projectID int64, state ballast.State) (int64, error) {
	var n int64
	err := t.row("SELECT COUNT(*) FROM hist h JOIN run r ON r.id = h.run WHERE h.state = ? AND h.project_id = ? AND r.deleted = 0",
		string(state), projectID).Scan(&n)
	return n, err
}
