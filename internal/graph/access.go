package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
)

// access is how visible new projects are: to their entity's members.
const access = "TEAM"

// permission is a question that one request asks often.
type permission struct {
	action auth.Action
	entity int64
	owner  int64
}

// may says whether the caller may do something with what the entity owns, or
// with the entity itself. What may not be seen is NotFound.
func (g *Graph) may(ctx context.Context, action auth.Action, e ballast.Entity) error {
	return g.mayOwned(ctx, action, auth.Object{Entity: e})
}

// mayRun is may for a run, whose creator may do more with it than others.
func (g *Graph) mayRun(ctx context.Context, action auth.Action, e ballast.Entity, run ballast.Run) error {
	name := "run " + run.Entity + "/" + run.Project + "/" + run.Name
	return g.mayOwned(ctx, action, auth.Object{Entity: e, Name: name, Owner: run.UserID})
}

func (g *Graph) mayOwned(ctx context.Context, action auth.Action, o auth.Object) error {
	v := visiting(ctx)
	refused, err := recall(v, &v.allowed, permission{action, o.Entity.ID, o.Owner}, func() (error, error) {
		err := g.auth.May(ctx, auth.From(ctx), action, o)
		switch ballast.KindOf(err) {
		case ballast.Denied, ballast.NotFound, ballast.Unsigned:
			return err, nil // an answer, to be remembered
		}
		return nil, err
	})
	if err != nil {
		return err
	}
	return refused
}

// lacks reports whether the caller may not do something.
func (g *Graph) lacks(ctx context.Context, action auth.Action, e ballast.Entity) (bool, error) {
	err := g.may(ctx, action, e)
	if ballast.Is(err, ballast.Denied) || ballast.Is(err, ballast.NotFound) {
		return true, nil
	}
	return false, err
}

// hidden turns "not found" into no answer: the SDK expects null (PROTOCOL
// section 0.6).
func hidden(err error) error {
	if ballast.Is(err, ballast.NotFound) {
		return nil
	}
	return err
}
