package meta

import (
	"database/sql"
	"errors"

	"github.com/ballast-ml/ballast"
)

// Setting returns a value that the server keeps for itself and its revision;
// nil and 0 when there is none.
func (t *Tx) Setting(name string) (value []byte, rev int64, err error) {
	err = t.row("SELECT value, rev FROM setting WHERE name = ?"+t.forUpdate(), name).Scan(&value, &rev)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nil
	}
	return value, rev, err
}

// SetSetting stores a value. rev is the revision it had when it was read, 0
// when there was none, -1 for whatever it is now; another one is a Conflict.
func (t *Tx) SetSetting(name string, value []byte, rev int64) error {
	if value == nil {
		value = []byte{}
	}
	_, have, err := t.Setting(name)
	if err != nil {
		return err
	}
	if rev >= 0 && rev != have {
		return ballast.Errorf(ballast.Conflict, "setting %s was changed meanwhile (revision %d, now %d): read it again", name, rev, have)
	}
	if have == 0 {
		_, err = t.exec("INSERT INTO setting (name, value, rev, updated) VALUES (?,?,1,?)", name, value, micros(now()))
		return err
	}
	_, err = t.exec("UPDATE setting SET value = ?, rev = rev + 1, updated = ? WHERE name = ?", value, micros(now()), name)
	return err
}

// DeleteSetting removes a value. One that is not there is fine.
func (t *Tx) DeleteSetting(name string) error {
	_, err := t.exec("DELETE FROM setting WHERE name = ?", name)
	return err
}
