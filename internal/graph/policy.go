package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
)

// guard lets a field pass that the policy table (auth/policy.tsv) allows to the
// caller, as far as that can be told before its object is found; the resolver
// asks May for the object. A field without a row is refused to everybody.
func (g *Graph) guard(ctx context.Context, next graphql.Resolver) (any, error) {
	f := graphql.GetFieldContext(ctx)
	if introspects(f) {
		return next(ctx)
	}
	required, ok := g.policy.Field(f.Object, f.Field.Name)
	if !ok {
		return nil, ballast.Errorf(ballast.Denied, "%s.%s is not open to anybody", f.Object, f.Field.Name)
	}
	if err := required.Admit(auth.From(ctx)); err != nil {
		return nil, err
	}
	if f.Field.Definition.Directives.ForName("unasked") != nil {
		g.unasked.WithLabelValues(f.Object + "." + f.Field.Name).Inc()
		return nil, nil
	}
	if f.Object == "Mutation" {
		if err := unserved(f.Field.Field, graphql.GetOperationContext(ctx).Variables); err != nil {
			return nil, err
		}
		visiting(ctx).forget() // what the mutation before it changed
	}
	return next(ctx)
}

// introspects reports whether a field is of the schema itself, which is open.
func introspects(f *graphql.FieldContext) bool {
	return strings.HasPrefix(f.Object, "__") || strings.HasPrefix(f.Field.Name, "__")
}
