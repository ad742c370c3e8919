package graph

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

// mostFiles is the largest page of an artifact's files: the SDK asks for so
// many (PROTOCOL section 5.3).
const mostFiles = 5000

type (
	artifactResolver         struct{ *Graph }
	artifactAliasResolver    struct{ *Graph }
	artifactMemberResolver   struct{ *Graph }
	artifactManifestResolver struct{ *Graph }
	artifactTypeResolver     struct{ *Graph }
)

func (r *root) Artifact() generated.ArtifactResolver           { return artifactResolver{r.Graph} }
func (r *root) ArtifactAlias() generated.ArtifactAliasResolver { return artifactAliasResolver{r.Graph} }
func (r *root) ArtifactCollectionMembership() generated.ArtifactCollectionMembershipResolver {
	return artifactMemberResolver{r.Graph}
}
func (r *root) ArtifactManifest() generated.ArtifactManifestResolver {
	return artifactManifestResolver{r.Graph}
}
func (r *root) ArtifactType() generated.ArtifactTypeResolver { return artifactTypeResolver{r.Graph} }

// artifactByID finds a version and checks what the caller wants to do with it.
// What is hidden and what does not exist answer the same.
func (g *Graph) artifactByID(ctx context.Context, id string, action auth.Action) (a ballast.Artifact, err error) {
	n, err := parseOpaqueID("Artifact", id)
	if err != nil {
		return a, err
	}
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		a, err = tx.Artifact(n)
		return err
	})
	if err == nil {
		err = g.mayIn(ctx, action, ballast.Project{EntityID: a.Collection.EntityID})
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("artifact " + id)
	}
	return a, err
}

// seen reports whether the caller may read what an entity owns.
func (g *Graph) seen(ctx context.Context, entityID int64) (bool, error) {
	err := g.mayIn(ctx, auth.Read, ballast.Project{EntityID: entityID})
	if ballast.Is(err, ballast.NotFound) || ballast.Is(err, ballast.Denied) {
		return false, nil
	}
	return err == nil, err
}

func (r queryResolver) Artifact(ctx context.Context, id string) (*ballast.Artifact, error) {
	a, err := r.artifactByID(ctx, id, auth.Read)
	if err != nil {
		return nil, hidden(err)
	}
	return &a, nil
}

func (r queryResolver) ClientIDMapping(ctx context.Context, clientID string) (*generated.ClientIDMapping, error) {
	if clientID == "" {
		return nil, nil
	}
	a, err := r.artifactByClient(ctx, clientID)
	if err != nil {
		return nil, hidden(err)
	}
	return &generated.ClientIDMapping{ServerID: opaqueID("Artifact", a.ID)}, nil
}

func (g *Graph) artifactByClient(ctx context.Context, clientID string) (a ballast.Artifact, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		a, err = tx.ArtifactByClient(clientID)
		return err
	})
	if err == nil {
		err = g.mayIn(ctx, auth.Read, ballast.Project{EntityID: a.Collection.EntityID})
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("artifact with client id " + clientID)
	}
	return a, err
}

// --- fields of a version

func (r artifactResolver) ID(_ context.Context, a *ballast.Artifact) (string, error) {
	return opaqueID("Artifact", a.ID), nil
}

func (r artifactResolver) Aliases(ctx context.Context, a *ballast.Artifact) ([]*ballast.ArtifactAlias, error) {
	members, err := r.placesOf(ctx, a)
	if err != nil {
		return nil, err
	}
	var all []ballast.ArtifactAlias
	err = r.db.Read(ctx, func(tx *meta.Tx) error {
		all, err = tx.AliasesOf(a.ID, 0)
		return err
	})
	out := []*ballast.ArtifactAlias{}
	for i := range all {
		if slices.ContainsFunc(members, func(m ballast.ArtifactMember) bool { return m.Collection.ID == all[i].CollectionID }) {
			out = append(out, &all[i])
		}
	}
	return out, err
}

// placesOf are the collections with a version that the caller may see.
func (g *Graph) placesOf(ctx context.Context, a *ballast.Artifact) (seen []ballast.ArtifactMember, err error) {
	var all []ballast.ArtifactMember
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		all, err = tx.ArtifactMembers(a.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		ok, err := g.seen(ctx, m.Collection.EntityID)
		if err != nil {
			return nil, err
		}
		if ok {
			seen = append(seen, m)
		}
	}
	return seen, nil
}

func (r artifactResolver) ArtifactMemberships(ctx context.Context, a *ballast.Artifact) (*generated.ArtifactCollectionMembershipConnection, error) {
	members, err := r.placesOf(ctx, a)
	out := &generated.ArtifactCollectionMembershipConnection{Edges: []*generated.ArtifactCollectionMembershipEdge{}, PageInfo: &generated.PageInfo{}}
	for i := range members {
		out.Edges = append(out.Edges, &generated.ArtifactCollectionMembershipEdge{Node: &members[i]})
	}
	return out, err
}

