package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// MaxKeys is how many keys that are neither revoked nor expired a user has at
// most.
const MaxKeys = 100

const keyColumns = "k.id, k.account_id, k.name, k.hint, k.created, k.expires, k.revoked, k.last_used"

type keyFields struct {
	k                               ballast.Key
	created, expires, revoked, used int64
}

func (f *keyFields) dest() []any {
	return []any{&f.k.ID, &f.k.UserID, &f.k.Name, &f.k.Hint, &f.created, &f.expires, &f.revoked, &f.used}
}

func (f *keyFields) key() ballast.Key {
	f.k.Created, f.k.Expires, f.k.Revoked, f.k.LastUsed = fromMicros(f.created), fromMicros(f.expires), fromMicros(f.revoked), fromMicros(f.used)
	return f.k
}

func scanKey(row scannable) (ballast.Key, error) {
	var f keyFields
	err := row.Scan(f.dest()...)
	return f.key(), err
}

// CreateKey adds a key of k.UserID by its MAC under the secret secID. A key
// that is known already, also a revoked one, is a Conflict, as is one too
// many.
func (t *Tx) CreateKey(k ballast.Key, mac [32]byte, secID string) (ballast.Key, error) {
	if err := checkLength("key name", k.Name, 128); err != nil {
		return k, err
	}
	if k.Created.IsZero() {
		k.Created = now()
	}
	// The account's row is locked, so that two requests do not both add the last one.
	var name string
	if err := t.row("SELECT name FROM account WHERE id = ? AND deleted = 0"+t.forUpdate(), k.UserID).Scan(&name); errors.Is(err, sql.ErrNoRows) {
		return k, notFound("user %d does not exist", k.UserID)
	} else if err != nil {
		return k, err
	}
	var live int
	if err := t.row("SELECT COUNT(*) FROM api_key WHERE account_id = ? AND revoked = 0 AND (expires = 0 OR expires > ?)", k.UserID, micros(k.Created)).Scan(&live); err != nil {
		return k, err
	}
	if live >= MaxKeys {
		return k, ballast.Errorf(ballast.Conflict, "user %s has %d keys, the most there can be: revoke one first", name, live)
	}
	id, err := t.insert("INSERT INTO api_key (account_id, mac, sec_id, name, hint, created, expires, revoked, last_used) VALUES (?,?,?,?,?,?,?,0,0)",
		k.UserID, mac[:], secID, k.Name, k.Hint, micros(k.Created), micros(k.Expires))
	if t.dialect.duplicateOf(err) {
		return k, ballast.Errorf(ballast.Conflict, "this key exists already, or did and was revoked")
	}
	k.ID = id
	return k, err
}

// KeyByMAC finds a key by one of its MACs, with the user whose key it is.
// Whether it still counts (expired, revoked, user disabled) is the caller's
// to judge.
func (t *Tx) KeyByMAC(macs ...[32]byte) (ballast.Key, ballast.User, error) {
	args := make([]any, len(macs))
	for i := range macs {
		args[i] = macs[i][:]
	}
	var (
		k keyFields
		u userFields
	)
	err := t.row("SELECT "+keyColumns+", "+userColumns+` FROM api_key k JOIN account a ON a.id = k.account_id
		WHERE k.mac IN (`+placeholders(len(macs))+") AND a.deleted = 0", args...).Scan(append(k.dest(), u.dest()...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return ballast.Key{}, ballast.User{}, notFound("the API key is not known")
	}
	return k.key(), u.user(), err
}

// Keys lists a user's keys, the newest first, revoked and expired ones
// included.
func (t *Tx) Keys(userID int64) ([]ballast.Key, error) {
	rows, err := t.query("SELECT "+keyColumns+" FROM api_key k WHERE k.account_id = ? ORDER BY k.id DESC", userID)
	return collect(rows, err, scanKey)
}

// Key returns a key by id.
func (t *Tx) Key(id int64) (ballast.Key, error) {
	k, err := scanKey(t.row("SELECT "+keyColumns+" FROM api_key k WHERE k.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return k, notFound("key %d does not exist", id)
	}
	return k, err
}

// RevokeKey ends a key. One that is revoked already keeps its time.
func (t *Tx) RevokeKey(id int64, now time.Time) error {
	res, err := t.exec("UPDATE api_key SET revoked = CASE WHEN revoked = 0 THEN ? ELSE revoked END WHERE id = ?", micros(now), id)
	return t.mustChange(res, err, fmt.Sprintf("key %d", id))
}

// SetKeyName changes what a key is called.
func (t *Tx) SetKeyName(id int64, name string) error {
	if err := checkLength("key name", name, 128); err != nil {
		return err
	}
	res, err := t.exec("UPDATE api_key SET name = ? WHERE id = ?", name, id)
	return t.mustChange(res, err, fmt.Sprintf("key %d", id))
}

// TouchKeys notes when keys were last used, and their users last seen.
func (t *Tx) TouchKeys(used map[int64]time.Time) error {
	for _, id := range sortedIDs(used) {
		at := micros(used[id])
		if _, err := t.exec("UPDATE api_key SET last_used = ? WHERE id = ? AND last_used < ?", at, id, at); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE account SET last_seen = ? WHERE id = (SELECT account_id FROM api_key WHERE id = ?) AND last_seen < ?", at, id, at); err != nil {
			return err
		}
	}
	return nil
}

// sortedIDs orders a set of rows, so that two transactions lock them in the
// same order.
func sortedIDs(m map[int64]time.Time) []int64 {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// RemacKey moves a key to another secret, so that the old one can be retired.
func (t *Tx) RemacKey(id int64, mac [32]byte, secID string) error {
	res, err := t.exec("UPDATE api_key SET mac = ?, sec_id = ? WHERE id = ?", mac[:], secID, id)
	return t.mustChange(res, err, fmt.Sprintf("key %d", id))
}

// KeysUnder counts the live keys under each secret id, for doctor: a secret
// with none can be retired.
func (t *Tx) KeysUnder() (map[string]int, error) {
	rows, err := t.query("SELECT sec_id, COUNT(*) FROM api_key WHERE revoked = 0 GROUP BY sec_id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	under := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		under[id] = n
	}
	return under, rows.Err()
}
