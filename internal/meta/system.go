package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

// Settings returns what counts, and what counts while a revision is on trial.
func (t *Tx) Settings() (s ballast.Settings, err error) {
	s.Held, s.Prior = map[string]string{}, map[string]string{}
	var made int64
	err = t.row("SELECT id, state, made FROM system_revision ORDER BY id DESC LIMIT 1").Scan(&s.Revision, &s.State, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Made = fromMicros(made)
	rows, err := t.query("SELECT s.name, s.held, s.prior, COUNT(c.name) FROM system_setting s LEFT JOIN system_change c ON c.name = s.name AND c.revision = ? GROUP BY s.name, s.held, s.prior", s.Revision)
	_, err = collect(rows, err, func(row scannable) (_ struct{}, err error) {
		var name, held, prior string
		var changed int
		if err = row.Scan(&name, &held, &prior, &changed); err != nil {
			return
		}
		if changed == 0 || s.State != ballast.SettingsOnTrial {
			prior = held
		}
		put(s.Held, name, held)
		put(s.Prior, name, prior)
		return
	})
	return s, err
}

// HeldSetting is what is kept of a setting, secrets sealed.
type HeldSetting struct{ Name, Held, Prior string }

// HeldSettings returns all that is kept of settings, to be changed in this
// transaction.
func (t *Tx) HeldSettings() ([]HeldSetting, error) {
	rows, err := t.query("SELECT name, held, prior FROM system_setting ORDER BY name" + t.forUpdate())
	return collect(rows, err, func(row scannable) (h HeldSetting, err error) {
		err = row.Scan(&h.Name, &h.Held, &h.Prior)
		return h, err
	})
}

// HoldSetting keeps the same setting in another form: it is no revision.
func (t *Tx) HoldSetting(h HeldSetting) error {
	_, err := t.exec("UPDATE system_setting SET held = ?, prior = ? WHERE name = ?", h.Held, h.Prior, h.Name)
	return err
}

// put notes a value that is one.
func put(m map[string]string, name, value string) {
	if value != "" {
		m[name] = value
	}
}

// ChangeSettings puts a revision on trial after the one that its maker saw. A
// Conflict says that another came first, or that the last is still on trial.
func (t *Tx) ChangeSettings(after int64, actor string, changes []ballast.SettingChange, now time.Time) (int64, error) {
	is, err := t.Settings()
	if err != nil {
		return 0, err
	}
	switch {
	case is.Revision != after:
		return 0, ballast.Errorf(ballast.Conflict, "the settings were changed meanwhile: look at them again")
	case is.State == ballast.SettingsOnTrial:
		return 0, ballast.Errorf(ballast.Conflict, "the last change of settings is still being tried: wait until it is kept or taken back")
	}
	id, err := t.insert("INSERT INTO system_revision (after_id, actor, made, state, reason) VALUES (?,?,?,?,'')", after, actor, micros(now), ballast.SettingsOnTrial)
	if t.dialect.duplicateOf(err) {
		return 0, ballast.Errorf(ballast.Conflict, "the settings were changed by somebody else just now: look at them again")
	}
	for i := 0; err == nil && i < len(changes); i++ {
		err = t.changeSetting(id, changes[i], is.Held[changes[i].Name])
	}
	return id, err
}

func (t *Tx) changeSetting(revision int64, c ballast.SettingChange, prior string) error {
	_, err := t.exec("DELETE FROM system_setting WHERE name = ?", c.Name)
	if err == nil {
		_, err = t.exec("INSERT INTO system_setting (name, held, prior) VALUES (?,?,?)", c.Name, c.Held, prior)
	}
	if err == nil {
		_, err = t.exec("INSERT INTO system_change (revision, name, was, becomes) VALUES (?,?,?,?)", revision, c.Name, c.Was, c.Now)
	}
	return err
}

// KeepSettings ends a revision's trial well, and forgets what was before.
func (t *Tx) KeepSettings(revision int64) error {
	n, err := t.endTrial(revision, ballast.SettingsKept, "")
	if err == nil && n > 0 {
		_, err = t.exec("UPDATE system_setting SET prior = '' WHERE name IN (SELECT name FROM system_change WHERE revision = ?)", revision)
	}
	return err
}

// RevertSettings ends a revision's trial: what was before counts again. It
// reports whether it did: another replica may have kept or reverted it.
func (t *Tx) RevertSettings(revision int64, reason string) (bool, error) {
	n, err := t.endTrial(revision, ballast.SettingsReverted, reason)
	if err == nil && n > 0 {
		_, err = t.exec("UPDATE system_setting SET held = prior, prior = '' WHERE name IN (SELECT name FROM system_change WHERE revision = ?)", revision)
	}
	return n > 0, err
}

func (t *Tx) endTrial(revision int64, state, reason string) (int64, error) {
	done, err := t.exec("UPDATE system_revision SET state = ?, reason = ? WHERE id = ? AND state = ?", state, reason, revision, ballast.SettingsOnTrial)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// SettingRevisions lists the last changes of settings, the newest first.
func (t *Tx) SettingRevisions(limit int) ([]ballast.SettingRevision, error) {
	rows, err := t.query("SELECT id, actor, made, state, reason FROM system_revision ORDER BY id DESC LIMIT ?", limit)
	all, err := collect(rows, err, func(row scannable) (r ballast.SettingRevision, err error) {
		var made int64
		err = row.Scan(&r.ID, &r.Actor, &made, &r.State, &r.Reason)
		r.Made = fromMicros(made)
		return r, err
	})
	for i := 0; err == nil && i < len(all); i++ {
		rows, bad := t.query("SELECT name, was, becomes FROM system_change WHERE revision = ? ORDER BY name", all[i].ID)
		all[i].Changes, err = collect(rows, bad, func(row scannable) (c ballast.SettingChange, err error) {
			err = row.Scan(&c.Name, &c.Was, &c.Now)
			return c, err
		})
	}
	return all, err
}