func (r artifactResolver) ArtifactSequence(_ context.Context, a *ballast.Artifact) (*generated.ArtifactSequence, error) {
	return sequenceNode(a.Collection), nil
}

func (r artifactResolver) ArtifactType(ctx context.Context, a *ballast.Artifact) (*ballast.ArtifactType, error) {
	return r.typeOf(ctx, a.Collection)
}

func (r artifactResolver) CommitHash(context.Context, *ballast.Artifact) (*string, error) {
	return nil, nil
}

func (r artifactResolver) CreatedBy(ctx context.Context, a *ballast.Artifact) (artifact.Creator, error) {
	if a.RunID != 0 {
		runs, err := r.seenRuns(ctx, []int64{a.RunID})
		if err != nil || len(runs) == 0 {
			return nil, err
		}
		return &runs[0], nil
	}
	u, err := r.userByID(ctx, a.UserID)
	if err != nil || u == nil {
		return nil, err
	}
	return u, nil
}

// seenRuns reads runs by id, without the deleted and those that the caller may
// not see.
func (g *Graph) seenRuns(ctx context.Context, ids []int64) (seen []ballast.Run, err error) {
	var found []ballast.Run
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		found, err = tx.RunsByID(ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, run := range found {
		if !run.Deleted.IsZero() {
			continue
		}
		switch _, err := g.entityNamed(ctx, run.Entity, auth.Read); {
		case err == nil:
			seen = append(seen, run)
		case !ballast.Is(err, ballast.NotFound) && !ballast.Is(err, ballast.Denied):
			return nil, err
		}
	}
	return seen, nil
}

func (r artifactResolver) CurrentManifest(ctx context.Context, a *ballast.Artifact) (*ballast.ArtifactManifest, error) {
	m, err := r.artifacts.CurrentManifest(ctx, *a)
	if err != nil {
		return nil, hidden(err)
	}
	return &m, nil
}

func (r artifactResolver) Description(_ context.Context, a *ballast.Artifact) (*string, error) {
	return some(a.Description), nil
}

func (r artifactResolver) DigestAlgorithm(context.Context, *ballast.Artifact) (*generated.ArtifactDigestAlgorithm, error) {
	return new(generated.ArtifactDigestAlgorithmManifestMd5), nil
}

func (r artifactResolver) Files(ctx context.Context, a *ballast.Artifact, names []string, after *string, first *int) (*generated.FileConnection, error) {
	limit := page(first, firstPage, mostFiles)
	if a.State != ballast.ArtifactCommitted {
		return &generated.FileConnection{Edges: []*generated.FileEdge{}, PageInfo: &generated.PageInfo{}, TotalCount: new(0)}, nil
	}
	files, total, err := r.artifacts.Files(ctx, *a, names, text(after), limit+1)
	if err != nil {
		return nil, err
	}
	out := artifactFiles(a, files[:min(limit, len(files))])
	out.PageInfo.HasNextPage, out.TotalCount = len(files) > limit, &total
	return out, nil
}

func artifactFiles(a *ballast.Artifact, files []artifact.File) *generated.FileConnection {
	out := &generated.FileConnection{Edges: []*generated.FileEdge{}, PageInfo: &generated.PageInfo{}, UploadHeaders: []string{}}
	for i := range files {
		addFile(out, artifactFile(a, &files[i]))
	}
	return out
}

func artifactFile(a *ballast.Artifact, f *artifact.File) *generated.File {
	n := &generated.File{
		ID: base64.StdEncoding.EncodeToString([]byte("ArtifactFile:" + strconv.FormatInt(a.ID, 10) + ":" + f.Path)), Name: f.Path, DisplayName: f.Path,
		SizeBytes: max(f.Size, 0), Digest: some(f.Digest), StoragePath: some(f.Content.Object), UpdatedAt: moment(a.Updated),
		UploadHeaders: []string{}, Artifact: a, Content: f,
	}
	if f.Ref == "" {
		n.Md5 = n.Digest
	}
	return n
}

func (r artifactResolver) FilesByManifestEntries(ctx context.Context, a *ballast.Artifact, _, _ string, entries []*generated.ArtifactManifestEntryInput, _ *string) (*generated.FileConnection, error) {
	if len(entries) > artifact.MaxFiles {
		return nil, ballast.Errorf(ballast.Invalid, "%d entries at once: at most %d are allowed", len(entries), artifact.MaxFiles)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	files, _, err := r.artifacts.Files(ctx, *a, names, "", len(names))
	if err != nil {
		return nil, err
	}
	return artifactFiles(a, files), nil
}

func (r artifactResolver) HistoryStep(_ context.Context, a *ballast.Artifact) (*int64, error) {
	if a.HistoryStep < 0 {
		return nil, nil
	}
	return &a.HistoryStep, nil
}

func (r artifactResolver) Metadata(_ context.Context, a *ballast.Artifact) (*string, error) {
	return some(a.Metadata), nil
}

func (r artifactResolver) State(_ context.Context, a *ballast.Artifact) (generated.ArtifactState, error) {
	return generated.ArtifactState(a.State), nil
}

func (r artifactResolver) Tags(ctx context.Context, a *ballast.Artifact) ([]*generated.Tag, error) {
	return r.tags(ctx, a.ID, 0)
}

func (g *Graph) tags(ctx context.Context, artifactID, collectionID int64) ([]*generated.Tag, error) {
	var names []string
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		names, err = tx.ArtifactTags(artifactID, collectionID)
		return err
	})
	return tagNodes(artifactID, collectionID, names), err
}

