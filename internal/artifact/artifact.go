// Package artifact is about versions of artifacts: it begins drafts, hands out
// places for the bytes that are not there yet, and commits a draft when every
// object is there with its size.
//
// Bytes are addressed by content within an entity: what one version stored is
// never sent again. A link to such a place signs the MD5, so that the store
// refuses other bytes. A version's list of files is its manifest, an object;
// the database knows versions, names and contents, not files.
//
// Objects are named "artifacts/<entity>/…". The table content and the
// manifests' rows are the collector's list of them (docs/design/070).
package artifact

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Prefix begins the names of all objects of this room.
const Prefix = "artifacts/"

// writeFor is how long a link to upload is good.
const writeFor = 24 * time.Hour

// Limits of one version's texts.
const (
	maxText = 1 << 20  // bytes of a description
	maxMeta = 10 << 20 // bytes of metadata
	maxTags = 20       // in one call (PROTOCOL section 5.4)
)

// Options says where objects are kept.
type Options struct {
	Stores map[int]blob.Bucket // every store that an object may be in, by id
	Store  int                 // the store that new objects go to
	Now    func() time.Time    // nil for the clock
	Log    *slog.Logger
}

// Artifacts is the room's state. It is safe for concurrent use.
type Artifacts struct {
	db        *meta.DB
	stores    map[int]blob.Bucket
	store     int
	now       func() time.Time
	log       *slog.Logger
	manifests *manifestCache
}

// New returns the artifacts of a metadata store.
func New(db *meta.DB, o Options) *Artifacts {
	a := &Artifacts{db: db, stores: o.Stores, store: o.Store, now: o.Now, log: o.Log, manifests: newManifestCache()}
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	return a
}

// Creator is who made a version: a *ballast.Run or a *ballast.User.
type Creator any

