package auth

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Action is what a caller wants to do with what an entity owns.
type Action uint8

// The actions.
const (
	Read       Action = iota // see; a viewer may
	Write                    // log runs, edit what is shown; a member may
	Manage                   // delete or stop a run, members, settings: an admin may, a member with what is their own
	Administer               // the instance; only an instance admin with AdminPrivileges may, whatever the object
)

func (a Action) String() string { return [...]string{"read", "write to", "manage", "administer"}[a] }

// Object is what is acted on.
type Object struct {
	Entity ballast.Entity // that owns it, or is it
	Name   string         // as shown in refusals, "project alice/mnist"; "": the entity's name
	Owner  int64          // the user whose it is (a run's creator); 0: nobody's
}

func (o Object) name() string {
	if o.Name == "" {
		return o.Entity.Name
	}
	return o.Name
}

// Hidden is the answer for a thing that does not exist and for one that the
// caller may not see: the two must not be told apart. name is as the caller
// wrote it.
func Hidden(name string) error {
	return ballast.Errorf(ballast.NotFound, "%.300s does not exist, or you may not see it", name)
}

// May returns nil when the caller may, Unsigned when nobody is signed in,
// Hidden when the caller may not even read, Denied when that much but not the
// action is allowed.
func (a *Auth) May(ctx context.Context, c *Caller, action Action, o Object) error {
	if !c.Signed() {
		return unsigned()
	}
	if c.User.Admin && c.AdminPrivileges {
		return nil
	}
	if action == Administer {
		return ballast.Errorf(ballast.Denied, "this is for admins of the instance, with the header Use-Admin-Privileges: true")
	}
	need := needs(c, action, o)
	role, err := a.role(ctx, c, o.Entity, need)
	switch {
	case err != nil:
		return err
	case role == ballast.NoRole:
		return Hidden(o.name())
	case !role.AtLeast(need):
		return ballast.Errorf(ballast.Denied, "you may not %s %.300s: that takes the role %s, yours is %s", action, o.name(), need, role)
	}
	return nil
}

func unsigned() error {
	return ballast.Errorf(ballast.Unsigned, "sign in first: send an API key, which you make in your settings")
}

// needs is the least role that an action takes.
func needs(c *Caller, action Action, o Object) ballast.Role {
	switch {
	case action == Read:
		return ballast.Viewer
	case action == Write:
		return ballast.Member
	case o.Owner != 0 && (o.Owner == c.User.ID || o.Owner == c.OnBehalf.ID):
		return ballast.Member
	}
	return ballast.Admin
}

// RoleIn returns what role a caller has in an entity: admin of their own and
// of the teams of an organization that they are admin of, else what they have
// as a member. An instance admin with AdminPrivileges is admin everywhere.
func (a *Auth) RoleIn(ctx context.Context, c *Caller, e ballast.Entity) (ballast.Role, error) {
	if !c.Signed() {
		return ballast.NoRole, nil
	}
	return a.role(ctx, c, e, ballast.Admin)
}

type roleKey struct{ user, entity, org int64 }

type knownRole struct {
	role  ballast.Role
	until time.Time
}

// role looks a role up; one that was read some seconds ago counts when it is
// enough, so that a new member need not wait.
func (a *Auth) role(ctx context.Context, c *Caller, e ballast.Entity, need ballast.Role) (ballast.Role, error) {
	switch {
	case c.User.Admin && c.AdminPrivileges, c.User.EntityID != 0 && c.User.EntityID == e.ID:
		return ballast.Admin, nil
	case e.Kind == ballast.Personal || e.ID == 0:
		return ballast.NoRole, nil
	}
	key, now := roleKey{c.User.ID, e.ID, e.OrgID}, a.now()
	if k, ok := a.roles.Get(key); ok && now.Before(k.until) && k.role.AtLeast(need) {
		return k.role, nil
	}
	role, err := a.readRole(ctx, c.User, e)
	if err != nil {
		return ballast.NoRole, err
	}
	a.roles.Add(key, knownRole{role, now.Add(remember)})
	return role, nil
}

func (a *Auth) readRole(ctx context.Context, u ballast.User, e ballast.Entity) (role ballast.Role, err error) {
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		if role, err = tx.RoleIn(e.ID, u.ID); err != nil || e.OrgID == 0 || role == ballast.Admin {
			return err
		}
		inOrg, err := tx.RoleIn(e.OrgID, u.ID)
		if err == nil && inOrg == ballast.Admin {
			role = ballast.Admin
		}
		return err
	})
	return role, err
}
