package graph

import (
	"context"
	"encoding/base64"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r artifactAliasResolver) ID(_ context.Context, a *ballast.ArtifactAlias) (string, error) {
	return opaqueID("ArtifactAlias", a.ID), nil
}

func (r artifactAliasResolver) ArtifactCollection(ctx context.Context, a *ballast.ArtifactAlias) (generated.ArtifactCollection, error) {
	c, err := r.collection(ctx, a.CollectionID)
	if err != nil {
		return nil, hidden(err)
	}
	return collectionNode(c), nil
}

func (r artifactMemberResolver) ID(_ context.Context, m *ballast.ArtifactMember) (string, error) {
	return opaqueID("ArtifactCollectionMembership", m.ID), nil
}

func (r artifactMemberResolver) Aliases(ctx context.Context, m *ballast.ArtifactMember) ([]*ballast.ArtifactAlias, error) {
	var all []ballast.ArtifactAlias
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.AliasesOf(m.ArtifactID, m.Collection.ID)
		return err
	})
	return pointers(all), err
}

func pointers[T any](all []T) []*T {
	out := make([]*T, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

func (r artifactMemberResolver) Artifact(ctx context.Context, m *ballast.ArtifactMember) (*ballast.Artifact, error) {
	return queryResolver{r.Graph}.Artifact(ctx, opaqueID("Artifact", m.ArtifactID))
}

func (r artifactMemberResolver) ArtifactCollection(_ context.Context, m *ballast.ArtifactMember) (generated.ArtifactCollection, error) {
	return collectionNode(m.Collection), nil
}

func (r artifactMemberResolver) Files(ctx context.Context, m *ballast.ArtifactMember, names []string, after *string, first *int) (*generated.FileConnection, error) {
	a, err := r.Artifact(ctx, m)
	if err != nil || a == nil {
		return nil, err
	}
	return artifactResolver{r.Graph}.Files(ctx, a, names, after, first)
}

func (r artifactManifestResolver) ID(_ context.Context, m *ballast.ArtifactManifest) (string, error) {
	return opaqueID("ArtifactManifest", m.ID), nil
}

// File is the manifest as a file. In the reply of a mutation, of a manifest
// with a digest, it has a place to upload to.
func (r artifactManifestResolver) File(ctx context.Context, m *ballast.ArtifactManifest) (*generated.File, error) {
	f := &generated.File{ID: opaqueID("ArtifactManifestFile", m.ID), Name: m.Name, DisplayName: m.Name, Manifest: m,
		StoragePath: some(m.Object), Mimetype: some("application/json"), UpdatedAt: moment(m.Created), UploadHeaders: []string{}}
	if len(m.Digest) > 0 {
		f.Digest = some(base64.StdEncoding.EncodeToString(m.Digest))
		f.Md5 = f.Digest
	}
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Mutation {
		return f, nil
	}
	url, headers, err := r.artifacts.ManifestUpload(ctx, *m)
	f.UploadURL, f.UploadHeaders = some(url), headers
	return f, err
}
