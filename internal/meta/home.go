package meta

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// OwnersOf returns the ids of what a user's projects are in: their own entity
// and each team that they are in, directly or as an admin of its organization.
func (t *Tx) OwnersOf(u ballast.User) ([]int64, error) {
	return t.ids(`SELECT ? UNION SELECT e.id FROM member m JOIN entity e ON e.id = m.entity_id
			WHERE m.account_id = ? AND e.kind = ? AND e.deleted = 0
		UNION SELECT e.id FROM member m JOIN entity e ON e.org_id = m.entity_id
			WHERE m.account_id = ? AND m.role = ? AND e.kind = ? AND e.deleted = 0`,
		u.EntityID, u.ID, string(ballast.Team), u.ID, string(ballast.Admin), string(ballast.Team))
}

// ActiveProjects lists projects of some owners: those of the given ids first,
// then the others by when something last happened in them.
func (t *Tx) ActiveProjects(owners, first []int64, limit int) ([]ballast.Project, error) {
	const active = "COALESCE((SELECT MAX(h.changed) FROM hist h WHERE h.project_id = p.id), p.updated)"
	args := int64s(owners)
	order := active + " DESC"
	if len(first) > 0 {
		order = "CASE WHEN p.id IN (" + placeholders(len(first)) + ") THEN 0 ELSE 1 END, " + order
		args = append(args, int64s(first)...)
	}
	rows, err := t.query("SELECT "+projectColumns+projectFrom+" AND p.entity_id IN ("+placeholders(len(owners))+") ORDER BY "+order+" LIMIT ?", append(args, limit)...)
	return collect(rows, err, scanProject)
}

// RunningRuns lists runs that are running in projects of some owners, those of
// one user first and then the latest heard of, and counts all of them.
func (t *Tx) RunningRuns(owners []int64, userID int64, limit int) (all []ballast.Run, total int, err error) {
	from := ` FROM hist h JOIN run r ON r.id = h.run JOIN project p ON p.id = r.project_id
		WHERE h.state IN (?, ?) AND p.entity_id IN (` + placeholders(len(owners)) + ") AND p.deleted = 0 AND r.deleted = 0"
	args := append([]any{string(ballast.Running), string(ballast.Preempting)}, int64s(owners)...)
	if err := t.row("SELECT COUNT(*)"+from, args...).Scan(&total); err != nil || total == 0 {
		return nil, 0, err
	}
	ids, err := t.ids("SELECT r.id"+from+" ORDER BY CASE WHEN r.account_id = ? THEN 0 ELSE 1 END, h.heartbeat DESC, r.id DESC LIMIT ?", append(args, userID, limit)...)
	if err != nil {
		return nil, 0, err
	}
	all, err = t.RunsByID(ids)
	return all, total, err
}

// FailedRuns lists a user's runs that failed or crashed after a time in
// projects of some owners, the latest first, with when they ended.
func (t *Tx) FailedRuns(owners []int64, userID int64, after time.Time, limit int) (all []ballast.Run, ended map[int64]time.Time, err error) {
	ended = map[int64]time.Time{}
	var ids []int64
	err = t.each(`SELECT r.id, h.ended FROM project p JOIN hist h ON h.project_id = p.id AND h.changed > ? JOIN run r ON r.id = h.run
		WHERE p.entity_id IN (`+placeholders(len(owners))+`) AND p.deleted = 0 AND h.state IN (?, ?) AND h.ended > ?
		AND r.account_id = ? AND r.deleted = 0 ORDER BY h.ended DESC, r.id DESC LIMIT ?`,
		slices.Concat([]any{micros(after)}, int64s(owners), []any{string(ballast.Failed), string(ballast.Crashed), micros(after), userID, limit}),
		func(s scannable) error {
			var id, at int64
			err := s.Scan(&id, &at)
			ids, ended[id] = append(ids, id), fromMicros(at)
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	all, err = t.RunsByID(ids)
	return all, ended, err
}

func int64s(ids []int64) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args
}

// Home is what a user's start page remembers.
type Home struct {
	Pins   []int64   `json:"pins"`   // projects, in the order in which they were pinned
	Seen   time.Time `json:"seen"`   // when the page was last opened
	Before time.Time `json:"before"` // the end of the visit before this one
}

func homeName(userID int64) string { return fmt.Sprintf("home/%d", userID) }

// Home returns what a user's start page remembers.
func (t *Tx) Home(userID int64) (h Home, err error) {
	value, _, err := t.Setting(homeName(userID))
	if err != nil || value == nil {
		return h, err
	}
	if err := json.Unmarshal(value, &h); err != nil {
		return h, fmt.Errorf("what the start page of user %d remembers: %w", userID, err)
	}
	return h, nil
}

// SetHome stores what a user's start page remembers.
func (t *Tx) SetHome(userID int64, h Home) error {
	value, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return t.SetSetting(homeName(userID), value, -1)
}

// Pinned reports whether a project is pinned.
func (h Home) Pinned(projectID int64) bool { return slices.Contains(h.Pins, projectID) }
