package artifact

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// MaxFiles is the most files that one call of [Artifacts.AddFiles] accepts.
const MaxFiles = 10000

// FileSpec is a file that a client is about to store.
type FileSpec struct {
	Path  string
	MD5   []byte // 16 bytes, of the whole
	Parts []PartSpec
}

// PartSpec is a part of a file that is sent in parts.
type PartSpec struct {
	Number int
	MD5    []byte // 16 bytes
}

// Upload is where a file's bytes go.
type Upload struct {
	Object   string
	URL      string   // PUT the bytes here, whole; "" when they are there already
	Headers  []string // "Key:Value", to be sent with the PUT
	UploadID string   // of an upload in parts, the other way; "" for none
	Parts    []PartURL
}

// PartURL is where one part goes.
type PartURL struct {
	Number int
	URL    string
}

// AddFiles hands out a place for each file, in order. Content that the entity
// has already gets no URL.
func (s *Artifacts) AddFiles(ctx context.Context, a ballast.Artifact, files []FileSpec) ([]Upload, error) {
	if len(files) > MaxFiles {
		return nil, ballast.Errorf(ballast.Invalid, "%d files at once: at most %d are allowed", len(files), MaxFiles)
	}
	if a.State != ballast.ArtifactPending {
		return nil, ballast.Errorf(ballast.Conflict, "artifact %s is %s: files are added to drafts only", a.Collection.Name, strings.ToLower(string(a.State)))
	}
	for _, f := range files {
		if len(f.MD5) != md5.Size {
			return nil, ballast.Errorf(ballast.Invalid, "the MD5 of %.200q must be base64 of 16 bytes", f.Path)
		}
	}
	known, err := s.expect(ctx, a.Collection.EntityID, files)
	if err != nil {
		return nil, err
	}
	uploads := make([]Upload, len(files))
	for i, f := range files {
		c := known[string(f.MD5)]
		uploads[i].Object = c.Object
		if c.Bytes >= 0 {
			continue
		}
		if uploads[i], err = s.sign(ctx, c, f); err != nil {
			return nil, fmt.Errorf("signing the upload of %q: %w", f.Path, err)
		}
	}
	return uploads, nil
}

// expect finds the content of files, noting what is new.
func (s *Artifacts) expect(ctx context.Context, entityID int64, files []FileSpec) (known map[string]ballast.Content, err error) {
	var digests []string
	seen := map[string]bool{}
	for _, f := range files {
		if d := string(f.MD5); !seen[d] {
			seen[d] = true
			digests = append(digests, d)
		}
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		known, err = tx.Contents(entityID, digests)
		return err
	})
	if err != nil {
		return nil, err
	}
	var fresh []ballast.Content
	for _, d := range digests {
		if c, ok := known[d]; !ok || c.Bytes < 0 && c.Store != s.store {
			sum := hex.EncodeToString([]byte(d))
			object := fmt.Sprintf("%s%d/%s/%s-%s", Prefix, entityID, sum[:2], sum, random()[:16])
			fresh = append(fresh, ballast.Content{EntityID: entityID, Store: s.store, MD5: []byte(d), Object: object})
		}
	}
	if len(fresh) == 0 {
		return known, nil
	}
	err = s.db.Write(ctx, "expect content", func(tx *meta.Tx) error {
		if err := tx.ExpectContent(fresh, s.now()); err != nil {
			return err
		}
		known, err = tx.Contents(entityID, digests)
		return err
	})
	return known, err
}

func (s *Artifacts) sign(ctx context.Context, c ballast.Content, f FileSpec) (u Upload, err error) {
	u.Object = c.Object
	bucket, err := s.bucket(c.Store)
	if err != nil {
		return u, err
	}
	// With parts too: clients take a reply without a URL for "it is there".
	u.URL, u.Headers, err = bucket.SignedURL(ctx, c.Object, blob.SignOptions{Method: "PUT", Expires: writeFor, MaxBytes: -1, MD5: f.MD5})
	if err != nil || len(f.Parts) == 0 {
		return u, err
	}
	if len(f.Parts) > blob.MaxPart {
		return u, ballast.Errorf(ballast.Invalid, "%d parts, at most %d are allowed", len(f.Parts), blob.MaxPart)
	}
	if u.UploadID, err = bucket.CreateMultipart(ctx, c.Object); err != nil {
		return u, err
	}
	for _, p := range f.Parts {
		if len(p.MD5) != md5.Size {
			return u, ballast.Errorf(ballast.Invalid, "the MD5 of part %d must be 32 hex digits", p.Number)
		}
		url, _, err := bucket.SignPart(ctx, c.Object, u.UploadID, p.Number, blob.SignOptions{Method: "PUT", Expires: writeFor, MaxBytes: -1, MD5: p.MD5})
		if err != nil {
			return u, err
		}
		u.Parts = append(u.Parts, PartURL{p.Number, url})
	}
	return u, nil
}

