package auth

import (
	"context"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// SignInRequest is what a browser sends.
type SignInRequest struct {
	Name     string // the login name or the e-mail address
	Password string
	Agent    string // the User-Agent, to tell sessions apart
	Address  string // the peer's, for the limit on guesses
}

// Signed is a session that began.
type Signed struct {
	Cookie  string // the cookie's value
	Session ballast.Session
	User    ballast.User
}

// SignIn begins a session. A wrong name and a wrong password are one and the
// same Unsigned, and take the same time; too many guesses are Busy.
func (a *Auth) SignIn(ctx context.Context, r SignInRequest) (Signed, error) {
	wrong := ballast.Errorf(ballast.Unsigned, "the name or the password is wrong")
	if !a.guesses.allow(r.Name, r.Address, a.now()) {
		return Signed{}, ballast.Errorf(ballast.Busy, "too many attempts to sign in: wait a minute")
	}
	if r.Name == "" || len(r.Name) > 400 || len(r.Password) > 4*maxPassword {
		return Signed{}, wrong
	}
	u, hash, err := a.passwordOf(ctx, r.Name)
	if err != nil {
		return Signed{}, err
	}
	ok := false
	if err := a.hashing.do(ctx, func() { ok, err = VerifyPassword(hash, r.Password) }); err != nil {
		return Signed{}, err
	}
	switch {
	case err != nil:
		return Signed{}, ballast.Wrap(ballast.Internal, err, "checking the password of %s", u.Name)
	case !ok || u.ID == 0:
		return Signed{}, wrong
	case u.Disabled:
		return Signed{}, disabled(u)
	case a.admins && !u.Admin:
		return Signed{}, ballast.Errorf(ballast.Denied, "only admins of this server sign in with a password: use your identity provider")
	}
	a.guesses.forgive(r.Name, r.Address)
	s := Signed{User: u}
	err = a.db.Write(ctx, "sign in", func(tx *meta.Tx) error {
		now, err := tx.PasswordHash(u.ID) // changed or removed meanwhile?
		if err != nil || now != hash {
			return wrong
		}
		s.Cookie, s.Session, err = a.newSession(tx, u.ID, r.Agent)
		return err
	})
	return s, err
}

// nobodysHash is looked at for a name that nobody has, so that the time tells
// nothing. Its password is not known.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// passwordOf finds a user by name or e-mail address, with the password to
// compare; the zero User and nobody's for one who cannot sign in.
func (a *Auth) passwordOf(ctx context.Context, name string) (u ballast.User, hash string, err error) {
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		if strings.Contains(name, "@") {
			u, err = tx.UserByEmail(name)
		} else {
			u, err = tx.UserByName(name)
		}
		if err != nil {
			return err
		}
		hash, err = tx.PasswordHash(u.ID)
		return err
	})
	if ballast.Is(err, ballast.NotFound) || err == nil && (hash == "" || u.Service) {
		return ballast.User{}, nobodysHash, nil
	}
	return u, hash, err
}

// SetPassword gives a user a new password and ends their sessions but keep
// (0: all).
func (a *Auth) SetPassword(ctx context.Context, userID int64, password string, keep int64) error {
	hash, err := a.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.db.Write(ctx, "set password", func(tx *meta.Tx) error { return tx.SetPassword(userID, hash) })
	if err != nil {
		return err
	}
	return a.EndSessions(ctx, userID, func(s ballast.Session) bool { return s.ID != keep })
}

// ChangePassword is SetPassword for the user themselves, who knows the old
// password when there is one. Guesses at it count as those of a sign-in.
func (a *Auth) ChangePassword(ctx context.Context, u ballast.User, old, password string, keep int64, address string) error {
	if u.Service {
		return ballast.Errorf(ballast.Denied, "a service account has no password: it has keys")
	}
	if !a.guesses.allow(u.Name, address, a.now()) {
		return ballast.Errorf(ballast.Busy, "too many attempts: wait a minute")
	}
	var hash string
	err := a.db.Read(ctx, func(tx *meta.Tx) (err error) {
		hash, err = tx.PasswordHash(u.ID)
		return err
	})
	if err != nil {
		return err
	}
	if hash != "" {
		ok := false
		if busy := a.hashing.do(ctx, func() { ok, err = VerifyPassword(hash, old) }); busy != nil {
			return busy
		}
		if err != nil {
			return ballast.Wrap(ballast.Internal, err, "checking the password of %s", u.Name)
		}
		if !ok {
			return ballast.Errorf(ballast.Denied, "the old password is wrong")
		}
	}
	return a.SetPassword(ctx, u.ID, password, keep)
}

// The guesses that are allowed at once and after that. A name from one address
// is the tightest, so that nobody can lock another person out by guessing.
var (
	perPair    = limit{rate.Every(6 * time.Second), 10}
	perAddress = limit{rate.Every(2 * time.Second), 50}
	perName    = limit{rate.Every(2 * time.Second), 200}
)

type limit struct {
	rate  rate.Limit
	burst int
}

// guesses counts attempts to sign in, by name and address.
type guesses struct {
	mu  sync.Mutex
	all *lru.Cache[string, *rate.Limiter]
}

func (g *guesses) init() (err error) {
	g.all, err = lru.New[string, *rate.Limiter](cached)
	return err
}

func (g *guesses) allow(name, address string, now time.Time) bool {
	name = strings.ToLower(name[:min(len(name), 400)])
	g.mu.Lock()
	defer g.mu.Unlock()
	ok := g.take("a\x00"+address, perAddress, now)
	ok = ok && g.take("p\x00"+address+"\x00"+name, perPair, now)
	return ok && g.take("n\x00"+name, perName, now)
}

func (g *guesses) take(key string, l limit, now time.Time) bool {
	have, ok := g.all.Get(key)
	if !ok {
		have = rate.NewLimiter(l.rate, l.burst)
		g.all.Add(key, have)
	}
	return have.AllowN(now, 1)
}

// forgive clears what a person who signed in had used up.
func (g *guesses) forgive(name, address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all.Remove("p\x00" + address + "\x00" + strings.ToLower(name))
}
