package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r mutationResolver) CreateTeam(ctx context.Context, in generated.CreateTeamInput) (*generated.CreateTeamPayload, error) {
	org, err := r.teamOrg(ctx, text(in.OrganizationName))
	if err != nil {
		return nil, err
	}
	owner := auth.From(ctx).User
	if name := text(in.TeamAdminUserName); name != "" && name != owner.Name {
		if owner, err = r.userByName(ctx, name); err != nil {
			return nil, err
		}
	}
	if owner.Service {
		return nil, ballast.Errorf(ballast.Denied, "a service account cannot administer a team")
	}
	var team ballast.Entity
	err = r.db.Write(ctx, "create team", func(tx *meta.Tx) error {
		if team, err = tx.CreateEntity(in.TeamName, ballast.Team, org.ID); err != nil {
			return err
		}
		return tx.SetMember(team.ID, owner.ID, ballast.Admin)
	})
	if err != nil {
		return nil, err
	}
	return &generated.CreateTeamPayload{Entity: &team}, nil
}

// teamOrg is the organization for a new team: the named one, which the caller
// must manage, or none.
func (g *Graph) teamOrg(ctx context.Context, name string) (ballast.Entity, error) {
	if name == "" {
		return ballast.Entity{}, nil
	}
	return g.entityNamed(ctx, name, auth.Manage)
}

func (r mutationResolver) CreateServiceAccount(ctx context.Context, in generated.CreateServiceAccountInput) (*generated.CreateServiceAccountPayload, error) {
	team, err := r.entityNamed(ctx, in.EntityName, auth.Manage)
	if err != nil {
		return nil, err
	}
	if team.Kind != ballast.Team {
		return nil, ballast.Errorf(ballast.Invalid, "%s is not a team; only teams have service accounts", team.Name)
	}
	u := ballast.User{Name: accountName(team.Name, in.Description), FullName: in.Description, Service: true, ServiceTeamID: team.ID}
	err = r.db.Write(ctx, "create service account", func(tx *meta.Tx) error {
		made, err := tx.CreateUser(u, "")
		if err != nil {
			return err
		}
		u = made
		return tx.SetMember(team.ID, made.ID, ballast.Member)
	})
	if err != nil {
		return nil, err
	}
	secret, key, err := r.auth.NewKey(ctx, u.ID, in.Description, time.Time{})
	if err != nil {
		return nil, err
	}
	r.handover.leave(u.ID, auth.From(ctx).User.ID, secret, r.now())
	out := apiKey(key)
	out.Name = secret
	return &generated.CreateServiceAccountPayload{User: &u, APIKey: out}, nil
}

// accountName makes a service account's login name: the team's and what the
// account is for, in letters that need no escaping.
func accountName(team, purpose string) string {
	clean := func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '.':
			return c
		default:
			return '-'
		}
	}
	name := strings.Trim(strings.Map(clean, strings.ToLower(purpose)), "-")
	return team + "-" + name[:min(len(name), 64)]
}

func (r mutationResolver) CreateInvite(ctx context.Context, in generated.CreateInviteInput) (*generated.CreateInvitePayload, error) {
	role := ballast.Member
	if yes(in.Admin) {
		role = ballast.Admin
	}
	team, err := r.entityNamed(ctx, in.EntityName, auth.Manage)
	if err != nil {
		return nil, err
	}
	u, err := r.userByNameOrEmail(ctx, text(in.Username), text(in.Email))
	if err != nil {
		return nil, err
	}
	if err := r.setMember(ctx, team, u, role); err != nil {
		return nil, err
	}
	return &generated.CreateInvitePayload{Invite: &generated.Invite{
		ID: opaqueID("User", u.ID), Name: u.Name, Email: some(u.Email), CreatedAt: new(r.now()), ToUser: &u,
	}}, nil
}

func (r mutationResolver) SetMember(ctx context.Context, in generated.SetMemberInput) (*generated.SetMemberPayload, error) {
	team, u, err := r.memberOf(ctx, in.EntityName, in.Username)
	if err != nil {
		return nil, err
	}
	role := ballast.Role(strings.ToLower(in.Role))
	if err := r.setMember(ctx, team, u, role); err != nil {
		return nil, err
	}
	return &generated.SetMemberPayload{Member: memberFrom(u, role)}, nil
}

func (r mutationResolver) RemoveMember(ctx context.Context, in generated.RemoveMemberInput) (*generated.RemoveMemberPayload, error) {
	team, u, err := r.memberOf(ctx, in.EntityName, in.Username)
	if err == nil {
		err = r.removeMember(ctx, team, u)
	}
	if err != nil {
		return nil, err
	}
	return &generated.RemoveMemberPayload{Success: true}, nil
}

