package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r mutationResolver) UpdateArtifact(ctx context.Context, in generated.UpdateArtifactInput) (*generated.UpdateArtifactPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Write)
	if err != nil {
		return nil, err
	}
	if text(in.Labels) != "" {
		return nil, ballast.Errorf(ballast.Invalid, "labels are not supported by this server: use tags or metadata")
	}
	e := artifact.Edit{Description: in.Description, Metadata: in.Metadata, TTL: in.TTLDurationSeconds, AddTags: tagNames(in.TagsToAdd), RemoveTags: tagNames(in.TagsToDelete)}
	if e.TTL != nil {
		if err := checkTTL(*e.TTL); err != nil {
			return nil, err
		}
	}
	if in.Aliases != nil {
		names, err := ownAliases(in.Aliases, a.Collection.Name)
		if err != nil {
			return nil, err
		}
		e.Aliases = append([]string{}, names...)
	}
	if a, err = r.artifacts.Edit(ctx, a, e); err != nil {
		return nil, err
	}
	return &generated.UpdateArtifactPayload{Artifact: &a}, nil
}

func (r mutationResolver) DeleteArtifact(ctx context.Context, in generated.DeleteArtifactInput) (*generated.DeleteArtifactPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Write)
	if err != nil {
		return nil, err
	}
	if a.State != ballast.ArtifactDeleted { // its collection may be gone
		err = r.artifacts.Delete(ctx, a, yes(in.DeleteAliases))
	}
	if err != nil {
		return nil, err
	}
	a.State = ballast.ArtifactDeleted
	return &generated.DeleteArtifactPayload{Artifact: &a}, nil
}

// aliased is an alias of a collection.
type aliased struct {
	collection int64
	alias      string
}

// aliasTargets finds the collections of aliases and checks that the caller may
// write to them and that the version is in them.
func (g *Graph) aliasTargets(ctx context.Context, a ballast.Artifact, in []*generated.ArtifactCollectionAliasInput) (out []aliased, err error) {
	for _, t := range in {
		c, err := g.collectionIn(ctx, t.EntityName, t.ProjectName, t.ArtifactCollectionName, auth.Write)
		if err != nil {
			return nil, err
		}
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			_, err := tx.ArtifactMember(c.ID, a.ID)
			return err
		})
		if ballast.Is(err, ballast.NotFound) {
			err = ballast.Errorf(ballast.NotFound, "collection %s does not hold that version of %s: link it first", c.Name, a.Collection.Name)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, aliased{c.ID, t.Alias})
	}
	return out, nil
}

// collectionIn finds a collection by its names.
func (g *Graph) collectionIn(ctx context.Context, entity, project, name string, action auth.Action) (c ballast.Collection, err error) {
	e, err := g.entityNamed(ctx, entity, action)
	if err == nil {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			p, err := tx.ProjectByName(e.ID, project)
			if err == nil {
				c, err = tx.CollectionByName(p.ID, name)
			}
			return err
		})
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("artifact collection " + entity + "/" + project + "/" + name)
	}
	return c, err
}

func (r mutationResolver) AddAliases(ctx context.Context, in generated.AddAliasesInput) (*generated.AddAliasesPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Read)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range in.Aliases {
		names = append(names, t.Alias)
	}
	if err := artifact.CheckAliases(names); err != nil {
		return nil, err
	}
	targets, err := r.aliasTargets(ctx, a, in.Aliases)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "add aliases", func(tx *meta.Tx) error {
		for _, t := range targets {
			if err := tx.SetAlias(t.collection, a.ID, t.alias, r.now()); err != nil {
				return err
			}
		}
		return nil
	})
	return &generated.AddAliasesPayload{Success: err == nil}, err
}

func (r mutationResolver) DeleteAliases(ctx context.Context, in generated.DeleteAliasesInput) (*generated.DeleteAliasesPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Read)
	if err != nil {
		return nil, err
	}
	targets, err := r.aliasTargets(ctx, a, in.Aliases)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "delete aliases", func(tx *meta.Tx) error {
		for _, t := range targets {
			if err := tx.DeleteAlias(t.collection, a.ID, t.alias, r.now()); err != nil {
				return err
			}
		}
		return nil
	})
	return &generated.DeleteAliasesPayload{Success: err == nil}, err
}

// --- links

