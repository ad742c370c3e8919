package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

// EnsureStore returns the id of the store at a place, which is noted when it
// is new. Of two replicas that note one at the same time, one gets a Conflict
// and asks again.
func (t *Tx) EnsureStore(place string, now time.Time) (int, error) {
	var id int
	err := t.row("SELECT id FROM store WHERE place = ?", place).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	made, err := t.insert("INSERT INTO store (place, created) VALUES (?,?)", place, micros(now))
	if t.dialect.duplicateOf(err) {
		return 0, ballast.Errorf(ballast.Conflict, "the store %s was noted by another server just now: ask again", place)
	}
	return int(made), err
}

// Stores lists every store that was ever written to, but the folder.
func (t *Tx) Stores() ([]ballast.Store, error) {
	rows, err := t.query("SELECT id, place, created FROM store ORDER BY id")
	return collect(rows, err, func(row scannable) (s ballast.Store, err error) {
		var created int64
		err = row.Scan(&s.ID, &s.Place, &created)
		s.Created = fromMicros(created)
		return s, err
	})
}
