package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

// maxAlerts is how many alerts of a run are kept: the newest.
const maxAlerts = 1000

// AddAlert stores an alert, unless one with the same title was stored within
// a.Wait before. It reports whether it did.
func (t *Tx) AddAlert(a ballast.Alert) (bool, error) {
	if _, err := t.LockRows(a.RunID); err != nil { // alerts of a run come one after the other
		return false, err
	}
	var last int64
	err := t.row("SELECT COALESCE(MAX(created), 0) FROM alert WHERE run=? AND title=?", a.RunID, []byte(a.Title)).Scan(&last)
	if err != nil || last > 0 && a.Created.Sub(fromMicros(last)) < a.Wait {
		return false, err
	}
	_, err = t.exec("INSERT INTO alert (run, title, body, severity, wait, created) VALUES (?,?,?,?,?,?)",
		a.RunID, []byte(a.Title), a.Text, string(a.Severity), a.Wait.Microseconds(), micros(a.Created))
	if err != nil {
		return false, err
	}
	return true, t.dropOldAlerts(a.RunID)
}

func (t *Tx) dropOldAlerts(runID int64) error {
	var id int64
	err := t.row("SELECT id FROM alert WHERE run=? ORDER BY id DESC LIMIT 1 OFFSET ?", runID, maxAlerts).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = t.exec("DELETE FROM alert WHERE run=? AND id<=?", runID, id)
	}
	return err
}

// Alerts returns the newest alerts of a run, the newest first.
func (t *Tx) Alerts(runID int64, limit int) ([]ballast.Alert, error) {
	all := []ballast.Alert{}
	err := t.each("SELECT id, run, title, body, severity, wait, created FROM alert WHERE run=? ORDER BY id DESC LIMIT ?", []any{runID, limit}, func(s scannable) error {
		var a ballast.Alert
		var title []byte
		var wait, created int64
		err := s.Scan(&a.ID, &a.RunID, &title, &a.Text, &a.Severity, &wait, &created)
		a.Title, a.Wait, a.Created = string(title), time.Duration(wait)*time.Microsecond, fromMicros(created)
		all = append(all, a)
		return err
	})
	return all, err
}