func (r mutationResolver) LinkArtifact(ctx context.Context, in generated.LinkArtifactInput) (*generated.LinkArtifactPayload, error) {
	a, err := r.linked(ctx, in)
	if err != nil {
		return nil, err
	}
	if a.State != ballast.ArtifactCommitted {
		return nil, ballast.Errorf(ballast.Conflict, "artifact %s is %s: only committed versions can be linked", a.Collection.Name, strings.ToLower(string(a.State)))
	}
	c, err := r.linkTarget(ctx, a, in)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, alias := range in.Aliases {
		names = append(names, alias.Alias)
	}
	if err := artifact.CheckAliases(names); err != nil {
		return nil, err
	}
	var m ballast.ArtifactMember
	err = r.db.Write(ctx, "link artifact", func(tx *meta.Tx) error {
		m, err = tx.Link(c.ID, a.ID, names, r.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.LinkArtifactPayload{ArtifactMembership: &m, VersionIndex: new(int(m.Version))}, nil
}

func (g *Graph) linked(ctx context.Context, in generated.LinkArtifactInput) (ballast.Artifact, error) {
	switch {
	case text(in.ArtifactID) != "":
		return g.artifactByID(ctx, *in.ArtifactID, auth.Read)
	case text(in.ClientID) != "":
		return g.artifactByClient(ctx, *in.ClientID)
	}
	return ballast.Artifact{}, ballast.Errorf(ballast.Invalid, "linkArtifact needs artifactID or clientID")
}

// linkTarget finds the portfolio to link into, made when it does not exist.
func (r mutationResolver) linkTarget(ctx context.Context, a ballast.Artifact, in generated.LinkArtifactInput) (c ballast.Collection, err error) {
	if id := text(in.ArtifactPortfolioID); id != "" {
		c, err = r.collectionByID(ctx, id, auth.Write)
		if err == nil && !c.Portfolio {
			err = ballast.Errorf(ballast.Invalid, "collection %s is a sequence of logged versions: nothing can be linked into it", c.Name)
		}
		return c, err
	}
	name := text(in.ArtifactPortfolioName)
	if err := ballast.CheckName("collection", name); err != nil {
		return c, err
	}
	p, err := r.writeProject(ctx, cmp.Or(text(in.EntityName), a.Collection.Entity), cmp.Or(text(in.ProjectName), a.Collection.Project))
	if err != nil {
		return c, err
	}
	err = r.db.Write(ctx, "find portfolio", func(tx *meta.Tx) error {
		k, err := tx.EnsureArtifactType(p.ID, a.Collection.Type, "", r.now())
		if err != nil {
			return err
		}
		c, err = tx.EnsureCollection(ballast.Collection{ProjectID: p.ID, TypeID: k.ID, Name: name, Portfolio: true}, "", r.now())
		return err
	})
	return c, err
}

func (r mutationResolver) UnlinkArtifact(ctx context.Context, in generated.UnlinkArtifactInput) (*generated.UnlinkArtifactPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Read)
	if err != nil {
		return nil, err
	}
	c, err := r.collectionByID(ctx, in.ArtifactPortfolioID, auth.Write)
	if err != nil {
		return nil, err
	}
	if !c.Portfolio {
		return nil, ballast.Errorf(ballast.Invalid, "collection %s is a sequence: delete the version instead", c.Name)
	}
	err = r.db.Write(ctx, "unlink artifact", func(tx *meta.Tx) error { return tx.Unlink(c.ID, a.ID, r.now()) })
	return &generated.UnlinkArtifactPayload{Success: err == nil}, err
}

// --- collections

// collectionOf finds a collection that is to be changed, of one sort.
func (g *Graph) collectionOf(ctx context.Context, id string, portfolio bool) (ballast.Collection, error) {
	c, err := g.collectionByID(ctx, id, auth.Write)
	if err == nil && c.Portfolio != portfolio {
		err = ballast.Errorf(ballast.Invalid, "collection %s is of the other sort", c.Name)
	}
	return c, err
}

func (g *Graph) deleteCollection(ctx context.Context, id string, portfolio bool) (generated.ArtifactCollection, error) {
	c, err := g.collectionOf(ctx, id, portfolio)
	if err != nil {
		return nil, err
	}
	now := g.now()
	if err := g.db.Write(ctx, "delete collection", func(tx *meta.Tx) error { return tx.DeleteCollection(c.ID, now) }); err != nil {
		return nil, err
	}
	c.Deleted = now
	return collectionNode(c), nil
}

func (r mutationResolver) DeleteArtifactSequence(ctx context.Context, in generated.DeleteArtifactSequenceInput) (*generated.DeleteArtifactSequencePayload, error) {
	c, err := r.deleteCollection(ctx, in.ArtifactSequenceID, false)
	if err != nil {
		return nil, err
	}
	return &generated.DeleteArtifactSequencePayload{ArtifactCollection: c}, nil
}

func (r mutationResolver) DeleteArtifactPortfolio(ctx context.Context, in generated.DeleteArtifactPortfolioInput) (*generated.DeleteArtifactPortfolioPayload, error) {
	c, err := r.deleteCollection(ctx, in.ArtifactPortfolioID, true)
	if err != nil {
		return nil, err
	}
	return &generated.DeleteArtifactPortfolioPayload{ArtifactCollection: c}, nil
}

// editCollection changes a collection; what is nil stays.
func (g *Graph) editCollection(ctx context.Context, c ballast.Collection, name, description, kind *string) (ballast.Collection, error) {
	if name != nil {
		if err := ballast.CheckName("artifact collection", *name); err != nil {
			return c, err
		}
		c.Name = *name
	}
	if description != nil {
		c.Description = *description
	}
	if kind != nil {
		if err := ballast.CheckName("artifact type", *kind); err != nil {
			return c, err
		}
	}
	err := g.db.Write(ctx, "update collection", func(tx *meta.Tx) error {
		if kind != nil {
			k, err := tx.EnsureArtifactType(c.ProjectID, *kind, "", g.now())
			if err != nil {
				return err
			}
			c.TypeID = k.ID
		}
		if err := tx.UpdateCollection(c, g.now()); err != nil {
			return err
		}
		changed, err := tx.Collection(c.ID)
		if err == nil {
			c = changed
		}
		return err
	})
	return c, err
}

func (r mutationResolver) UpdateArtifactSequence(ctx context.Context, in generated.UpdateArtifactSequenceInput) (*generated.UpdateArtifactSequencePayload, error) {
	c, err := r.collectionOf(ctx, in.ArtifactSequenceID, false)
	if err == nil {
		c, err = r.editCollection(ctx, c, in.Name, in.Description, nil)
	}
	if err != nil {
		return nil, err
	}
	return &generated.UpdateArtifactSequencePayload{ArtifactCollection: collectionNode(c)}, nil
}

func (r mutationResolver) UpdateArtifactPortfolio(ctx context.Context, in generated.UpdateArtifactPortfolioInput) (*generated.UpdateArtifactPortfolioPayload, error) {
	c, err := r.collectionOf(ctx, in.ArtifactPortfolioID, true)
	if err == nil {
		c, err = r.editCollection(ctx, c, in.Name, in.Description, nil)
	}
	if err != nil {
		return nil, err
	}
	return &generated.UpdateArtifactPortfolioPayload{ArtifactCollection: collectionNode(c)}, nil
}

func (r mutationResolver) MoveArtifactSequence(ctx context.Context, in generated.MoveArtifactSequenceInput) (*generated.MoveArtifactSequencePayload, error) {
	c, err := r.collectionOf(ctx, in.ArtifactSequenceID, false)
	if err == nil {
		c, err = r.editCollection(ctx, c, nil, nil, &in.DestinationArtifactTypeName)
	}
	if err != nil {
		return nil, err
	}
	return &generated.MoveArtifactSequencePayload{ArtifactCollection: sequenceNode(c)}, nil
}

func (r mutationResolver) CreateArtifactCollectionTagAssignments(ctx context.Context, in generated.CreateArtifactCollectionTagAssignmentsInput) (*generated.CreateArtifactCollectionTagAssignmentsPayload, error) {
	names := tagNames(in.Tags)
	if err := artifact.CheckTags(names); err != nil {
		return nil, err
	}
	c, err := r.collectionIn(ctx, in.EntityName, in.ProjectName, in.ArtifactCollectionName, auth.Write)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "tag collection", func(tx *meta.Tx) error {
		for _, name := range names {
			if err := tx.AddArtifactTag(0, c.ID, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &generated.CreateArtifactCollectionTagAssignmentsPayload{Tags: tagNodes(0, c.ID, slices.Clone(names))}, nil
}

func (r mutationResolver) DeleteArtifactCollectionTagAssignments(ctx context.Context, in generated.DeleteArtifactCollectionTagAssignmentsInput) (*generated.DeleteArtifactCollectionTagAssignmentsPayload, error) {
	c, err := r.collectionIn(ctx, in.EntityName, in.ProjectName, in.ArtifactCollectionName, auth.Write)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "untag collection", func(tx *meta.Tx) error {
		for _, name := range tagNames(in.Tags) {
			if err := tx.RemoveArtifactTag(0, c.ID, name); err != nil {
				return err
			}
		}
		return nil
	})
	return &generated.DeleteArtifactCollectionTagAssignmentsPayload{Success: err == nil}, err
}