// Draft is what a client says of a version that it is about to log.
type Draft struct {
	Type        string
	Collection  string
	Digest      string // hex MD5
	Description string
	Metadata    string // JSON object, "" for none
	Aliases     []string
	Tags        []string
	TTL         int64
	HistoryStep int64 // -1 for none
	Distributed string
	ClientID    string
	SequenceID  string // the client's id of the collection
	Dedupe      bool   // a version with the same digest is taken instead
	UserID      int64
	RunID       int64 // 0 for none
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (d *Draft) check() error {
	if err := ballast.CheckName("artifact type", d.Type); err != nil {
		return err
	}
	if err := ballast.CheckName("artifact", d.Collection); err != nil {
		return err
	}
	if !digestForm.MatchString(d.Digest) {
		return ballast.Errorf(ballast.Invalid, "digest %.80q of artifact %s: it must be 32 hex digits of MD5", d.Digest, d.Collection)
	}
	if err := CheckAliases(d.Aliases); err != nil {
		return err
	}
	if err := CheckTags(d.Tags); err != nil {
		return err
	}
	for what, id := range map[string]string{"clientID": d.ClientID, "sequenceClientID": d.SequenceID, "distributedID": d.Distributed} {
		if utf8.RuneCountInString(id) > ballast.MaxName {
			return ballast.Errorf(ballast.Invalid, "%s has more than %d characters", what, ballast.MaxName)
		}
	}
	return checkTexts(d.Description, d.Metadata)
}

func checkTexts(description, metadata string) error {
	switch {
	case len(description) > maxText:
		return ballast.Errorf(ballast.Invalid, "the description has %d bytes, at most %d are allowed", len(description), maxText)
	case len(metadata) > maxMeta:
		return ballast.Errorf(ballast.Invalid, "the metadata has %d bytes, at most %d are allowed", len(metadata), maxMeta)
	case metadata != "" && !strings.HasPrefix(strings.TrimSpace(metadata), "{") && strings.TrimSpace(metadata) != "null":
		return ballast.Errorf(ballast.Invalid, "the metadata must be a JSON object")
	}
	return nil
}

var versionForm = regexp.MustCompile(`^v\d+$`)

// CheckAliases says what is wrong with aliases.
func CheckAliases(aliases []string) error {
	for _, a := range aliases {
		switch {
		case a == "" || utf8.RuneCountInString(a) > ballast.MaxName || !utf8.ValidString(a):
			return ballast.Errorf(ballast.Invalid, "alias %.140q: it must have 1 to %d characters", a, ballast.MaxName)
		case strings.ContainsAny(a, "/:"):
			return ballast.Errorf(ballast.Invalid, "alias %q contains '/' or ':', which is not allowed", a)
		case versionForm.MatchString(a):
			return ballast.Errorf(ballast.Invalid, "alias %q has the form of a version's number, which the server gives", a)
		}
	}
	return nil
}

var tagForm = regexp.MustCompile(`^[-\p{L}\p{N}_]+( +[-\p{L}\p{N}_]+)*$`)

// CheckTags says what is wrong with tags.
func CheckTags(tags []string) error {
	if len(tags) > maxTags {
		return ballast.Errorf(ballast.Invalid, "%d tags at once: at most %d are allowed", len(tags), maxTags)
	}
	for _, t := range tags {
		if !tagForm.MatchString(t) || utf8.RuneCountInString(t) > ballast.MaxName {
			return ballast.Errorf(ballast.Invalid, "tag %.140q: it must be up to %d letters, digits, '-', '_' and single blanks between them", t, ballast.MaxName)
		}
	}
	return nil
}

// Create begins a version: the draft, or the committed version that has the
// same digest, which then gets the aliases and tags. Writers that name the
// same Distributed share one draft.
func (s *Artifacts) Create(ctx context.Context, p ballast.Project, d Draft) (a ballast.Artifact, err error) {
	if err := d.check(); err != nil {
		return a, err
	}
	err = s.db.Write(ctx, "create artifact", func(tx *meta.Tx) error {
		now := s.now()
		kind, err := tx.EnsureArtifactType(p.ID, d.Type, "", now)
		if err != nil {
			return err
		}
		c, err := tx.EnsureCollection(ballast.Collection{ProjectID: p.ID, TypeID: kind.ID, Name: d.Collection}, d.SequenceID, now)
		if err != nil {
			return err
		}
		a, err = s.begin(tx, c, d, now)
		return err
	})
	return a, err
}

func (s *Artifacts) begin(tx *meta.Tx, c ballast.Collection, d Draft, now time.Time) (a ballast.Artifact, err error) {
	switch {
	case d.Distributed != "":
		a, err = tx.SharedDraft(c.ID, d.Distributed)
		if err == nil {
			err = tx.AddWanted(a.ID, d.Aliases)
		}
	case d.Dedupe:
		a, err = tx.ArtifactByDigest(c.ID, d.Digest)
		if err == nil {
			err = again(tx, a, d, now)
		}
	default:
		err = ballast.Errorf(ballast.NotFound, "a new version is wanted")
	}
	if ballast.Is(err, ballast.NotFound) {
		a, err = tx.CreateArtifact(ballast.Artifact{CollectionID: c.ID, Digest: d.Digest, Description: d.Description, Metadata: d.Metadata,
			UserID: d.UserID, RunID: d.RunID, ClientID: d.ClientID, Distributed: d.Distributed, HistoryStep: d.HistoryStep, TTL: d.TTL,
			Wanted: d.Aliases, Dedupe: d.Dedupe, Created: now})
	}
	if err != nil {
		return a, err
	}
	for _, tag := range d.Tags {
		if err := tx.AddArtifactTag(a.ID, 0, tag); err != nil {
			return a, err
		}
	}
	return a, nil
}

// again notes that a run logged what is there already.
func again(tx *meta.Tx, a ballast.Artifact, d Draft, now time.Time) error {
	for _, alias := range d.Aliases {
		if err := tx.SetAlias(a.CollectionID, a.ID, alias, now); err != nil {
			return err
		}
	}
	if d.RunID == 0 {
		return nil
	}
	return tx.UseArtifact(d.RunID, a.ID, true, "", now)
}

func (s *Artifacts) bucket(store int) (blob.Bucket, error) {
	if b := s.stores[store]; b != nil {
		return b, nil
	}
	return nil, ballast.Errorf(ballast.Unavailable, "store %d is not configured on this server", store)
}

// random returns 32 hex digits that nobody can guess.
func random() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
