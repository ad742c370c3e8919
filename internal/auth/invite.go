package auth

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// forInvite is what the MAC of an invitation's token is for.
const forInvite = "ballast invitation"

func inviteEnded() error {
	return ballast.Errorf(ballast.NotFound, "this invitation is not valid: it was used, it ended, it was taken back, or it was not copied whole")
}

// NewInvite makes an invitation to a team and returns its token, which is not
// stored. Who may invite is the caller's to ask.
func (a *Auth) NewInvite(ctx context.Context, i ballast.Invite, life time.Duration) (token string, made ballast.Invite, err error) {
	token, i.Created = newToken(), a.now()
	i.Expires = i.Created.Add(life)
	err = a.db.Write(ctx, "invite to a team", func(tx *meta.Tx) error {
		made, err = tx.CreateInvite(i, a.secrets[0].mac(forInvite, token))
		return err
	})
	return token, made, err
}

// ByInvite returns the invitation that a token is of, and the team; NotFound
// when it does not count.
func (a *Auth) ByInvite(ctx context.Context, token string) (i ballast.Invite, team ballast.Entity, err error) {
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		i, team, err = a.invite(tx, token)
		return err
	})
	return i, team, err
}

func (a *Auth) invite(tx *meta.Tx, token string) (i ballast.Invite, team ballast.Entity, err error) {
	if token == "" || len(token) > 100 {
		return i, team, inviteEnded()
	}
	if i, err = tx.InviteByMAC(a.macs(forInvite, token)...); err == nil {
		team, err = tx.Entity(i.EntityID)
	}
	if ballast.Is(err, ballast.NotFound) || err == nil && !a.now().Before(i.Expires) {
		return i, team, inviteEnded()
	}
	return i, team, err
}

// AcceptRequest comes from the page of an invitation. User is who is signed
// in; the zero User makes a new account of the other fields. Nobody verifies
// its Email, which stays unproven.
type AcceptRequest struct {
	Token, Name, Email, Password, Agent string
	User                                ballast.User
}

// Accept makes whoever has the link a member, once: NotFound after that. A
// role that is more already stays. The session is empty when somebody was
// signed in. Denied: only admins have passwords here, so that no account is
// made; the link still counts.
func (a *Auth) Accept(ctx context.Context, r AcceptRequest) (s Signed, team ballast.Entity, err error) {
	if _, _, err := a.ByInvite(ctx, r.Token); err != nil { // before a password is hashed for nothing
		return s, team, err
	}
	hash := ""
	if r.User.ID == 0 {
		if a.admins {
			return s, team, ballast.Errorf(ballast.Denied, "this server makes no accounts with passwords: sign in with your identity provider first, then open this link again")
		}
		if hash, err = a.Hash(ctx, r.Password); err != nil {
			return s, team, err
		}
	} else if r.User.Service {
		return s, team, ballast.Errorf(ballast.Denied, "a service account cannot join a team")
	}
	err = a.db.Write(ctx, "accept an invitation", func(tx *meta.Tx) error {
		s = Signed{User: r.User}
		var i ballast.Invite
		if i, team, err = a.invite(tx, r.Token); err != nil {
			return err
		}
		if err := tx.DeleteInvite(i.ID); err != nil {
			if ballast.Is(err, ballast.NotFound) {
				return inviteEnded()
			}
			return err
		}
		if r.User.ID == 0 {
			if s.User, err = tx.CreateUser(ballast.User{Name: r.Name, Email: r.Email}, hash); err != nil {
				return err
			}
			if s.Cookie, s.Session, err = a.newSession(tx, s.User.ID, r.Agent); err != nil {
				return err
			}
		}
		role, err := tx.RoleIn(team.ID, s.User.ID)
		if err != nil || role.AtLeast(i.Role) {
			return err
		}
		return tx.SetMember(team.ID, s.User.ID, i.Role)
	})
	if err != nil {
		return Signed{}, team, err
	}
	a.Forget(s.User.ID)
	return s, team, nil
}
