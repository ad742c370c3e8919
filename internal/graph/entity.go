package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r queryResolver) Entity(ctx context.Context, name *string) (*ballast.Entity, error) {
	e, err := r.entityNamed(ctx, text(name), auth.Read)
	if err != nil || e.Kind == ballast.Organization {
		return nil, hidden(err)
	}
	return &e, nil
}

// entityNamed finds an entity by name, the caller's default one for "", and
// checks what the caller wants to do with it. A hidden one is NotFound with
// the same text as one that does not exist.
func (g *Graph) entityNamed(ctx context.Context, name string, action auth.Action) (e ballast.Entity, err error) {
	if name == "" {
		e, err = g.homeOf(ctx, auth.From(ctx).User)
	} else {
		e, err = g.entityByName(ctx, name)
	}
	if err == nil {
		err = g.may(ctx, action, e)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("entity " + name)
	}
	return e, err
}

// entityByName looks an entity up once per request.
func (g *Graph) entityByName(ctx context.Context, name string) (ballast.Entity, error) {
	v := visiting(ctx)
	return recall(v, &v.named, name, func() (e ballast.Entity, err error) {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			e, err = tx.EntityByName(name)
			return err
		})
		return e, err
	})
}

// entityByID looks an entity up once per request.
func (g *Graph) entityByID(ctx context.Context, id int64) (ballast.Entity, error) {
	v := visiting(ctx)
	return recall(v, &v.entities, id, func() (e ballast.Entity, err error) {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			e, err = tx.Entity(id)
			return err
		})
		return e, err
	})
}

func (r entityResolver) ID(_ context.Context, e *ballast.Entity) (string, error) {
	return opaqueID("Entity", e.ID), nil
}

func (r entityResolver) IsTeam(_ context.Context, e *ballast.Entity) (bool, error) {
	return e.Kind == ballast.Team, nil
}

func (r entityResolver) EntityType(_ context.Context, e *ballast.Entity) (*string, error) {
	return some(string(e.Kind)), nil
}

func (r entityResolver) Available(context.Context, *ballast.Entity) (*bool, error) {
	return new(false), nil // the name is taken
}

func (r entityResolver) PhotoURL(context.Context, *ballast.Entity) (*string, error) { return nil, nil }

func (r entityResolver) ReadOnly(ctx context.Context, e *ballast.Entity) (*bool, error) {
	no, err := r.lacks(ctx, auth.Write, *e)
	return &no, err
}

func (r entityResolver) ReadOnlyAdmin(ctx context.Context, e *ballast.Entity) (bool, error) {
	return r.lacks(ctx, auth.Manage, *e)
}

func (r entityResolver) PrivateOnly(context.Context, *ballast.Entity) (bool, error) { return true, nil }

func (r entityResolver) StorageBytes(ctx context.Context, e *ballast.Entity) (int64, error) {
	var b meta.Bytes
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		b, err = tx.EntityBytes(e.ID)
		return err
	})
	return b.History + b.Console + b.Files + b.Artifacts, err
}

func (r entityResolver) CodeSavingEnabled(context.Context, *ballast.Entity) (bool, error) {
	return true, nil
}

func (r entityResolver) XxhashDigestsEnabled(context.Context, *ballast.Entity) (bool, error) {
	return false, nil
}

func (r entityResolver) DefaultAccess(context.Context, *ballast.Entity) (string, error) {
	return access, nil
}

func (r entityResolver) IsPaid(context.Context, *ballast.Entity) (*bool, error) {
	return new(true), nil
}

func (r entityResolver) Limits(context.Context, *ballast.Entity) (*string, error) {
	return some("{}"), nil
}

func (r entityResolver) ViewerRole(ctx context.Context, e *ballast.Entity) (*string, error) {
	role, err := r.auth.RoleIn(ctx, auth.From(ctx), *e)
	return some(string(role)), err
}

func (r entityResolver) Members(ctx context.Context, e *ballast.Entity) ([]*generated.Member, error) {
	return r.membersOf(ctx, *e)
}

func (r entityResolver) Organization(ctx context.Context, e *ballast.Entity) (*generated.Organization, error) {
	if e.OrgID == 0 {
		return nil, nil
	}
	org, err := r.entityByID(ctx, e.OrgID)
	if err == nil {
		err = r.may(ctx, auth.Read, org)
	}
	if err != nil {
		return nil, hidden(err)
	}
	return organization(org), nil
}

func (r entityResolver) User(ctx context.Context, e *ballast.Entity) (*ballast.User, error) {
	if e.Kind != ballast.Personal {
		return nil, nil
	}
	u, err := r.userByName(ctx, e.Name)
	if err != nil {
		return nil, hidden(err)
	}
	return &u, nil
}

func (r entityResolver) Project(ctx context.Context, e *ballast.Entity, name *string) (*ballast.Project, error) {
	return r.projectIn(ctx, *e, text(name))
}

func (r entityResolver) Projects(ctx context.Context, e *ballast.Entity, _ *string, after *string, first *int, _ *string) (*generated.ProjectConnection, error) {
	return r.projectsOf(ctx, *e, after, first)
}
