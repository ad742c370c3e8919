package meta

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

// identityDigest is what an identity is found by: databases may compare text
// without regard to case, and a subject has one.
func identityDigest(i ballast.Identity) []byte {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return sum[:]
}

// UserByIdentity finds who a person of an identity provider is here. NotFound
// when they never signed in.
func (t *Tx) UserByIdentity(i ballast.Identity) (ballast.User, error) {
	u, err := scanUser(t.row("SELECT "+userColumns+` FROM identity i JOIN account a ON a.id = i.account_id
		WHERE i.digest = ? AND a.deleted = 0`, identityDigest(i)))
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("nobody here is that person of %.200s", i.Issuer)
	}
	return u, err
}

// AddIdentity makes a person of an identity provider a user of ours. One that
// somebody has is a Conflict.
func (t *Tx) AddIdentity(userID int64, i ballast.Identity) error {
	if err := checkLength("issuer", i.Issuer, 500); err != nil {
		return err
	}
	at := micros(now())
	_, err := t.exec("INSERT INTO identity (account_id, digest, issuer, created, last_used) VALUES (?,?,?,?,?)", userID, identityDigest(i), i.Issuer, at, at)
	if t.dialect.duplicateOf(err) {
		return ballast.Errorf(ballast.Conflict, "that person of %.200s has an account already", i.Issuer)
	}
	return err
}

// TouchIdentity notes when a person last signed in by their provider.
func (t *Tx) TouchIdentity(i ballast.Identity, at time.Time) error {
	_, err := t.exec("UPDATE identity SET last_used = ? WHERE digest = ?", micros(at), identityDigest(i))
	return err
}
