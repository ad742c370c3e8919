package artifact

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"hash"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// statsAtOnce is how many objects the store is asked for at a time.
const statsAtOnce = 16

// Commit makes a draft a version: it reads the manifest, checks that every
// object that it names is there with its size, and then makes the version
// visible in one transaction. When it fails the draft stays as it was. A draft
// that is committed already is returned.
func (s *Artifacts) Commit(ctx context.Context, a ballast.Artifact) (ballast.Artifact, error) {
	switch a.State {
	case ballast.ArtifactCommitted:
		return a, nil
	case ballast.ArtifactDeleted:
		return a, ballast.Errorf(ballast.Conflict, "artifact %s was deleted while it was logged: log it again", a.Collection.Name)
	}
	row, m, err := s.wholeManifest(ctx, a)
	if err != nil {
		return a, err
	}
	if err := s.checkContents(ctx, a.Collection.EntityID, m); err != nil {
		return a, err
	}
	digest := m.Digest()
	if row.Kind == ballast.ManifestFull && digest != a.Digest {
		return a, ballast.Errorf(ballast.Invalid, "the manifest of artifact %s has digest %s, the version was announced with %s: log it again", a.Collection.Name, digest, a.Digest)
	}
	if row.ID == 0 { // put together by us
		if row, err = s.storeManifest(ctx, a, m); err != nil {
			return a, err
		}
	}
	a.Digest, a.Bytes, a.Files, a.ManifestID = digest, m.Bytes(), int64(len(m.Entries)), row.ID
	var done ballast.Artifact
	err = s.db.Write(ctx, "commit artifact", func(tx *meta.Tx) error {
		done, err = tx.CommitArtifact(a, s.now())
		return err
	})
	return done, err
}

// wholeManifest reads what the draft's manifests say together. The row's ID is
// 0 when the whole is in no object yet.
func (s *Artifacts) wholeManifest(ctx context.Context, a ballast.Artifact) (row ballast.ArtifactManifest, m *Manifest, err error) {
	var sent []ballast.ArtifactManifest
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Manifests(a.ID)
		for _, r := range rows {
			if len(r.Digest) > 0 {
				sent = append(sent, r)
			}
		}
		return err
	})
	if err != nil {
		return row, nil, err
	}
	if len(sent) == 0 {
		return row, nil, ballast.Errorf(ballast.Invalid, "artifact %s has no manifest: send one before the commit", a.Collection.Name)
	}
	last := sent[len(sent)-1]
	switch last.Kind {
	case ballast.ManifestFull:
		m, err = s.readManifest(ctx, last)
		return last, m, err
	case ballast.ManifestIncremental:
		sent = sent[len(sent)-1:]
	}
	base := &Manifest{}
	if last.Kind == ballast.ManifestIncremental && last.BaseID != 0 {
		if base, err = s.baseManifest(ctx, a, last.BaseID); err != nil {
			return row, nil, err
		}
	}
	var parts []*Manifest
	for _, r := range sent {
		part, err := s.fetchManifest(ctx, r, false)
		if err != nil {
			return row, nil, err
		}
		parts = append(parts, part)
	}
	return ballast.ArtifactManifest{Kind: last.Kind}, merge(base, parts...), nil
}

// baseManifest is the manifest of the version that an incremental one changes:
// one of the same entity.
func (s *Artifacts) baseManifest(ctx context.Context, a ballast.Artifact, id int64) (*Manifest, error) {
	var base ballast.Artifact
	err := s.db.Read(ctx, func(tx *meta.Tx) (err error) {
		base, err = tx.Artifact(id)
		return err
	})
	if err == nil && base.Collection.EntityID != a.Collection.EntityID {
		err = ballast.Errorf(ballast.NotFound, "artifact %d does not exist", id)
	}
	if err != nil {
		return nil, err
	}
	row, err := s.CurrentManifest(ctx, base)
	if err != nil {
		return nil, err
	}
	return s.fetchManifest(ctx, row, false)
}

// readManifest returns what a manifest lists, without what only a merge needs.
// It is shared: do not change it.
func (s *Artifacts) readManifest(ctx context.Context, row ballast.ArtifactManifest) (*Manifest, error) {
	if m := s.manifests.get(row.ID); m != nil {
		return m, nil
	}
	m, err := s.fetchManifest(ctx, row, true)
	if err != nil {
		return nil, err
	}
	s.manifests.put(row.ID, m)
	return m, nil
}

