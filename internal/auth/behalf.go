package auth

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// OnBehalf returns the caller with the person that a service account logs for
// (the SDK sends X-WANDB-USERNAME and X-WANDB-USER-EMAIL, empty when unset):
// a member of the account's team. For any other name or caller it returns the
// caller as they are: what they may do never changes, and a misspelt name must
// not end a run.
func (a *Auth) OnBehalf(ctx context.Context, c *Caller, name, email string) (*Caller, error) {
	if !c.Signed() || !c.User.Service || name == "" && email == "" {
		return c, nil
	}
	var person ballast.User
	err := a.db.Read(ctx, func(tx *meta.Tx) (err error) {
		if name != "" {
			person, err = tx.UserByName(name)
		} else {
			person, err = tx.UserByEmail(email)
		}
		if err != nil {
			return err
		}
		role, err := tx.RoleIn(c.User.ServiceTeamID, person.ID)
		if err == nil && (role == ballast.NoRole || person.Service || person.Disabled) {
			person = ballast.User{}
		}
		return err
	})
	if ballast.Is(err, ballast.NotFound) || err == nil && person.ID == 0 {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	on := *c
	on.OnBehalf = person
	return &on, nil
}
