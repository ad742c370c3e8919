package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r queryResolver) Organization(ctx context.Context, name string) (*generated.Organization, error) {
	e, err := r.entityNamed(ctx, name, auth.Read)
	if err != nil || e.Kind != ballast.Organization {
		return nil, hidden(err)
	}
	return organization(e), nil
}

func organization(e ballast.Entity) *generated.Organization {
	return &generated.Organization{ID: opaqueID("Organization", e.ID), Name: e.Name, Entity: e}
}

func (r organizationResolver) FeatureFlags(context.Context, *generated.Organization, generated.RampIDType) ([]*generated.FeatureFlag, error) {
	return []*generated.FeatureFlag{}, nil
}

func (r organizationResolver) Members(ctx context.Context, o *generated.Organization) ([]*generated.Member, error) {
	return r.membersOf(ctx, o.Entity)
}

func (r organizationResolver) Teams(ctx context.Context, o *generated.Organization) ([]*ballast.Entity, error) {
	var teams []ballast.Entity
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		teams, err = tx.TeamsOfOrg(o.Entity.ID)
		return err
	})
	out := []*ballast.Entity{}
	for i := range teams {
		if r.may(ctx, auth.Read, teams[i]) == nil {
			out = append(out, &teams[i])
		}
	}
	return out, err
}