// fetchManifest fetches and decodes a manifest's object; bare as
// decodeManifest says.
func (s *Artifacts) fetchManifest(ctx context.Context, row ballast.ArtifactManifest, bare bool) (*Manifest, error) {
	bucket, err := s.bucket(row.Store)
	if err != nil {
		return nil, err
	}
	r, err := bucket.Get(ctx, row.Object, 0, -1)
	if ballast.Is(err, ballast.NotFound) {
		return nil, ballast.Errorf(ballast.Invalid, "manifest %s was not uploaded: send it before the commit", row.Name)
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body := &manifestBody{r: r, sum: md5.New(), name: row.Name}
	m, err := decodeManifest(body, bare)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, body); err != nil { // blanks that the decoder left
		return nil, err
	}
	if !bytes.Equal(body.sum.Sum(nil), row.Digest) {
		return nil, ballast.Errorf(ballast.Invalid, "manifest %s has other bytes than its digest says: log the artifact again", row.Name)
	}
	return m, nil
}

// manifestBody is a manifest's bytes as they are read: hashed, limited, and
// with faults that have their kind.
type manifestBody struct {
	r    io.Reader
	sum  hash.Hash
	n    int64
	name string
}

func (b *manifestBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.sum.Write(p[:n])
	if b.n += int64(n); b.n > maxManifest {
		return n, ballast.Errorf(ballast.TooLarge, "manifest %s has more than %d bytes: split the artifact", b.name, maxManifest)
	}
	if err != nil && err != io.EOF {
		err = ballast.Wrap(ballast.Unavailable, err, "reading manifest %s", b.name)
	}
	return n, err
}

func (s *Artifacts) storeManifest(ctx context.Context, a ballast.Artifact, m *Manifest) (row ballast.ArtifactManifest, err error) {
	data, err := m.encode()
	if err != nil {
		return row, fmt.Errorf("writing the manifest of artifact %s: %w", a.Collection.Name, err)
	}
	sum := md5.Sum(data)
	row = ballast.ArtifactManifest{ArtifactID: a.ID, Name: "wandb_manifest.json", Kind: ballast.ManifestFull}
	if err := s.place(&row, a, sum[:]); err != nil {
		return row, err
	}
	bucket, err := s.bucket(row.Store)
	if err != nil {
		return row, err
	}
	if _, err := bucket.Put(ctx, row.Object, bytes.NewReader(data), int64(len(data))); err != nil {
		return row, err
	}
	err = s.db.Write(ctx, "create manifest", func(tx *meta.Tx) error {
		row, err = tx.CreateManifest(row, s.now())
		return err
	})
	return row, err
}

// checkContents looks for every object that a manifest names, and at its size.
func (s *Artifacts) checkContents(ctx context.Context, entityID int64, m *Manifest) error {
	known, err := s.contents(ctx, entityID, m.Entries)
	if err != nil {
		return err
	}
	if err := s.look(ctx, known); err != nil {
		return err
	}
	var bad []string
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Ref != "" {
			continue
		}
		sum, _ := e.MD5()
		c, ok := known[string(sum)]
		switch {
		case !ok || c.Bytes < 0:
			bad = append(bad, fmt.Sprintf("%q was not uploaded", e.Path))
		case e.Size >= 0 && e.Size != c.Bytes:
			bad = append(bad, fmt.Sprintf("%q has %d bytes, the manifest says %d", e.Path, c.Bytes, e.Size))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	more := ""
	if n := len(bad) - 3; n > 0 {
		bad, more = bad[:3], fmt.Sprintf(" and %d more", n)
	}
	return ballast.Errorf(ballast.Invalid, "the artifact is not complete: %s%s; upload what is missing and commit again", strings.Join(bad, ", "), more)
}

// contents finds the entity's content of entries, by MD5.
func (s *Artifacts) contents(ctx context.Context, entityID int64, entries []Entry) (known map[string]ballast.Content, err error) {
	var digests []string
	seen := map[string]bool{}
	for _, e := range entries {
		if sum, ok := e.MD5(); ok && e.Ref == "" && !seen[string(sum)] {
			seen[string(sum)] = true
			digests = append(digests, string(sum))
		}
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		known, err = tx.Contents(entityID, digests)
		return err
	})
	return known, err
}

// look asks the stores for what is not known to be there: on a store that we
// do not serve ourselves, nobody told us.
func (s *Artifacts) look(ctx context.Context, known map[string]ballast.Content) error {
	var open []ballast.Content
	for _, c := range known {
		if c.Bytes < 0 {
			open = append(open, c)
		}
	}
	found := make([]int64, len(open))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(statsAtOnce)
	for i, c := range open {
		group.Go(func() error {
			found[i] = -1
			bucket, err := s.bucket(c.Store)
			if err != nil {
				return err
			}
			info, err := bucket.Stat(ctx, c.Object)
			if ballast.Is(err, ballast.NotFound) {
				return nil
			}
			if err == nil {
				found[i] = info.Bytes
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, c := range open {
		c.Bytes = found[i]
		known[string(c.MD5)] = c
	}
	return nil
}
