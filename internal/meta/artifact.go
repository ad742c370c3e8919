package meta

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

const artifactColumns = `a.id, a.collection_id, a.state, a.digest, a.description, a.metadata, a.account_id, a.run_id, a.client, a.distributed,
	a.step, a.ttl, a.wanted, a.dedupe, a.same_as, a.bytes, a.files, a.version, a.manifest_id, a.created, a.updated, ` + collectionColumns

// A version's collection is joined also when it is deleted: its versions are
// then, too, and are still found by id.
const artifactFrom = ` FROM artifact a JOIN artifact_collection c ON c.id = a.collection_id JOIN artifact_type k ON k.id = c.type_id
	JOIN project p ON p.id = c.project_id JOIN entity e ON e.id = p.entity_id
	WHERE p.deleted = 0 AND e.deleted = 0`

func scanArtifact(row scannable) (a ballast.Artifact, err error) {
	var (
		wanted           string
		dedupe           int
		created, updated int64
	)
	dest, finish := collectionFields(&a.Collection)
	err = row.Scan(append([]any{&a.ID, &a.CollectionID, &a.State, &a.Digest, &a.Description, &a.Metadata, &a.UserID, &a.RunID, &a.ClientID, &a.Distributed,
		&a.HistoryStep, &a.TTL, &wanted, &dedupe, &a.SameAs, &a.Bytes, &a.Files, &a.Version, &a.ManifestID, &created, &updated}, dest...)...)
	if err != nil {
		return a, err
	}
	finish()
	a.Dedupe, a.Created, a.Updated = dedupe != 0, fromMicros(created), fromMicros(updated)
	return a, json.Unmarshal([]byte(wanted), &a.Wanted)
}

// CreateArtifact begins a version of a collection: a draft, which commit makes
// visible. Aliases that it is to have wait in Wanted.
func (t *Tx) CreateArtifact(a ballast.Artifact) (ballast.Artifact, error) {
	wanted, err := json.Marshal(append([]string{}, a.Wanted...))
	if err != nil {
		return a, err
	}
	id, err := t.insert(`INSERT INTO artifact (collection_id, state, digest, description, metadata, account_id, run_id, client, distributed, step, ttl, wanted, dedupe, same_as, bytes, files, version, manifest_id, created, updated)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,0,-1,0,?,?)`, a.CollectionID, ballast.ArtifactPending, a.Digest, a.Description, a.Metadata, a.UserID, a.RunID,
		a.ClientID, a.Distributed, a.HistoryStep, a.TTL, string(wanted), asInt(a.Dedupe), micros(a.Created), micros(a.Created))
	if err != nil {
		return a, err
	}
	return t.Artifact(id)
}

// Artifact returns a version by id, whatever its state; for a draft that
// became a version that was there, that version.
func (t *Tx) Artifact(id int64) (ballast.Artifact, error) {
	return t.oneArtifact(fmt.Sprintf("artifact %d", id), " AND a.id = ?", id)
}

// ArtifactByDigest returns the newest committed version of a sequence that has
// the digest.
func (t *Tx) ArtifactByDigest(collectionID int64, digest string) (ballast.Artifact, error) {
	return t.oneArtifact("a version with digest "+digest, " AND a.collection_id = ? AND a.digest = ? AND a.state = ? ORDER BY a.version DESC LIMIT 1",
		collectionID, digest, ballast.ArtifactCommitted)
}

// SharedDraft returns the draft that several writers of a sequence share.
func (t *Tx) SharedDraft(collectionID int64, distributed string) (ballast.Artifact, error) {
	return t.oneArtifact("a shared draft", " AND a.collection_id = ? AND a.state = ? AND a.distributed = ? ORDER BY a.id LIMIT 1",
		collectionID, ballast.ArtifactPending, distributed)
}

