package graph

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

const maxUsers = 100 // of one answer

func (r queryResolver) Viewer(ctx context.Context) (*ballast.User, error) {
	c := auth.From(ctx)
	if c.User.ID == 0 {
		return nil, nil
	}
	u := c.User
	return &u, nil
}

func (r queryResolver) Users(ctx context.Context, query *string) (*generated.UserConnection, error) {
	found, err := r.findUsers(ctx, text(query))
	if err != nil {
		return nil, err
	}
	out := &generated.UserConnection{Edges: []*generated.UserEdge{}}
	for i := range found {
		out.Edges = append(out.Edges, &generated.UserEdge{Node: &found[i]})
	}
	return out, nil
}

// findUsers lists the users whose name or address contains the text, exact
// ones first: the SDK takes the first.
func (g *Graph) findUsers(ctx context.Context, query string) (found []ballast.User, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		found, err = tx.Users(query, 0, maxUsers)
		if err != nil {
			return err
		}
		// A page of others must not push the exact one out.
		for _, exact := range []func(string) (ballast.User, error){tx.UserByName, tx.UserByEmail} {
			if u, err := exact(query); err == nil {
				found = append([]ballast.User{u}, slices.DeleteFunc(found, func(o ballast.User) bool { return o.ID == u.ID })...)
			}
		}
		return nil
	})
	return found, err
}

