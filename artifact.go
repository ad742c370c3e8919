package ballast

import "time"

// ArtifactState is where a version of an artifact is in its life.
type ArtifactState string

// The states of a version.
const (
	ArtifactPending   ArtifactState = "PENDING"   // a draft: being uploaded, visible by its id alone
	ArtifactCommitted ArtifactState = "COMMITTED" // complete, never changed again but for its labels
	ArtifactDeleted   ArtifactState = "DELETED"
)

// What a version's time to live says when it is no number of seconds.
const (
	TTLInherit = -1
	TTLNone    = -2
)

// LatestAlias is the alias that each new version takes over.
const LatestAlias = "latest"

// Artifact is one version of a collection: a set of files under a digest.
type Artifact struct {
	ID           int64
	CollectionID int64 // the sequence that it was logged to
	Collection   Collection
	State        ArtifactState
	Digest       string // hex MD5 of its manifest's paths and digests
	Description  string
	Metadata     string // JSON object, "" for none
	UserID       int64  // who made it
	RunID        int64  // the run that made it, 0 for none
	ClientID     string // the client's own id
	Distributed  string // what several writers of one draft know it by
	HistoryStep  int64  // the run's step, -1 for none
	TTL          int64  // seconds, TTLInherit or TTLNone
	Wanted       []string
	Dedupe       bool  // a version with the same digest is taken instead
	SameAs       int64 // of a draft that became a version that was there: its id
	Bytes        int64
	Files        int64
	Version      int64 // from 0; -1 for a draft
	ManifestID   int64 // 0 for a draft
	Created      time.Time
	Updated      time.Time
}

// Collection is a named row of versions in a project: a sequence holds what
// was logged to it, a portfolio what was linked into it.
type Collection struct {
	ID          int64
	ProjectID   int64
	Project     string // the project's name
	EntityID    int64
	Entity      string // the entity's name
	TypeID      int64
	Type        string // the type's name
	Portfolio   bool
	Name        string
	Description string
	Created     time.Time
	Updated     time.Time
	Deleted     time.Time // zero: not
}

// ArtifactType is the kind of a project's collections.
type ArtifactType struct {
	ID          int64
	ProjectID   int64
	Name        string
	Description string
	Created     time.Time
}

// ArtifactMember is a version's place in a collection.
type ArtifactMember struct {
	ID         int64
	Collection Collection
	ArtifactID int64
	Version    int64 // its number in this collection
	Created    time.Time
}

// ArtifactAlias is a name that a collection gives to one of its versions.
type ArtifactAlias struct {
	ID           int64
	CollectionID int64
	ArtifactID   int64
	Alias        string
}

// AliasEvent is an alias that came to a version, or left it.
type AliasEvent struct {
	Alias string
	Given bool // it came
	At    time.Time
}

// ManifestKind says what a manifest that a client sends stands for.
type ManifestKind string

// The kinds of manifest.
const (
	ManifestFull        ManifestKind = "FULL"        // the whole version
	ManifestIncremental ManifestKind = "INCREMENTAL" // changes to the version before
	ManifestPatch       ManifestKind = "PATCH"       // one writer's part of a distributed version
)

// ArtifactManifest is a list of a version's files, an object in a store.
type ArtifactManifest struct {
	ID         int64
	ArtifactID int64
	Name       string
	Kind       ManifestKind
	BaseID     int64  // the version that an incremental one changes, 0 for none
	Digest     []byte // 16 bytes of MD5; empty until the client has written it
	Store      int
	Object     string
	Created    time.Time
}

// Content is bytes that an entity's artifacts name by their digest, stored
// once.
type Content struct {
	ID       int64
	EntityID int64
	Store    int
	MD5      []byte // 16 bytes
	Bytes    int64  // -1 until they were stored
	Object   string
}