// ArtifactByClient returns the version that the client's own id stands for, or
// the newest version of the sequence that it stands for.
func (t *Tx) ArtifactByClient(client string) (ballast.Artifact, error) {
	a, err := t.oneArtifact("an artifact with that client id", " AND a.client = ? AND (a.state <> ? OR a.same_as > 0) ORDER BY a.id DESC LIMIT 1", client, ballast.ArtifactDeleted)
	if !ballast.Is(err, ballast.NotFound) {
		return a, err
	}
	return t.oneArtifact("an artifact with that client id", " AND c.client = ? AND c.deleted = 0 AND a.state = ? ORDER BY a.version DESC LIMIT 1", client, ballast.ArtifactCommitted)
}

// LatestArtifact returns the newest committed version of a sequence.
func (t *Tx) LatestArtifact(collectionID int64) (ballast.Artifact, error) {
	return t.oneArtifact("a version", " AND a.collection_id = ? AND a.state = ? ORDER BY a.version DESC LIMIT 1", collectionID, ballast.ArtifactCommitted)
}

func (t *Tx) oneArtifact(what, where string, args ...any) (ballast.Artifact, error) {
	a, err := scanArtifact(t.row("SELECT "+artifactColumns+artifactFrom+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return a, notFound("%s does not exist", what)
	}
	if err == nil && a.SameAs != 0 {
		return t.Artifact(a.SameAs) // a version that was committed: it has no SameAs
	}
	return a, err
}

// Artifacts returns the versions that are in a collection, the newest first.
func (t *Tx) Artifacts(collectionID int64) ([]ballast.Artifact, error) {
	rows, err := t.query("SELECT "+artifactColumns+artifactFrom+` AND a.state = ? AND a.id IN (SELECT artifact_id FROM artifact_member WHERE collection_id = ?)
		ORDER BY a.version DESC, a.id DESC`, ballast.ArtifactCommitted, collectionID)
	return collect(rows, err, scanArtifact)
}

// CommitArtifact makes a draft a version of its sequence, in one step: its
// number, its place, its aliases and its run's edge. A draft that is committed
// already is returned as it is. One whose digest a version has meanwhile
// becomes that version, when it was begun with Dedupe.
func (t *Tx) CommitArtifact(a ballast.Artifact, now time.Time) (ballast.Artifact, error) {
	next, err := t.lockCollection(a.CollectionID)
	if err != nil {
		return a, err
	}
	have, err := t.Artifact(a.ID)
	if err != nil || have.State == ballast.ArtifactCommitted {
		return have, err
	}
	if have.State != ballast.ArtifactPending {
		return a, ballast.Errorf(ballast.Conflict, "artifact %s was deleted while it was logged: log it again", have.Collection.Name)
	}
	if have.Dedupe {
		switch twin, err := t.ArtifactByDigest(a.CollectionID, a.Digest); {
		case err == nil:
			return t.becomeTwin(have, twin, now)
		case !ballast.Is(err, ballast.NotFound):
			return a, err
		}
	}
	if _, err := t.exec("UPDATE artifact SET state = ?, digest = ?, bytes = ?, files = ?, version = ?, manifest_id = ?, updated = ? WHERE id = ?",
		ballast.ArtifactCommitted, a.Digest, a.Bytes, a.Files, next, a.ManifestID, micros(now), a.ID); err != nil {
		return a, err
	}
	if err := t.addMember(a.CollectionID, a.ID, next, now); err != nil {
		return a, err
	}
	if err := t.label(a.CollectionID, a.ID, have.RunID, append(have.Wanted, ballast.LatestAlias), now); err != nil {
		return a, err
	}
	return t.Artifact(a.ID)
}

// label gives a version aliases and the output edge of a run, 0 for none.
func (t *Tx) label(collectionID, id, runID int64, aliases []string, now time.Time) error {
	for _, alias := range aliases {
		if err := t.SetAlias(collectionID, id, alias, now); err != nil {
			return err
		}
	}
	if runID == 0 {
		return nil
	}
	return t.UseArtifact(runID, id, true, "", now)
}

// becomeTwin makes a draft another name of a version: clients know the draft's
// id, and find the version by it. The version takes over aliases, tags and the
// run's edge, as it does when its digest is logged again later.
func (t *Tx) becomeTwin(draft, twin ballast.Artifact, now time.Time) (ballast.Artifact, error) {
	if _, err := t.exec("UPDATE artifact SET state = ?, same_as = ?, updated = ? WHERE id = ?", ballast.ArtifactDeleted, twin.ID, micros(now), draft.ID); err != nil {
		return twin, err
	}
	if err := t.label(twin.CollectionID, twin.ID, draft.RunID, draft.Wanted, now); err != nil {
		return twin, err
	}
	tags, err := t.ArtifactTags(draft.ID, 0)
	if err != nil {
		return twin, err
	}
	for _, tag := range tags {
		if err := t.AddArtifactTag(twin.ID, 0, tag); err != nil {
			return twin, err
		}
	}
	if _, err := t.exec("DELETE FROM artifact_tag WHERE artifact_id = ?", draft.ID); err != nil {
		return twin, err
	}
	return t.Artifact(twin.ID)
}

// AddWanted adds to the aliases that a draft will have.
func (t *Tx) AddWanted(id int64, aliases []string) error {
	a, err := t.Artifact(id)
	if err != nil {
		return err
	}
	wanted, err := json.Marshal(append(append([]string{}, a.Wanted...), aliases...))
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE artifact SET wanted = ? WHERE id = ?", string(wanted), id)
	return err
}

// UpdateArtifact changes what people write on a version: description,
// metadata, time to live.
func (t *Tx) UpdateArtifact(a ballast.Artifact, now time.Time) error {
	res, err := t.exec("UPDATE artifact SET description = ?, metadata = ?, ttl = ?, updated = ? WHERE id = ?", a.Description, a.Metadata, a.TTL, micros(now), a.ID)
	return t.mustChange(res, err, fmt.Sprintf("artifact %d", a.ID))
}

// DeleteArtifact removes a version from every collection it is in. In a
// sequence the newest version that remains becomes the latest. A draft that is
// deleted can no longer be committed. One that is deleted already is fine.
func (t *Tx) DeleteArtifact(a ballast.Artifact, now time.Time) error {
	id := a.ID
	// As a commit does, so that one of the two sees the other.
	if _, err := t.lockCollection(a.CollectionID); err != nil {
		return err
	}
	a, err := t.Artifact(id)
	if err != nil || a.State == ballast.ArtifactDeleted {
		return err
	}
	if _, err := t.exec("UPDATE artifact SET state = ?, updated = ? WHERE id = ?", ballast.ArtifactDeleted, micros(now), id); err != nil {
		return err
	}
	members, err := t.ArtifactMembers(id)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := t.Unlink(m.Collection.ID, id, now); err != nil {
			return err
		}
	}
	_, err = t.exec("DELETE FROM artifact_tag WHERE artifact_id = ?", a.ID)
	return err
}

// --- tags

// ArtifactTags lists the tags of a version, or of a collection; the other id
// is 0.
func (t *Tx) ArtifactTags(artifactID, collectionID int64) (names []string, err error) {
	err = t.each("SELECT name FROM artifact_tag WHERE artifact_id = ? AND collection_id = ? ORDER BY name", []any{artifactID, collectionID}, func(s scannable) error {
		var n string
		err := s.Scan(&n)
		names = append(names, n)
		return err
	})
	return names, err
}

// AddArtifactTag gives a version or a collection a tag; one that it has
// already is fine.
func (t *Tx) AddArtifactTag(artifactID, collectionID int64, name string) error {
	_, err := t.exec(t.dialect.insertSkip+" INTO artifact_tag (artifact_id, collection_id, name) VALUES (?,?,?)", artifactID, collectionID, name)
	return err
}

// RemoveArtifactTag takes a tag away; one that is not there is fine.
func (t *Tx) RemoveArtifactTag(artifactID, collectionID int64, name string) error {
	_, err := t.exec("DELETE FROM artifact_tag WHERE artifact_id = ? AND collection_id = ? AND name = ?", artifactID, collectionID, name)
	return err
}
