package auth

import (
	"context"
	"fmt"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// forShare is what the MAC of a public link's token is for.
const forShare = "ballast public link"

// linkEnded is the one answer for a link that was never made, that has ended,
// and that a team does not allow any more.
func linkEnded() error {
	return ballast.Errorf(ballast.NotFound, "this link shows nothing: it ended, it was taken back, or it was not copied whole")
}

// NewShare makes a public link and returns its token, which is not stored.
// Who may make one is the caller's to ask; whether the owner allows links is
// asked here.
func (a *Auth) NewShare(ctx context.Context, s ballast.Share, owner ballast.Entity) (token string, made ballast.Share, err error) {
	s.Created = a.now()
	if !s.Expires.IsZero() && !s.Created.Before(s.Expires) {
		return "", s, ballast.Errorf(ballast.Invalid, "a link must end in the future")
	}
	token = newToken()
	err = a.db.Write(ctx, "make a public link", func(tx *meta.Tx) error {
		on, err := sharing(tx, owner)
		if err == nil && !on {
			err = ballast.Errorf(ballast.Denied, "team %s does not allow public links: an admin of it can, in its settings", owner.Name)
		}
		if err == nil {
			made, err = tx.CreateShare(s, a.secrets[0].mac(forShare, token))
		}
		return err
	})
	return token, made, err
}

// ByShare returns the link that a token is of; NotFound when it does not
// count, or its owner does not allow links any more. It is read from the store
// each time, so that taking it back counts at once.
func (a *Auth) ByShare(ctx context.Context, token string) (s ballast.Share, p ballast.Project, err error) {
	if token == "" || len(token) > 100 {
		return s, p, linkEnded()
	}
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		if s, err = tx.ShareByMAC(a.macs(forShare, token)...); err != nil {
			return err
		}
		if !s.Expires.IsZero() && !a.now().Before(s.Expires) {
			return linkEnded()
		}
		if p, err = tx.Project(s.ProjectID); err != nil {
			return err
		}
		owner, err := tx.Entity(p.EntityID)
		if err != nil {
			return err
		}
		if on, err := sharing(tx, owner); err != nil || !on {
			return errOr(err, linkEnded())
		}
		return nil
	})
	if ballast.Is(err, ballast.NotFound) {
		err = linkEnded()
	}
	return s, p, err
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func sharingSetting(entityID int64) string { return fmt.Sprintf("share/%d", entityID) }

// sharing reports whether an owner allows public links: a person does, a team
// when an admin of it said so.
func sharing(tx *meta.Tx, e ballast.Entity) (bool, error) {
	value, _, err := tx.Setting(sharingSetting(e.ID))
	if err != nil || value != nil {
		return string(value) == "on", err
	}
	return e.Kind == ballast.Personal, nil
}

// Sharing reports whether an owner allows public links.
func (a *Auth) Sharing(ctx context.Context, e ballast.Entity) (on bool, err error) {
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		on, err = sharing(tx, e)
		return err
	})
	return on, err
}

// SetSharing allows public links of an owner's projects, or ends them all for
// as long as it is off.
func (a *Auth) SetSharing(ctx context.Context, e ballast.Entity, on bool) error {
	value := "off"
	if on {
		value = "on"
	}
	return a.db.Write(ctx, "allow public links", func(tx *meta.Tx) error { return tx.SetSetting(sharingSetting(e.ID), []byte(value), -1) })
}
