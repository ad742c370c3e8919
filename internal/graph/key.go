package graph

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r mutationResolver) GenerateAPIKey(ctx context.Context, in generated.GenerateAPIKeyInput) (*generated.GenerateAPIKeyPayload, error) {
	owner, err := r.keyOwner(ctx, text(in.Username))
	if err != nil {
		return nil, err
	}
	name := text(in.Name)
	if name == "" {
		name = text(in.Description)
	}
	var expires time.Time
	if in.ExpiresAt != nil {
		expires = *in.ExpiresAt
	}
	secret, key, err := r.auth.NewKey(ctx, owner.ID, name, expires)
	if err != nil {
		return nil, err
	}
	out := apiKey(key)
	out.Name = secret
	return &generated.GenerateAPIKeyPayload{APIKey: out}, nil
}

// keyOwner is the user whose key is to be made: the caller, or the named user
// when the caller manages them.
func (g *Graph) keyOwner(ctx context.Context, name string) (ballast.User, error) {
	self := auth.From(ctx).User
	if name == "" || name == self.Name {
		return self, nil
	}
	owner, err := g.userByName(ctx, name)
	if err == nil {
		err = g.mayManageKeys(ctx, owner)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("user " + name)
	}
	return owner, err
}

// mayManageKeys allows a user's keys to themselves, to the admins of a service
// account's team, and to instance admins. To everybody else the user looks as
// if they did not exist.
func (g *Graph) mayManageKeys(ctx context.Context, owner ballast.User) error {
	if g.isSelf(ctx, owner) || auth.From(ctx).AdminPrivileges {
		return nil
	}
	if owner.Service {
		team, err := g.entityByID(ctx, owner.ServiceTeamID)
		if err != nil {
			return err
		}
		return g.may(ctx, auth.Manage, team)
	}
	return auth.Hidden("user " + owner.Name)
}

func (r mutationResolver) DeleteAPIKey(ctx context.Context, in generated.DeleteAPIKeyInput) (*generated.DeleteAPIKeyPayload, error) {
	id, err := parseOpaqueID("ApiKey", in.ID)
	if err != nil {
		return nil, err
	}
	unknown := auth.Hidden("API key " + in.ID)
	var key ballast.Key
	err = r.db.Read(ctx, func(tx *meta.Tx) error {
		key, err = tx.Key(id)
		return err
	})
	if ballast.Is(err, ballast.NotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	owner, err := r.userByID(ctx, key.UserID)
	if err != nil {
		return nil, err
	}
	if owner == nil || r.mayManageKeys(ctx, *owner) != nil {
		return nil, unknown
	}
	if err := r.auth.RevokeKey(ctx, id); err != nil {
		return nil, err
	}
	return &generated.DeleteAPIKeyPayload{Success: new(true)}, nil
}

// keysOf lists a user's keys that are not revoked.
func (g *Graph) keysOf(ctx context.Context, u ballast.User) (*generated.APIKeyConnection, error) {
	var keys []ballast.Key
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		keys, err = tx.Keys(u.ID)
		return err
	})
	out := &generated.APIKeyConnection{Edges: []*generated.APIKeyEdge{}}
	for _, k := range keys {
		if k.Revoked.IsZero() {
			out.Edges = append(out.Edges, &generated.APIKeyEdge{Node: apiKey(k)})
		}
	}
	return out, err
}

// apiKey is a key as it is shown ever after it was made: without its secret.
func apiKey(k ballast.Key) *generated.APIKey {
	return &generated.APIKey{
		ID: opaqueID("ApiKey", k.ID), Name: "****" + k.Hint, Description: some(k.Name), Hint: k.Hint,
		CreatedAt: k.Created, ExpiresAt: moment(k.Expires), LastUsedAt: moment(k.LastUsed),
	}
}

// moment is a time, nil for the zero one.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
