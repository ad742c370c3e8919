package graph

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

// writeProject finds the project that artifacts go to, made when it does not
// exist.
func (g *Graph) writeProject(ctx context.Context, entity, name string) (p ballast.Project, err error) {
	e, err := g.entityNamed(ctx, entity, auth.Write)
	if err != nil {
		return p, err
	}
	err = g.db.Write(ctx, "find project", func(tx *meta.Tx) error {
		p, _, err = tx.EnsureProject(e.ID, name, auth.From(ctx).User.ID, g.now())
		return err
	})
	return p, err
}

func (r mutationResolver) CreateArtifactType(ctx context.Context, in generated.CreateArtifactTypeInput) (*generated.CreateArtifactTypePayload, error) {
	if err := ballast.CheckName("artifact type", in.Name); err != nil {
		return nil, err
	}
	p, err := r.writeProject(ctx, in.EntityName, in.ProjectName)
	if err != nil {
		return nil, err
	}
	var k ballast.ArtifactType
	err = r.db.Write(ctx, "create artifact type", func(tx *meta.Tx) error {
		k, err = tx.EnsureArtifactType(p.ID, in.Name, text(in.Description), r.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.CreateArtifactTypePayload{ArtifactType: &k}, nil
}

func (r mutationResolver) CreateArtifact(ctx context.Context, in generated.CreateArtifactInput) (*generated.CreateArtifactPayload, error) {
	if in.DigestAlgorithm != generated.ArtifactDigestAlgorithmManifestMd5 {
		return nil, ballast.Errorf(ballast.Invalid, "digestAlgorithm %s is not supported by this server: use MANIFEST_MD5", in.DigestAlgorithm)
	}
	if text(in.Labels) != "" {
		return nil, ballast.Errorf(ballast.Invalid, "labels are not supported by this server: use tags or metadata")
	}
	p, err := r.writeProject(ctx, in.EntityName, in.ProjectName)
	if err != nil {
		return nil, err
	}
	d := artifact.Draft{
		Type: in.ArtifactTypeName, Collection: text(in.ArtifactCollectionName), Digest: in.Digest, Description: text(in.Description),
		Metadata: text(in.Metadata), Tags: tagNames(in.Tags), TTL: number(in.TTLDurationSeconds, ballast.TTLInherit), HistoryStep: number(in.HistoryStep, -1),
		Distributed: text(in.DistributedID), ClientID: text(in.ClientID), SequenceID: text(in.SequenceClientID), Dedupe: yes(in.EnableDigestDeduplication),
		UserID: auth.From(ctx).User.ID,
	}
	if d.Collection == "" && len(in.ArtifactCollectionNames) > 0 {
		d.Collection = in.ArtifactCollectionNames[0]
	}
	if d.Aliases, err = ownAliases(in.Aliases, d.Collection); err != nil {
		return nil, err
	}
	if err := checkTTL(d.TTL); err != nil {
		return nil, err
	}
	if name := text(in.RunName); name != "" {
		run, err := r.fileRun(ctx, in.EntityName, in.ProjectName, name)
		if err != nil {
			return nil, err
		}
		d.RunID = run.ID
	}
	a, err := r.artifacts.Create(ctx, p, d)
	if err != nil {
		return nil, err
	}
	return &generated.CreateArtifactPayload{Artifact: &a}, nil
}

func checkTTL(seconds int64) error {
	if seconds != ballast.TTLInherit && seconds != ballast.TTLNone && seconds <= 0 {
		return ballast.Errorf(ballast.Invalid, "ttlDurationSeconds is %d: it must be above 0, -1 to do as the team says, or -2 for ever", seconds)
	}
	return nil
}

func tagNames(tags []*generated.TagInput) (names []string) {
	for _, t := range tags {
		names = append(names, t.TagName)
	}
	return names
}

// ownAliases are aliases for the version's own collection.
func ownAliases(in []*generated.ArtifactAliasInput, collection string) (names []string, err error) {
	for _, a := range in {
		if a.ArtifactCollectionName != "" && a.ArtifactCollectionName != collection {
			return nil, ballast.Errorf(ballast.Invalid, "alias %.140q is for collection %.140q, the version is logged to %q: link it first", a.Alias, a.ArtifactCollectionName, collection)
		}
		names = append(names, a.Alias)
	}
	return names, artifact.CheckAliases(names)
}

func (r mutationResolver) CreateArtifactManifest(ctx context.Context, in generated.CreateArtifactManifestInput) (*generated.CreateArtifactManifestPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Write)
	if err != nil {
		return nil, err
	}
	spec := artifact.ManifestSpec{Name: in.Name, Kind: ballast.ManifestFull}
	if in.Type != nil {
		spec.Kind = ballast.ManifestKind(*in.Type)
	}
	if spec.Digest, err = decodeMD5("the manifest's digest", in.Digest); err != nil {
		return nil, err
	}
	if spec.BaseID, err = r.baseArtifact(ctx, in.BaseArtifactID); err != nil {
		return nil, err
	}
	m, err := r.artifacts.AddManifest(ctx, a, spec)
	if err != nil {
		return nil, err
	}
	return &generated.CreateArtifactManifestPayload{ArtifactManifest: &m}, nil
}

// baseArtifact is the number of the version that an incremental manifest
// changes, 0 for none.
func (g *Graph) baseArtifact(ctx context.Context, id *string) (int64, error) {
	if text(id) == "" {
		return 0, nil
	}
	a, err := g.artifactByID(ctx, *id, auth.Read)
	return a.ID, err
}

func decodeMD5(what, digest string) ([]byte, error) {
	sum, err := base64.StdEncoding.DecodeString(digest)
	if err != nil || len(sum) != 16 && len(sum) != 0 {
		return nil, ballast.Errorf(ballast.Invalid, "%s %.80q is not base64 of an MD5", what, digest)
	}
	return sum, nil
}

func (r mutationResolver) UpdateArtifactManifest(ctx context.Context, in generated.UpdateArtifactManifestInput) (*generated.UpdateArtifactManifestPayload, error) {
	n, err := parseOpaqueID("ArtifactManifest", in.ArtifactManifestID)
	if err != nil {
		return nil, err
	}
	var m ballast.ArtifactManifest
	err = r.db.Read(ctx, func(tx *meta.Tx) error {
		m, err = tx.Manifest(n)
		return err
	})
	var a ballast.Artifact
	if err == nil {
		a, err = r.artifactByID(ctx, opaqueID("Artifact", m.ArtifactID), auth.Write)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("artifact manifest " + in.ArtifactManifestID)
	}
	if err != nil {
		return nil, err
	}
	digest, err := decodeMD5("the manifest's digest", text(in.Digest))
	if err != nil {
		return nil, err
	}
	base, err := r.baseArtifact(ctx, in.BaseArtifactID)
	if err != nil {
		return nil, err
	}
	if m, err = r.artifacts.ChangeManifest(ctx, a, m, base, digest); err != nil {
		return nil, err
	}
	return &generated.UpdateArtifactManifestPayload{ArtifactManifest: &m}, nil
}

func (r mutationResolver) CreateArtifactFiles(ctx context.Context, in generated.CreateArtifactFilesInput) (*generated.CreateArtifactFilesPayload, error) {
	if in.DigestAlgorithm != nil && *in.DigestAlgorithm != generated.ArtifactDigestAlgorithmManifestMd5 {
		return nil, ballast.Errorf(ballast.Invalid, "digestAlgorithm %s is not supported by this server: use MANIFEST_MD5", *in.DigestAlgorithm)
	}
	out := &generated.FileConnection{Edges: []*generated.FileEdge{}, PageInfo: &generated.PageInfo{}, UploadHeaders: []string{}}
	// One call is about one version nearly always; the reply keeps the order.
	for start := 0; start < len(in.ArtifactFiles); {
		end := start
		for end < len(in.ArtifactFiles) && in.ArtifactFiles[end].ArtifactID == in.ArtifactFiles[start].ArtifactID {
			end++
		}
		if err := r.addFiles(ctx, out, in.ArtifactFiles[start:end]); err != nil {
			return nil, err
		}
		start = end
	}
	return &generated.CreateArtifactFilesPayload{Files: out}, nil
}

func (g *Graph) addFiles(ctx context.Context, out *generated.FileConnection, in []*generated.CreateArtifactFileSpecInput) error {
	a, err := g.artifactByID(ctx, in[0].ArtifactID, auth.Write)
	if err != nil {
		return err
	}
	specs := make([]artifact.FileSpec, len(in))
	for i, f := range in {
		if specs[i], err = fileSpec(f); err != nil {
			return err
		}
	}
	uploads, err := g.artifacts.AddFiles(ctx, a, specs)
	if err != nil {
		return err
	}
	for i, u := range uploads {
		f := &generated.File{ID: opaqueID("Content", a.ID) + u.Object, Name: in[i].Name, DisplayName: in[i].Name, Digest: &in[i].Md5, Md5: &in[i].Md5, Mimetype: in[i].Mimetype,
			StoragePath: some(u.Object), UploadURL: some(u.URL), UploadHeaders: append([]string{}, u.Headers...), Artifact: &a, Content: &artifact.File{}}
		if u.UploadID != "" {
			f.UploadMultipartUrls = &generated.UploadMultipartUrls{UploadID: u.UploadID}
			for _, p := range u.Parts {
				f.UploadMultipartUrls.UploadURLParts = append(f.UploadMultipartUrls.UploadURLParts, &generated.UploadURLPart{PartNumber: int64(p.Number), UploadURL: p.URL})
			}
		}
		addFile(out, f)
	}
	return nil
}

func fileSpec(f *generated.CreateArtifactFileSpecInput) (spec artifact.FileSpec, err error) {
	spec.Path = f.Name
	if _, err := ballast.CleanFileName(f.Name); err != nil {
		return spec, err
	}
	if spec.MD5, err = decodeMD5("the md5 of "+f.Name, f.Md5); err != nil {
		return spec, err
	}
	for _, p := range f.UploadPartsInput {
		sum, err := hex.DecodeString(p.HexMd5)
		if err != nil {
			return spec, ballast.Errorf(ballast.Invalid, "the MD5 of part %d of %.200q must be 32 hex digits", p.PartNumber, f.Name)
		}
		spec.Parts = append(spec.Parts, artifact.PartSpec{Number: int(p.PartNumber), MD5: sum})
	}
	return spec, nil
}

func (r mutationResolver) CompleteMultipartUploadArtifact(ctx context.Context, in generated.CompleteMultipartUploadArtifactInput) (*generated.CompleteMultipartUploadArtifactPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Write)
	if err != nil {
		return nil, err
	}
	parts := make([]blob.Part, len(in.CompletedParts))
	for i, p := range in.CompletedParts {
		parts[i] = blob.Part{Number: int(p.PartNumber), ETag: p.HexMd5}
	}
	if err := r.artifacts.CompleteParts(ctx, a, in.StoragePath, in.UploadID, parts); err != nil {
		return nil, err
	}
	return &generated.CompleteMultipartUploadArtifactPayload{}, nil
}

func (r mutationResolver) CommitArtifact(ctx context.Context, in generated.CommitArtifactInput) (*generated.CommitArtifactPayload, error) {
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Write)
	if err == nil {
		a, err = r.artifacts.Commit(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	return &generated.CommitArtifactPayload{Artifact: &a}, nil
}

func (r mutationResolver) UseArtifact(ctx context.Context, in generated.UseArtifactInput) (*generated.UseArtifactPayload, error) {
	run, err := r.fileRun(ctx, in.EntityName, in.ProjectName, in.RunName)
	if err != nil {
		return nil, err
	}
	a, err := r.artifactByID(ctx, in.ArtifactID, auth.Read)
	if err != nil {
		return nil, err
	}
	if a.State != ballast.ArtifactCommitted {
		return nil, ballast.Errorf(ballast.Conflict, "artifact %s is %s: only committed versions can be used", a.Collection.Name, strings.ToLower(string(a.State)))
	}
	err = r.db.Write(ctx, "use artifact", func(tx *meta.Tx) error { return tx.UseArtifact(run.ID, a.ID, false, text(in.UsedAs), r.now()) })
	if err != nil {
		return nil, err
	}
	return &generated.UseArtifactPayload{Artifact: &a}, nil
}
