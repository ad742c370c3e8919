package graph

import (
	"context"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

type (
	sequenceResolver  struct{ *Graph }
	portfolioResolver struct{ *Graph }
)

func (r *root) ArtifactSequence() generated.ArtifactSequenceResolver {
	return sequenceResolver{r.Graph}
}
func (r *root) ArtifactPortfolio() generated.ArtifactPortfolioResolver {
	return portfolioResolver{r.Graph}
}

func collectionState(c ballast.Collection) generated.ArtifactCollectionState {
	if c.Deleted.IsZero() {
		return generated.ArtifactCollectionStateReady
	}
	return generated.ArtifactCollectionStateDeleted
}

func sequenceNode(c ballast.Collection) *generated.ArtifactSequence {
	return &generated.ArtifactSequence{ID: opaqueID("ArtifactCollection", c.ID), Name: c.Name, Description: some(c.Description), CreatedAt: c.Created,
		UpdatedAt: moment(c.Updated), State: collectionState(c), DigestAlgorithm: generated.ArtifactDigestAlgorithmManifestMd5, Of: c}
}

func collectionNode(c ballast.Collection) generated.ArtifactCollection {
	if !c.Portfolio {
		return sequenceNode(c)
	}
	return &generated.ArtifactPortfolio{ID: opaqueID("ArtifactCollection", c.ID), Name: c.Name, Description: some(c.Description), CreatedAt: c.Created,
		UpdatedAt: moment(c.Updated), State: collectionState(c), Of: c}
}

// collection finds a collection by number and checks that the caller may see
// it.
func (g *Graph) collection(ctx context.Context, id int64) (c ballast.Collection, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		c, err = tx.Collection(id)
		return err
	})
	if err == nil {
		err = g.mayIn(ctx, auth.Read, ballast.Project{EntityID: c.EntityID})
	}
	return c, err
}

// collectionByID finds a collection and checks what the caller wants to do
// with it.
func (g *Graph) collectionByID(ctx context.Context, id string, action auth.Action) (c ballast.Collection, err error) {
	n, err := parseOpaqueID("ArtifactCollection", id)
	if err != nil {
		return c, err
	}
	if c, err = g.collection(ctx, n); err == nil {
		err = g.mayIn(ctx, action, ballast.Project{EntityID: c.EntityID})
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("artifact collection " + id)
	}
	return c, err
}

func (r queryResolver) ArtifactCollection(ctx context.Context, id string) (generated.ArtifactCollection, error) {
	c, err := r.collectionByID(ctx, id, auth.Read)
	if err != nil {
		return nil, hidden(err)
	}
	return collectionNode(c), nil
}

// --- in a project

// collectionNamed finds a project's collection, and that it is of the type
// when typeID is not 0.
func (g *Graph) collectionNamed(ctx context.Context, projectID, typeID int64, name string) (c ballast.Collection, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		c, err = tx.CollectionByName(projectID, name)
		return err
	})
	if err == nil && typeID != 0 && c.TypeID != typeID {
		err = ballast.Errorf(ballast.NotFound, "artifact collection %.140q does not exist", name)
	}
	return c, err
}

func (g *Graph) collectionField(ctx context.Context, projectID, typeID int64, name string) (generated.ArtifactCollection, error) {
	c, err := g.collectionNamed(ctx, projectID, typeID, name)
	if err != nil {
		return nil, hidden(err)
	}
	return collectionNode(c), nil
}

func (r projectResolver) ArtifactCollection(ctx context.Context, p *ballast.Project, name string) (generated.ArtifactCollection, error) {
	return r.collectionField(ctx, p.ID, 0, name)
}

func (r artifactTypeResolver) ArtifactCollection(ctx context.Context, k *ballast.ArtifactType, name string) (generated.ArtifactCollection, error) {
	return r.collectionField(ctx, k.ProjectID, k.ID, name)
}

func (r projectResolver) Artifact(ctx context.Context, p *ballast.Project, name string) (*ballast.Artifact, error) {
	m, err := r.ArtifactCollectionMembership(ctx, p, name)
	if err != nil || m == nil {
		return nil, err
	}
	return artifactMemberResolver{r.Graph}.Artifact(ctx, m)
}

