package artifact

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Lookup finds a version in a collection: by alias, by "v3", or by its digest;
// "" is the latest.
func (s *Artifacts) Lookup(ctx context.Context, collectionID int64, name string) (m ballast.ArtifactMember, err error) {
	if name == "" {
		name = ballast.LatestAlias
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		switch {
		case versionForm.MatchString(name):
			n, bad := strconv.ParseInt(name[1:], 10, 64)
			if bad != nil {
				return ballast.Errorf(ballast.NotFound, "there is no version %.40s", name)
			}
			m, err = tx.MemberByVersion(collectionID, n)
		default:
			m, err = tx.MemberByAlias(collectionID, name)
			if ballast.Is(err, ballast.NotFound) && digestForm.MatchString(name) {
				m, err = tx.MemberByDigest(collectionID, name)
			}
		}
		return err
	})
	return m, err
}

// Manifest returns the list of a committed version's files. It is shared: do
// not change it.
func (s *Artifacts) Manifest(ctx context.Context, a ballast.Artifact) (*Manifest, error) {
	row, err := s.CurrentManifest(ctx, a)
	if err != nil {
		return nil, err
	}
	return s.readManifest(ctx, row)
}

// CurrentManifest returns the manifest of a committed version, NotFound for a
// draft.
func (s *Artifacts) CurrentManifest(ctx context.Context, a ballast.Artifact) (row ballast.ArtifactManifest, err error) {
	if a.ManifestID == 0 {
		return row, ballast.Errorf(ballast.NotFound, "artifact %s is not committed: it has no manifest yet", a.Collection.Name)
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		row, err = tx.Manifest(a.ManifestID)
		return err
	})
	return row, err
}

// ManifestURL returns a signed URL to a manifest's bytes.
func (s *Artifacts) ManifestURL(ctx context.Context, m ballast.ArtifactManifest) (string, error) {
	if m.Object == "" {
		return "", nil
	}
	bucket, err := s.bucket(m.Store)
	if err != nil {
		return "", err
	}
	return file.Link(ctx, bucket, m.Object, m.Name, file.MimeType(m.Name))
}

// File is a file of a version, with what is known of its bytes.
type File struct {
	Entry
	Content ballast.Content // the zero Content for a reference
}

// Files returns files of a version by path: those of the names when there are
// any, those after a path, at most limit; and how many there are in all.
func (s *Artifacts) Files(ctx context.Context, a ballast.Artifact, names []string, after string, limit int) (files []File, total int, err error) {
	m, err := s.Manifest(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	entries := m.Entries
	if len(names) > 0 {
		entries = nil
		for _, n := range names {
			if i, ok := m.find(n); ok {
				entries = append(entries, m.Entries[i])
			}
		}
		total = len(entries)
	} else {
		total = len(entries)
		if after != "" {
			i, there := m.find(after)
			if there {
				i++
			}
			entries = entries[i:]
		}
	}
	entries = entries[:min(limit, len(entries))]
	files, err = s.Resolve(ctx, a.Collection.EntityID, entries)
	return files, total, err
}

// Resolve finds the bytes of entries among an entity's content.
func (s *Artifacts) Resolve(ctx context.Context, entityID int64, entries []Entry) ([]File, error) {
	known, err := s.contents(ctx, entityID, entries)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(entries))
	for i, e := range entries {
		files[i].Entry = e
		if sum, ok := e.MD5(); ok && e.Ref == "" {
			files[i].Content = known[string(sum)]
		}
		if e.Size < 0 && files[i].Content.ID != 0 {
			files[i].Size = files[i].Content.Bytes
		}
	}
	return files, nil
}

// URL returns where a file's bytes are: a signed URL, good for an hour, or
// what a reference names; "" when they are nowhere.
func (s *Artifacts) URL(ctx context.Context, f File) (string, error) {
	if f.Ref != "" || f.Content.ID == 0 {
		return f.Ref, nil
	}
	bucket, err := s.bucket(f.Content.Store)
	if err != nil {
		return "", err
	}
	return file.Link(ctx, bucket, f.Content.Object, f.Path, file.MimeType(f.Path))
}

// ByDigest returns a signed URL to an entity's content, by the hex of its MD5,
// as a file of that name.
func (s *Artifacts) ByDigest(ctx context.Context, entityID int64, digest, name string) (string, error) {
	sum, err := hex.DecodeString(strings.ToLower(digest))
	missing := ballast.Errorf(ballast.NotFound, "there is no content with digest %.64q", digest)
	if err != nil || len(sum) != 16 {
		return "", missing
	}
	var known map[string]ballast.Content
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		known, err = tx.Contents(entityID, []string{string(sum)})
		return err
	})
	if err != nil {
		return "", err
	}
	c, ok := known[string(sum)]
	if !ok || c.Bytes < 0 {
		return "", missing
	}
	return s.URL(ctx, File{Entry: Entry{Path: name}, Content: c})
}
