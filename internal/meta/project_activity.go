package meta

import "time"

// LastActive is when a run of a project was last created, changed its state or
// sent rows, to half a second; the zero time when there are no runs.
func (t *Tx) LastActive(projectID int64) (time.Time, error) {
	var at int64
	err := t.row("SELECT COALESCE(MAX(changed), 0) FROM hist WHERE project_id = ?", projectID).Scan(&at)
	return fromMicros(at), err
}