func (r projectResolver) ArtifactCollectionMembership(ctx context.Context, p *ballast.Project, name string) (*ballast.ArtifactMember, error) {
	name, alias, _ := strings.Cut(name, ":")
	c, err := r.collectionNamed(ctx, p.ID, 0, name)
	if err != nil {
		return nil, hidden(err)
	}
	return r.member(ctx, c, alias)
}

// member finds a version of a collection by what its name has after the colon,
// nil when there is none.
func (g *Graph) member(ctx context.Context, c ballast.Collection, alias string) (*ballast.ArtifactMember, error) {
	m, err := g.artifacts.Lookup(ctx, c.ID, alias)
	if err != nil {
		return nil, hidden(err)
	}
	return &m, nil
}

func (r projectResolver) ArtifactCollections(ctx context.Context, p *ballast.Project, after *string, first *int, filters, order *string) (*generated.ArtifactCollectionConnection, error) {
	return r.collections(ctx, p.ID, 0, after, first, filters, order)
}

func (r artifactTypeResolver) ArtifactCollections(ctx context.Context, k *ballast.ArtifactType, after *string, first *int, filters, order *string) (*generated.ArtifactCollectionConnection, error) {
	return r.collections(ctx, k.ProjectID, k.ID, after, first, filters, order)
}

func (g *Graph) collections(ctx context.Context, projectID, typeID int64, after *string, first *int, filters, order *string) (*generated.ArtifactCollectionConnection, error) {
	all, err := g.artifacts.Collections(ctx, projectID, typeID, artifact.List{Filter: text(filters), Order: text(order)})
	if err != nil {
		return nil, err
	}
	cursor := func(c ballast.Collection) string { return opaqueID("ArtifactCollection", c.ID) }
	part, info, err := pageOf(all, after, first, cursor)
	if err != nil {
		return nil, err
	}
	out := &generated.ArtifactCollectionConnection{Edges: []*generated.ArtifactCollectionEdge{}, PageInfo: info, TotalCount: new(len(all))}
	for _, c := range part {
		out.Edges = append(out.Edges, &generated.ArtifactCollectionEdge{Cursor: cursor(c), Node: collectionNode(c)})
	}
	return out, nil
}

func (r projectResolver) ArtifactType(ctx context.Context, p *ballast.Project, name string) (*ballast.ArtifactType, error) {
	var k ballast.ArtifactType
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		k, err = tx.ArtifactTypeByName(p.ID, name)
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	return &k, nil
}

func (r projectResolver) ArtifactTypes(ctx context.Context, p *ballast.Project, after *string, first *int, _ *bool) (*generated.ArtifactTypeConnection, error) {
	limit := page(first, firstPage, maxPage)
	var all []ballast.ArtifactType
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.ArtifactTypes(p.ID, text(after), limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &generated.ArtifactTypeConnection{Edges: []*generated.ArtifactTypeEdge{}, PageInfo: &generated.PageInfo{HasNextPage: len(all) > limit}}
	for i := range all[:min(limit, len(all))] {
		out.Edges = append(out.Edges, &generated.ArtifactTypeEdge{Cursor: all[i].Name, Node: &all[i]})
		out.PageInfo.EndCursor = &all[i].Name
	}
	return out, nil
}

func (r artifactTypeResolver) ID(_ context.Context, k *ballast.ArtifactType) (string, error) {
	return opaqueID("ArtifactType", k.ID), nil
}

func (r artifactTypeResolver) Description(_ context.Context, k *ballast.ArtifactType) (*string, error) {
	return some(k.Description), nil
}

// --- fields of a collection

func (g *Graph) typeOf(ctx context.Context, c ballast.Collection) (*ballast.ArtifactType, error) {
	var k ballast.ArtifactType
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		k, err = tx.ArtifactType(c.TypeID)
		return err
	})
	return &k, err
}

func (g *Graph) projectOf(ctx context.Context, c ballast.Collection) (*ballast.Project, error) {
	var p ballast.Project
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		p, err = tx.Project(c.ProjectID)
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	return &p, nil
}

func (g *Graph) aliases(ctx context.Context, c ballast.Collection, after *string, first *int) (*generated.ArtifactAliasConnection, error) {
	limit := page(first, firstPage, maxPage)
	var all []ballast.ArtifactAlias
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.Aliases(c.ID, text(after), limit+1)
		return err
	})
	out := &generated.ArtifactAliasConnection{Edges: []*generated.ArtifactAliasEdge{}, PageInfo: &generated.PageInfo{HasNextPage: len(all) > limit}}
	for i := range all[:min(limit, len(all))] {
		out.Edges = append(out.Edges, &generated.ArtifactAliasEdge{Node: &all[i]})
		out.PageInfo.EndCursor = &all[i].Alias
	}
	return out, err
}

