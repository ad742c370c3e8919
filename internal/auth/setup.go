package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// settled remembers that the store has users: that never changes back.
type settled struct{ atomic.Bool }

// setupSetting holds the number that the set-up link is derived from with the
// server's secret, so that every replica prints the same link and the store
// alone opens nothing.
const setupSetting = "setup"

// NeedsSetup reports whether nobody has an account yet.
func (a *Auth) NeedsSetup(ctx context.Context) (bool, error) {
	if a.settled.Load() {
		return false, nil
	}
	n := 0
	err := a.db.Read(ctx, func(tx *meta.Tx) (err error) {
		n, err = tx.CountUsers()
		return err
	})
	if err == nil && n > 0 {
		a.settled.Store(true)
	}
	return err == nil && n == 0, err
}

// SetupToken returns the token of the set-up link while the store has no
// users, the same on every replica and after a restart; "" when it has some.
func (a *Auth) SetupToken(ctx context.Context) (token string, err error) {
	need, err := a.NeedsSetup(ctx)
	if err != nil || !need {
		return "", err
	}
	err = a.db.Write(ctx, "make the set-up link", func(tx *meta.Tx) error {
		token = ""
		if n, err := tx.CountUsers(); err != nil || n > 0 {
			return err
		}
		seed, _, err := tx.Setting(setupSetting)
		if err != nil {
			return err
		}
		if seed == nil {
			seed = []byte(newToken())
			if err := tx.SetSetting(setupSetting, seed, 0); err != nil {
				return err
			}
		}
		mac := a.secrets[0].mac(forSetup, string(seed))
		token = base64.RawURLEncoding.EncodeToString(mac[:])
		return nil
	})
	if ballast.Is(err, ballast.Conflict) { // another replica made it at the same moment
		return a.SetupToken(ctx)
	}
	return token, err
}

// SetupRequest comes from the page of the set-up link: who the first admin is
// to be. A rescue link has the same page; there Name and Email do not count.
type SetupRequest struct {
	Token, Name, Email, Password, Agent string
}

// Setup makes the first admin of an empty store, or gives the user of a
// rescue link a new password, and begins a session. The link works once:
// Denied after that.
func (a *Auth) Setup(ctx context.Context, r SetupRequest) (s Signed, err error) {
	hash, err := a.Hash(ctx, r.Password)
	if err != nil {
		return s, err
	}
	err = a.db.Write(ctx, "set up", func(tx *meta.Tx) (err error) {
		if strings.HasPrefix(r.Token, rescueMark) {
			s.User, err = a.rescue(tx, r.Token, hash)
		} else {
			s.User, err = a.firstAdmin(tx, r, hash)
		}
		if err != nil {
			return err
		}
		s.Cookie, s.Session, err = a.newSession(tx, s.User.ID, r.Agent)
		return err
	})
	if err != nil {
		return Signed{}, err
	}
	a.settled.Store(true)
	a.Forget(s.User.ID)
	return s, nil
}

func usedUp() error {
	return ballast.Errorf(ballast.Denied, "this link is not valid: it was used already, it is too old, or it was not copied whole")
}

func (a *Auth) firstAdmin(tx *meta.Tx, r SetupRequest, hash string) (u ballast.User, err error) {
	seed, _, err := tx.Setting(setupSetting) // locks the row: of two that use the link one waits
	if err != nil {
		return u, err
	}
	token, decodeErr := base64.RawURLEncoding.DecodeString(r.Token)
	if seed == nil || decodeErr != nil || !a.matches(forSetup, string(seed), token) {
		return u, usedUp()
	}
	if n, err := tx.CountUsers(); err != nil {
		return u, err
	} else if n > 0 {
		return u, usedUp()
	}
	if err := tx.DeleteSetting(setupSetting); err != nil {
		return u, err
	}
	return tx.CreateUser(ballast.User{Name: r.Name, Email: r.Email, EmailProven: true, Admin: true}, hash)
}

// rescueMark begins the token of a rescue link.
const rescueMark = "rescue."

type rescueLink struct {
	MAC     []byte    `json:"mac"`
	Expires time.Time `json:"expires"`
}

func rescueSetting(userID int64) string { return fmt.Sprintf("rescue/%d", userID) }

// RescueToken makes a one-time link's token for a user who lost access, who is
// then let in again also when disabled. An earlier one of the user's ends.
func (a *Auth) RescueToken(ctx context.Context, userID int64, lifetime time.Duration) (string, error) {
	token := rescueMark + strconv.FormatInt(userID, 10) + "." + newToken()
	mac := a.secrets[0].mac(forRescue, token)
	value, err := json.Marshal(rescueLink{MAC: mac[:], Expires: a.now().Add(lifetime)})
	if err != nil {
		return "", err
	}
	err = a.db.Write(ctx, "make a rescue link", func(tx *meta.Tx) error {
		u, err := tx.User(userID)
		if err != nil {
			return err
		}
		if u.Service {
			return ballast.Errorf(ballast.Invalid, "%s is a service account and does not sign in: make it a key", u.Name)
		}
		return tx.SetSetting(rescueSetting(userID), value, -1)
	})
	return token, err
}

func (a *Auth) rescue(tx *meta.Tx, token, hash string) (u ballast.User, err error) {
	part := strings.Split(token, ".")
	if len(part) != 3 {
		return u, usedUp()
	}
	id, err := strconv.ParseInt(part[1], 10, 64)
	if err != nil {
		return u, usedUp()
	}
	value, _, err := tx.Setting(rescueSetting(id))
	if err != nil {
		return u, err
	}
	var link rescueLink
	if value == nil || json.Unmarshal(value, &link) != nil || !a.now().Before(link.Expires) || !a.matches(forRescue, token, link.MAC) {
		return u, usedUp()
	}
	if err := tx.DeleteSetting(rescueSetting(id)); err != nil {
		return u, err
	}
	if err := tx.SetPassword(id, hash); err != nil {
		return u, err
	}
	if err := tx.DeleteSessionsOf(id); err != nil {
		return u, err
	}
	if err := tx.SetUserDisabled(id, false); err != nil {
		return u, err
	}
	return tx.User(id)
}