// DeleteInvite removes the member that Member.id names, which is what the SDK's
// Member.delete asks for. A service account has nowhere else to go: it is
// deleted with its keys.
func (r mutationResolver) DeleteInvite(ctx context.Context, in generated.DeleteInviteInput) (*generated.DeleteInvitePayload, error) {
	team, err := r.entityNamed(ctx, text(in.EntityName), auth.Manage)
	if err != nil {
		return nil, err
	}
	id, err := parseOpaqueID("User", text(in.ID))
	if err != nil {
		return nil, err
	}
	u, err := r.userByID(ctx, id)
	if err == nil && u == nil {
		err = auth.Hidden("member " + text(in.ID))
	}
	if err == nil {
		err = r.removeMember(ctx, team, *u)
	}
	if err != nil {
		return nil, err
	}
	return &generated.DeleteInvitePayload{Success: new(true)}, nil
}

func (g *Graph) removeMember(ctx context.Context, e ballast.Entity, u ballast.User) error {
	err := g.db.Write(ctx, "remove member", func(tx *meta.Tx) error {
		if u.Service && u.ServiceTeamID == e.ID {
			return tx.DeleteUser(u.ID)
		}
		if err := keepsAdmin(tx, e, u); err != nil {
			return err
		}
		return tx.RemoveMember(e.ID, u.ID)
	})
	if err == nil {
		g.auth.Forget(u.ID)
	}
	return err
}

// memberOf finds the team or organization, which the caller must manage, and
// the user.
func (g *Graph) memberOf(ctx context.Context, entity, user string) (e ballast.Entity, u ballast.User, err error) {
	if e, err = g.entityNamed(ctx, entity, auth.Manage); err != nil {
		return e, u, err
	}
	u, err = g.userByName(ctx, user)
	return e, u, err
}

func (g *Graph) setMember(ctx context.Context, e ballast.Entity, u ballast.User, role ballast.Role) error {
	err := g.db.Write(ctx, "set member", func(tx *meta.Tx) error {
		if role != ballast.Admin {
			if err := keepsAdmin(tx, e, u); err != nil {
				return err
			}
		}
		return tx.SetMember(e.ID, u.ID, role)
	})
	if err == nil {
		g.auth.Forget(u.ID)
	}
	return err
}

// keepsAdmin says when a team or an organization would be left without an
// admin if the user were none any more.
func keepsAdmin(tx *meta.Tx, e ballast.Entity, u ballast.User) error {
	all, err := tx.Members(e.ID)
	if err != nil {
		return err
	}
	is, others := false, false
	for _, m := range all {
		if m.Role == ballast.Admin {
			is, others = is || m.User.ID == u.ID, others || m.User.ID != u.ID
		}
	}
	if is && !others {
		return ballast.Errorf(ballast.Conflict, "%s is the last admin of %s: make somebody else admin first", u.Name, e.Name)
	}
	return nil
}

func memberFrom(u ballast.User, role ballast.Role) *generated.Member {
	kind := "MEMBER"
	if u.Service {
		kind = "SERVICE"
	}
	return &generated.Member{
		ID: some(opaqueID("User", u.ID)), Name: cmp.Or(u.FullName, u.Name), Username: some(u.Name), Email: some(u.Email),
		Admin: new(role == ballast.Admin), Pending: new(false), AccountType: &kind, Role: some(string(role)),
	}
}

// membersOf lists who is in a team or an organization; a personal entity's
// only member is the person.
func (g *Graph) membersOf(ctx context.Context, e ballast.Entity) ([]*generated.Member, error) {
	out := []*generated.Member{}
	if e.Kind == ballast.Personal {
		u, err := g.userByName(ctx, e.Name)
		if err != nil {
			return out, hidden(err)
		}
		return append(out, memberFrom(u, ballast.Admin)), nil
	}
	var all []ballast.Membership
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.Members(e.ID)
		return err
	})
	// The SDK takes the last one for the service account that it has just made.
	slices.SortStableFunc(all, func(a, b ballast.Membership) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.User.ID, b.User.ID))
	})
	for _, m := range all {
		member := memberFrom(m.User, m.Role)
		if m.User.Service {
			member.APIKey = some(g.handover.take(m.User.ID, auth.From(ctx).User.ID, g.now()))
		}
		out = append(out, member)
	}
	return out, err
}