func (g *Graph) versions(ctx context.Context, c ballast.Collection, after *string, first *int, order, filters *string) (*generated.ArtifactConnection, error) {
	all, err := g.artifacts.Versions(ctx, c.ID, artifact.List{Filter: text(filters), Order: text(order)})
	if err != nil {
		return nil, err
	}
	seen, number := []ballast.Artifact{}, map[int64]int64{}
	for _, v := range all {
		ok, err := g.seen(ctx, v.Collection.EntityID)
		if err != nil {
			return nil, err
		}
		if ok {
			seen, number[v.ID] = append(seen, v.Artifact), v.Number
		}
	}
	return artifactPage(seen, after, first, func(a ballast.Artifact) int64 { return number[a.ID] })
}

func (g *Graph) collectionTags(ctx context.Context, c ballast.Collection) (*generated.TagConnection, error) {
	tags, err := g.tags(ctx, 0, c.ID)
	out := &generated.TagConnection{Edges: []*generated.TagEdge{}}
	for _, t := range tags {
		out.Edges = append(out.Edges, &generated.TagEdge{Node: t})
	}
	return out, err
}

func (r sequenceResolver) Project(ctx context.Context, c *generated.ArtifactSequence) (*ballast.Project, error) {
	return r.projectOf(ctx, c.Of)
}

func (r portfolioResolver) Project(ctx context.Context, c *generated.ArtifactPortfolio) (*ballast.Project, error) {
	return r.projectOf(ctx, c.Of)
}

func (r sequenceResolver) DefaultArtifactType(ctx context.Context, c *generated.ArtifactSequence) (*ballast.ArtifactType, error) {
	return r.typeOf(ctx, c.Of)
}

func (r portfolioResolver) DefaultArtifactType(ctx context.Context, c *generated.ArtifactPortfolio) (*ballast.ArtifactType, error) {
	return r.typeOf(ctx, c.Of)
}

func (r sequenceResolver) Aliases(ctx context.Context, c *generated.ArtifactSequence, after *string, first *int) (*generated.ArtifactAliasConnection, error) {
	return r.aliases(ctx, c.Of, after, first)
}

func (r portfolioResolver) Aliases(ctx context.Context, c *generated.ArtifactPortfolio, after *string, first *int) (*generated.ArtifactAliasConnection, error) {
	return r.aliases(ctx, c.Of, after, first)
}

func (r sequenceResolver) ArtifactMembership(ctx context.Context, c *generated.ArtifactSequence, aliasName string) (*ballast.ArtifactMember, error) {
	return r.member(ctx, c.Of, aliasName)
}

func (r portfolioResolver) ArtifactMembership(ctx context.Context, c *generated.ArtifactPortfolio, aliasName string) (*ballast.ArtifactMember, error) {
	return r.member(ctx, c.Of, aliasName)
}

func (r sequenceResolver) Artifacts(ctx context.Context, c *generated.ArtifactSequence, after *string, first *int, order, filters *string) (*generated.ArtifactConnection, error) {
	return r.versions(ctx, c.Of, after, first, order, filters)
}

func (r portfolioResolver) Artifacts(ctx context.Context, c *generated.ArtifactPortfolio, after *string, first *int, order, filters *string) (*generated.ArtifactConnection, error) {
	return r.versions(ctx, c.Of, after, first, order, filters)
}

func (r sequenceResolver) Tags(ctx context.Context, c *generated.ArtifactSequence) (*generated.TagConnection, error) {
	return r.collectionTags(ctx, c.Of)
}

func (r portfolioResolver) Tags(ctx context.Context, c *generated.ArtifactPortfolio) (*generated.TagConnection, error) {
	return r.collectionTags(ctx, c.Of)
}

func (r sequenceResolver) LatestArtifact(ctx context.Context, c *generated.ArtifactSequence) (*ballast.Artifact, error) {
	var a ballast.Artifact
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		a, err = tx.LatestArtifact(c.Of.ID)
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	return &a, nil
}