// CompleteParts joins the parts of an upload.
func (s *Artifacts) CompleteParts(ctx context.Context, a ballast.Artifact, object, upload string, parts []blob.Part) error {
	var c ballast.Content
	err := s.db.Read(ctx, func(tx *meta.Tx) (err error) {
		c, err = tx.ContentByObject(object)
		return err
	})
	if err == nil && c.EntityID != a.Collection.EntityID {
		err = ballast.Errorf(ballast.NotFound, "object %.200q holds no artifact's content", object)
	}
	if err != nil {
		return err
	}
	bucket, err := s.bucket(c.Store)
	if err != nil {
		return err
	}
	info, err := bucket.CompleteMultipart(ctx, object, upload, parts, c.MD5)
	if err != nil {
		return err
	}
	return s.FinishPut(ctx, object, info)
}

// FinishPut notes that an object was stored. The MD5 was signed, so that these
// are the bytes that its name stands for.
func (s *Artifacts) FinishPut(ctx context.Context, object string, info blob.Info) error {
	return s.db.Write(ctx, "store content", func(tx *meta.Tx) error { return tx.StoredContent(object, info.Bytes) })
}

// ManifestSpec is a manifest that a client is about to store.
type ManifestSpec struct {
	Name   string
	Kind   ballast.ManifestKind
	BaseID int64
	Digest []byte // 16 bytes of MD5; empty while the client does not know it
}

// AddManifest notes a manifest of a draft.
func (s *Artifacts) AddManifest(ctx context.Context, a ballast.Artifact, spec ManifestSpec) (m ballast.ArtifactManifest, err error) {
	if a.State != ballast.ArtifactPending {
		return m, ballast.Errorf(ballast.Conflict, "artifact %s is %s: manifests are added to drafts only", a.Collection.Name, strings.ToLower(string(a.State)))
	}
	m = ballast.ArtifactManifest{ArtifactID: a.ID, Name: spec.Name, Kind: spec.Kind, BaseID: spec.BaseID}
	if err := ballast.CheckName("manifest", m.Name); err != nil {
		return m, err
	}
	if err := s.place(&m, a, spec.Digest); err != nil {
		return m, err
	}
	err = s.db.Write(ctx, "create manifest", func(tx *meta.Tx) error {
		m, err = tx.CreateManifest(m, s.now())
		return err
	})
	return m, err
}

// ChangeManifest gives a manifest the digest that it will have.
func (s *Artifacts) ChangeManifest(ctx context.Context, a ballast.Artifact, m ballast.ArtifactManifest, baseID int64, digest []byte) (ballast.ArtifactManifest, error) {
	if a.State != ballast.ArtifactPending {
		return m, ballast.Errorf(ballast.Conflict, "artifact %s is %s: its manifest cannot be changed", a.Collection.Name, strings.ToLower(string(a.State)))
	}
	if baseID != 0 {
		m.BaseID = baseID
	}
	if err := s.place(&m, a, digest); err != nil {
		return m, err
	}
	return m, s.db.Write(ctx, "update manifest", func(tx *meta.Tx) error { return tx.UpdateManifest(m) })
}

// place gives a manifest of known digest an object of its own.
func (s *Artifacts) place(m *ballast.ArtifactManifest, a ballast.Artifact, digest []byte) error {
	if len(digest) == 0 {
		return nil
	}
	if len(digest) != md5.Size {
		return ballast.Errorf(ballast.Invalid, "the manifest's digest must be base64 of an MD5")
	}
	m.Digest, m.Store = digest, s.store
	m.Object = fmt.Sprintf("%s%d/m/%d-%s", Prefix, a.Collection.EntityID, a.ID, random())
	return nil
}

// ManifestUpload returns where a manifest's bytes go.
func (s *Artifacts) ManifestUpload(ctx context.Context, m ballast.ArtifactManifest) (url string, headers []string, err error) {
	if m.Object == "" {
		return "", []string{}, nil
	}
	bucket, err := s.bucket(m.Store)
	if err != nil {
		return "", nil, err
	}
	return bucket.SignedURL(ctx, m.Object, blob.SignOptions{Method: "PUT", Expires: writeFor, MaxBytes: maxManifest, MD5: m.Digest})
}
