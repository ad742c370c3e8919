package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

const sessionColumns = "s.id, s.account_id, s.agent, s.created, s.expires, s.last_used"

type sessionFields struct {
	s                      ballast.Session
	created, expires, used int64
}

func (f *sessionFields) dest() []any {
	return []any{&f.s.ID, &f.s.UserID, &f.s.Agent, &f.created, &f.expires, &f.used}
}

func (f *sessionFields) session() ballast.Session {
	f.s.Created, f.s.Expires, f.s.LastUsed = fromMicros(f.created), fromMicros(f.expires), fromMicros(f.used)
	return f.s
}

func scanSession(row scannable) (ballast.Session, error) {
	var f sessionFields
	err := row.Scan(f.dest()...)
	return f.session(), err
}

// CreateSession adds a browser's session by the MAC of its cookie.
func (t *Tx) CreateSession(s ballast.Session, mac [32]byte) (ballast.Session, error) {
	if s.Created.IsZero() {
		s.Created = now()
	}
	s.LastUsed = s.Created
	s.Agent = cut(s.Agent, 200)
	id, err := t.insert("INSERT INTO session (account_id, mac, agent, created, expires, last_used) VALUES (?,?,?,?,?,?)",
		s.UserID, mac[:], s.Agent, micros(s.Created), micros(s.Expires), micros(s.LastUsed))
	s.ID = id
	return s, err
}

// SessionByMAC finds a session by one of its cookie's MACs, with its user.
// Whether it still counts is the caller's to judge.
func (t *Tx) SessionByMAC(macs ...[32]byte) (ballast.Session, ballast.User, error) {
	args := make([]any, len(macs))
	for i := range macs {
		args[i] = macs[i][:]
	}
	var (
		s sessionFields
		u userFields
	)
	err := t.row("SELECT "+sessionColumns+", "+userColumns+` FROM session s JOIN account a ON a.id = s.account_id
		WHERE s.mac IN (`+placeholders(len(macs))+") AND a.deleted = 0", args...).Scan(append(s.dest(), u.dest()...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return ballast.Session{}, ballast.User{}, notFound("the session is not known")
	}
	return s.session(), u.user(), err
}

// Sessions lists a user's sessions, the newest first.
func (t *Tx) Sessions(userID int64) ([]ballast.Session, error) {
	rows, err := t.query("SELECT "+sessionColumns+" FROM session s WHERE s.account_id = ? ORDER BY s.id DESC", userID)
	return collect(rows, err, scanSession)
}

// TouchSessions notes when sessions were last used and until when they now
// last, which is lifetime later.
func (t *Tx) TouchSessions(used map[int64]time.Time, lifetime time.Duration) error {
	for _, id := range sortedIDs(used) {
		at := used[id]
		if _, err := t.exec("UPDATE session SET last_used = ?, expires = ? WHERE id = ? AND last_used < ?", micros(at), micros(at.Add(lifetime)), id, micros(at)); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE account SET last_seen = ? WHERE id = (SELECT account_id FROM session WHERE id = ?) AND last_seen < ?", micros(at), id, micros(at)); err != nil {
			return err
		}
	}
	return nil
}

// DeleteSession ends a session. One that is gone already is fine.
func (t *Tx) DeleteSession(id int64) error {
	_, err := t.exec("DELETE FROM session WHERE id = ?", id)
	return err
}

// DeleteSessionsOf ends all of a user's sessions.
func (t *Tx) DeleteSessionsOf(userID int64) error {
	_, err := t.exec("DELETE FROM session WHERE account_id = ?", userID)
	return err
}

// DeleteExpiredSessions removes what has ended.
func (t *Tx) DeleteExpiredSessions(now time.Time) error {
	_, err := t.exec("DELETE FROM session WHERE expires < ?", micros(now))
	return err
}

// cut returns at most the first n characters of a text.
func cut(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
