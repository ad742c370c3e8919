package auth

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// BySession returns whose session a cookie's value is, nobody for an empty
// one. An unknown or ended session, and one of a disabled user, is Unsigned.
func (a *Auth) BySession(ctx context.Context, cookie string, useAdmin bool) (*Caller, error) {
	if cookie == "" {
		return &Caller{}, nil
	}
	if len(cookie) > 100 {
		return nil, ended()
	}
	mac := a.secrets[0].mac(forSession, cookie)
	k, err := a.remembered(ctx, mac, func(ctx context.Context) (known, error) { return a.readSession(ctx, cookie) })
	if err != nil {
		return nil, err
	}
	now := a.now()
	switch {
	case !now.Before(k.session.Expires):
		return nil, ended()
	case k.user.Disabled:
		return nil, disabled(k.user)
	}
	a.used.session(k.session.ID, k.session.LastUsed, now)
	return k.caller(useAdmin), nil
}

func ended() error { return ballast.Errorf(ballast.Unsigned, "the session has ended: sign in again") }

func (a *Auth) readSession(ctx context.Context, cookie string) (k known, err error) {
	var s ballast.Session
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		s, k.user, err = tx.SessionByMAC(a.macs(forSession, cookie)...)
		return err
	})
	if ballast.Is(err, ballast.NotFound) {
		return k, ended()
	}
	k.session = &s
	return k, err
}

// newSession adds a session in a transaction and returns the cookie's value.
func (a *Auth) newSession(tx *meta.Tx, userID int64, agent string) (cookie string, s ballast.Session, err error) {
	cookie = newToken()
	now := a.now()
	s = ballast.Session{UserID: userID, Agent: agent, Created: now, Expires: now.Add(a.life)}
	s, err = tx.CreateSession(s, a.secrets[0].mac(forSession, cookie))
	return cookie, s, err
}

// SignOut ends the session of a cookie. One that has ended is fine.
func (a *Auth) SignOut(ctx context.Context, cookie string) error {
	if cookie == "" || len(cookie) > 100 {
		return nil
	}
	return a.db.Write(ctx, "sign out", func(tx *meta.Tx) error {
		s, u, err := tx.SessionByMAC(a.macs(forSession, cookie)...)
		if ballast.Is(err, ballast.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSession(s.ID); err != nil {
			return err
		}
		a.Forget(u.ID)
		return nil
	})
}

// EndSessions ends those of a user's sessions that which picks: here at once,
// everywhere within five seconds.
func (a *Auth) EndSessions(ctx context.Context, userID int64, which func(ballast.Session) bool) error {
	err := a.db.Write(ctx, "end sessions", func(tx *meta.Tx) error {
		all, err := tx.Sessions(userID)
		if err != nil {
			return err
		}
		for _, s := range all {
			if !which(s) {
				continue
			}
			if err := tx.DeleteSession(s.ID); err != nil {
				return err
			}
		}
		return nil
	})
	a.Forget(userID)
	return err
}
