package meta

import (
	"time"

	"github.com/ballast-ml/ballast"
)

// ProjectTotals sums a project up. Deleted runs count only where it says so.
type ProjectTotals struct {
	States  map[ballast.State]int64 // runs by state
	Compute time.Duration           // how long all runs were alive, together
	Bytes   Bytes
	People  []Contributor    // who made runs, the most first
	Days    map[string]int64 // runs begun by day, UTC, "2026-09-19"
}

// Bytes is what is stored, by what it is. What is deleted and can still be
// brought back counts: it takes space.
type Bytes struct {
	History   int64 `json:"history"` // metrics and system metrics: segments and tails
	Console   int64 `json:"console"`
	Files     int64 `json:"files"`
	Artifacts int64 `json:"artifacts"` // of a project: as logged; of an owner: each content once
}

// Contributor is somebody who made runs in a project.
type Contributor struct {
	Name string    `json:"name"` // "" when the account is gone
	Runs int64     `json:"runs"`
	Last time.Time `json:"last"` // when they last began one
}

const dayMicros = 24 * 60 * 60 * 1_000_000

// ProjectTotals sums a project up; days are those that began since a time.
func (t *Tx) ProjectTotals(projectID int64, since time.Time) (p ProjectTotals, err error) {
	p.States, p.Days, p.People = map[ballast.State]int64{}, map[string]int64{}, []Contributor{}
	err = t.each(`SELECT h.state, COUNT(*), SUM(CASE WHEN h.ended > r.created THEN h.ended - r.created WHEN h.heartbeat > r.created THEN h.heartbeat - r.created ELSE 0 END)
		FROM run r JOIN hist h ON h.run = r.id WHERE r.project_id = ? AND r.deleted = 0 GROUP BY h.state`, []any{projectID}, func(s scannable) error {
		var state ballast.State
		var n, alive int64
		err := s.Scan(&state, &n, &alive)
		p.States[state] = n
		p.Compute += time.Duration(alive) * time.Microsecond
		return err
	})
	if err != nil {
		return p, err
	}
	err = t.each(`SELECT COALESCE(a.name, ''), COUNT(*), MAX(r.created) FROM run r LEFT JOIN account a ON a.id = r.account_id AND a.deleted = 0
		WHERE r.project_id = ? AND r.deleted = 0 GROUP BY a.name ORDER BY COUNT(*) DESC, a.name LIMIT 100`, []any{projectID}, func(s scannable) error {
		var c Contributor
		var last int64
		err := s.Scan(&c.Name, &c.Runs, &last)
		c.Last = fromMicros(last)
		p.People = append(p.People, c)
		return err
	})
	if err != nil {
		return p, err
	}
	err = t.each("SELECT r.created - r.created % ?, COUNT(*) FROM run r WHERE r.project_id = ? AND r.deleted = 0 AND r.created >= ? GROUP BY 1",
		[]any{int64(dayMicros), projectID, micros(since)}, func(s scannable) error {
			var day, n int64
			err := s.Scan(&day, &n)
			p.Days[fromMicros(day).UTC().Format(time.DateOnly)] = n
			return err
		})
	if err != nil {
		return p, err
	}
	if p.Bytes, err = t.runBytes("r.project_id = ?", projectID); err != nil {
		return p, err
	}
	err = t.row(`SELECT COALESCE(SUM(a.bytes), 0) FROM artifact_collection c JOIN artifact a ON a.collection_id = c.id
		WHERE c.project_id = ? AND c.deleted = 0 AND a.version >= 0`, projectID).Scan(&p.Bytes.Artifacts)
	return p, err
}

// EntityBytes is what an owner's projects take.
func (t *Tx) EntityBytes(entityID int64) (Bytes, error) {
	b, err := t.runBytes("r.project_id IN (SELECT id FROM project WHERE entity_id = ?)", entityID)
	if err != nil {
		return b, err
	}
	err = t.row("SELECT COALESCE(SUM(bytes), 0) FROM content WHERE entity_id = ? AND bytes > 0", entityID).Scan(&b.Artifacts)
	return b, err
}

// runBytes sums up what runs hold that a condition names.
func (t *Tx) runBytes(which string, arg int64) (b Bytes, err error) {
	for _, sum := range []struct {
		table, column string
		into          *int64
	}{{"segment", "bytes", &b.History}, {"hist", "tail_bytes", &b.History}, {"console_block", "len", &b.Console}, {"file", "bytes", &b.Files}} {
		var n int64
		err := t.row("SELECT COALESCE(SUM(x."+sum.column+"), 0) FROM run r JOIN "+sum.table+" x ON x.run = r.id WHERE "+which, arg).Scan(&n)
		if err != nil {
			return b, err
		}
		*sum.into += n
	}
	return b, nil
}

// DeletedRuns lists a project's deleted runs that can still be brought back,
// the latest first.
func (t *Tx) DeletedRuns(projectID int64, limit int) ([]ballast.Run, error) {
	rows, err := t.query("SELECT "+runColumns+runFrom+" WHERE r.project_id = ? AND r.deleted > 0 AND r.purged = 0 ORDER BY r.deleted DESC, r.id DESC LIMIT ?", projectID, limit)
	return collect(rows, err, scanRun)
}