func (r mutationResolver) CreateUser(ctx context.Context, in generated.CreateUserInput) (*generated.CreateUserPayload, error) {
	var u ballast.User
	err := r.db.Write(ctx, "create user", func(tx *meta.Tx) error {
		if _, err := tx.UserByEmail(in.Email); !ballast.Is(err, ballast.NotFound) {
			return cmp.Or(err, error(ballast.Errorf(ballast.Conflict, "the e-mail address %.340s is taken", in.Email)))
		}
		name, err := newName(tx, text(in.Username), in.Email)
		if err == nil {
			u, err = tx.CreateUser(ballast.User{Name: name, Email: in.Email, EmailProven: true, Admin: yes(in.Admin)}, "")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.CreateUserPayload{User: &u}, nil
}

// newName is the login name of a new user: the one asked for, or what comes
// before the @ of the address, with a number when that is taken.
func newName(tx *meta.Tx, asked, email string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	base, _, _ := strings.Cut(email, "@")
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name += "-" + strconv.Itoa(n)
		}
		_, err := tx.EntityByName(name)
		if ballast.Is(err, ballast.NotFound) || n == 100 {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
}

func (r userResolver) ID(_ context.Context, u *ballast.User) (string, error) {
	return opaqueID("User", u.ID), nil
}

func (r userResolver) Name(_ context.Context, u *ballast.User) (string, error) {
	return cmp.Or(u.FullName, u.Name), nil
}

func (r userResolver) Email(ctx context.Context, u *ballast.User) (*string, error) {
	seen, err := r.knows(ctx, *u)
	if err != nil || !seen {
		return nil, err
	}
	return some(u.Email), nil
}

func (r userResolver) Admin(_ context.Context, u *ballast.User) (*bool, error) { return &u.Admin, nil }

func (r userResolver) Flags(context.Context, *ballast.User) (*string, error) {
	return some(`{"code_saving_enabled":true}`), nil
}

func (r userResolver) Entity(ctx context.Context, u *ballast.User) (*string, error) {
	e, err := r.homeOf(ctx, *u)
	if ballast.Is(err, ballast.NotFound) {
		return nil, nil
	}
	return some(e.Name), err
}

// homeOf is the entity where a user's runs go that name none: the own one, or
// a service account's team.
func (g *Graph) homeOf(ctx context.Context, u ballast.User) (ballast.Entity, error) {
	id := u.EntityID
	if u.Service {
		id = u.ServiceTeamID
	}
	return g.entityByID(ctx, id)
}

func (r userResolver) DeletedAt(context.Context, *ballast.User) (*time.Time, error) { return nil, nil }

func (r userResolver) PhotoURL(context.Context, *ballast.User) (*string, error) { return nil, nil }

func (r userResolver) APIKeys(ctx context.Context, u *ballast.User) (*generated.APIKeyConnection, error) {
	if !r.isSelf(ctx, *u) && !auth.From(ctx).AdminPrivileges {
		return nil, nil
	}
	return r.keysOf(ctx, *u)
}

func (r userResolver) Teams(ctx context.Context, u *ballast.User) (*generated.EntityConnection, error) {
	out := &generated.EntityConnection{Edges: []*generated.EntityEdge{}}
	if !r.isSelf(ctx, *u) && !auth.From(ctx).AdminPrivileges {
		return out, nil
	}
	teams, err := r.teamsOf(ctx, *u)
	for i := range teams {
		out.Edges = append(out.Edges, &generated.EntityEdge{Node: &teams[i]})
	}
	return out, err
}

func (r userResolver) Organizations(ctx context.Context, u *ballast.User) ([]*generated.Organization, error) {
	out := []*generated.Organization{}
	if !r.isSelf(ctx, *u) && !auth.From(ctx).AdminPrivileges {
		return out, nil
	}
	all, err := r.memberships(ctx, u.ID)
	for _, m := range all {
		if m.Entity.Kind == ballast.Organization {
			out = append(out, organization(m.Entity))
		}
	}
	return out, err
}

func (r userResolver) Projects(ctx context.Context, u *ballast.User, after *string, first *int) (*generated.ProjectConnection, error) {
	e, err := r.homeOf(ctx, *u)
	if err == nil {
		err = r.may(ctx, auth.Read, e)
	}
	if err != nil {
		return nil, hidden(err)
	}
	return r.projectsOf(ctx, e, after, first)
}

// isSelf reports whether the caller is the user.
func (g *Graph) isSelf(ctx context.Context, u ballast.User) bool {
	return auth.From(ctx).User.ID == u.ID
}

// knows reports whether the caller may see what is private of a user: their
// own, a fellow member's, or anybody's for an instance admin.
func (g *Graph) knows(ctx context.Context, u ballast.User) (bool, error) {
	if g.isSelf(ctx, u) || auth.From(ctx).AdminPrivileges {
		return true, nil
	}
	mine, err := g.memberships(ctx, auth.From(ctx).User.ID)
	if err != nil {
		return false, err
	}
	theirs, err := g.memberships(ctx, u.ID)
	for _, m := range mine {
		for _, t := range theirs {
			if m.Entity.ID == t.Entity.ID {
				return true, err
			}
		}
	}
	return false, err
}

// memberships lists a user's memberships once per request.
func (g *Graph) memberships(ctx context.Context, userID int64) ([]ballast.Membership, error) {
	v := visiting(ctx)
	return recall(v, &v.memberships, userID, func() (all []ballast.Membership, err error) {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			all, err = tx.Memberships(userID)
			return err
		})
		return all, err
	})
}

// teamsOf lists the teams that a user is in, those of organizations that they
// administer included, by name.
func (g *Graph) teamsOf(ctx context.Context, u ballast.User) ([]ballast.Entity, error) {
	all, err := g.memberships(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	byID := map[int64]ballast.Entity{}
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		for _, m := range all {
			if m.Entity.Kind == ballast.Team {
				byID[m.Entity.ID] = m.Entity
				continue
			}
			if m.Role != ballast.Admin {
				continue
			}
			teams, err := tx.TeamsOfOrg(m.Entity.ID)
			if err != nil {
				return err
			}
			for _, t := range teams {
				byID[t.ID] = t
			}
		}
		return nil
	})
	teams := make([]ballast.Entity, 0, len(byID))
	for _, t := range byID {
		teams = append(teams, t)
	}
	slices.SortFunc(teams, func(a, b ballast.Entity) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return teams, err
}

// userByID looks a user up once per request. Nil when there is none.
func (g *Graph) userByID(ctx context.Context, id int64) (*ballast.User, error) {
	if id == 0 {
		return nil, nil
	}
	v := visiting(ctx)
	u, err := recall(v, &v.users, id, func() (u ballast.User, err error) {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			u, err = tx.User(id)
			return err
		})
		if ballast.Is(err, ballast.NotFound) { // the account was deleted
			return ballast.User{}, nil
		}
		return u, err
	})
	if err != nil || u.ID == 0 {
		return nil, err
	}
	return &u, nil
}

// userByName finds a user for a caller who named them.
func (g *Graph) userByName(ctx context.Context, name string) (ballast.User, error) {
	return g.userByNameOrEmail(ctx, name, "")
}

func (g *Graph) userByNameOrEmail(ctx context.Context, name, email string) (u ballast.User, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		if name != "" {
			u, err = tx.UserByName(name)
		} else {
			u, err = tx.UserByEmail(email)
		}
		return err
	})
	return u, err
}