func tagNodes(artifactID, collectionID int64, names []string) []*generated.Tag {
	out := []*generated.Tag{}
	for _, name := range names {
		id := "Tag:" + strconv.FormatInt(artifactID, 10) + ":" + strconv.FormatInt(collectionID, 10) + ":" + name
		out = append(out, &generated.Tag{ID: base64.StdEncoding.EncodeToString([]byte(id)), Name: name})
	}
	return out
}

func (r artifactResolver) TTLDurationSeconds(_ context.Context, a *ballast.Artifact) (int64, error) {
	if a.TTL == ballast.TTLInherit { // no team has a time to live yet
		return ballast.TTLNone, nil
	}
	return a.TTL, nil
}

func (r artifactResolver) TTLIsInherited(_ context.Context, a *ballast.Artifact) (bool, error) {
	return a.TTL == ballast.TTLInherit, nil
}

func (r artifactResolver) UsedBy(ctx context.Context, a *ballast.Artifact) (*generated.RunConnection, error) {
	var ids []int64
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		ids, err = tx.ArtifactUsers(a.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	runs, err := r.seenRuns(ctx, ids)
	if err != nil {
		return nil, err
	}
	place := map[int64]int{}
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(runs, func(a, b ballast.Run) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	r.together(ctx, runs)
	out := &generated.RunConnection{Edges: []*generated.RunEdge{}, TotalCount: len(runs), PageInfo: &generated.PageInfo{}}
	for i := range runs {
		out.Edges = append(out.Edges, &generated.RunEdge{Cursor: runs[i].Name, Node: &runs[i]})
	}
	return out, nil
}

func (r artifactResolver) VersionIndex(_ context.Context, a *ballast.Artifact) (*int, error) {
	if a.Version < 0 {
		return nil, nil
	}
	return new(int(a.Version)), nil
}

// --- lists of versions

func (r runResolver) InputArtifacts(ctx context.Context, run *ballast.Run, after *string, first *int) (*generated.ArtifactConnection, error) {
	return r.runArtifacts(ctx, run, false, after, first)
}

func (r runResolver) OutputArtifacts(ctx context.Context, run *ballast.Run, after *string, first *int) (*generated.ArtifactConnection, error) {
	return r.runArtifacts(ctx, run, true, after, first)
}

func (g *Graph) runArtifacts(ctx context.Context, run *ballast.Run, output bool, after *string, first *int) (*generated.ArtifactConnection, error) {
	var all, seen []ballast.Artifact
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.RunArtifacts(run.ID, output)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		ok, err := g.seen(ctx, a.Collection.EntityID)
		if err != nil {
			return nil, err
		}
		if ok {
			seen = append(seen, a)
		}
	}
	return artifactPage(seen, after, first, func(a ballast.Artifact) int64 { return a.Version })
}

func artifactPage(all []ballast.Artifact, after *string, first *int, version func(ballast.Artifact) int64) (*generated.ArtifactConnection, error) {
	part, info, err := pageOf(all, after, first, func(a ballast.Artifact) string { return opaqueID("Artifact", a.ID) })
	if err != nil {
		return nil, err
	}
	out := &generated.ArtifactConnection{Edges: []*generated.ArtifactEdge{}, PageInfo: info, TotalCount: len(all)}
	for i := range part {
		out.Edges = append(out.Edges, &generated.ArtifactEdge{
			Cursor: opaqueID("Artifact", part[i].ID), Node: &part[i], Version: "v" + strconv.FormatInt(version(part[i]), 10)})
	}
	return out, nil
}

// pageOf is a page of a list that was read whole. A cursor names the item
// before the page.
func pageOf[T any](all []T, after *string, first *int, cursor func(T) string) ([]T, *generated.PageInfo, error) {
	limit := page(first, firstPage, maxPage)
	if c := text(after); c != "" {
		i := slices.IndexFunc(all, func(v T) bool { return cursor(v) == c })
		if i < 0 {
			return nil, nil, ballast.Errorf(ballast.Invalid, "the list changed and has no item %.80q any more: read it from the start", c)
		}
		all = all[i+1:]
	}
	part := all[:min(limit, len(all))]
	info := &generated.PageInfo{HasNextPage: len(all) > limit}
	if len(part) > 0 {
		info.EndCursor = some(cursor(part[len(part)-1]))
	}
	return part, info, nil
}
