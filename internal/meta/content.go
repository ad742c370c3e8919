package meta

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

const (
	contentFrom   = "SELECT id, entity_id, store, digest, bytes, object FROM content"
	contentAtOnce = 500 // digests in one statement
)

func scanContent(row scannable) (c ballast.Content, err error) {
	err = row.Scan(&c.ID, &c.EntityID, &c.Store, &c.MD5, &c.Bytes, &c.Object)
	return c, err
}

// Contents finds what an entity has of some digests (16 bytes of MD5 each, as
// a string), in any store; one that was stored goes before one that is only
// expected.
func (t *Tx) Contents(entityID int64, digests []string) (map[string]ballast.Content, error) {
	found := make(map[string]ballast.Content, len(digests))
	for part := range slices.Chunk(digests, contentAtOnce) {
		args := []any{entityID}
		for _, d := range part {
			args = append(args, []byte(d))
		}
		err := t.each(contentFrom+" WHERE entity_id = ? AND algorithm = 0 AND digest IN ("+placeholders(len(part))+") ORDER BY id", args, func(s scannable) error {
			c, err := scanContent(s)
			if have, ok := found[string(c.MD5)]; !ok || have.Bytes < 0 {
				found[string(c.MD5)] = c
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ExpectContent notes objects that clients are about to store, before anybody
// can put them. What the store has or expects already keeps its object.
func (t *Tx) ExpectContent(list []ballast.Content, now time.Time) error {
	for _, c := range list {
		if _, err := t.exec(t.dialect.insertSkip+" INTO content (entity_id, store, algorithm, digest, bytes, object, created) VALUES (?,?,0,?,-1,?,?)",
			c.EntityID, c.Store, c.MD5, c.Object, micros(now)); err != nil {
			return err
		}
	}
	return nil
}

// StoredContent notes that an object was stored whole.
func (t *Tx) StoredContent(object string, bytes int64) error {
	_, err := t.exec("UPDATE content SET bytes = ? WHERE object = ?", bytes, object)
	return err
}

// ContentByObject returns the content that an object is.
func (t *Tx) ContentByObject(object string) (ballast.Content, error) {
	c, err := scanContent(t.row(contentFrom+" WHERE object = ?", object))
	if errors.Is(err, sql.ErrNoRows) {
		return c, notFound("object %.200q holds no artifact's content", object)
	}
	return c, err
}

// --- manifests

const manifestFrom = "SELECT id, artifact_id, name, kind, base_id, digest, store, object, created FROM artifact_manifest"

func scanManifest(row scannable) (m ballast.ArtifactManifest, err error) {
	var created int64
	err = row.Scan(&m.ID, &m.ArtifactID, &m.Name, &m.Kind, &m.BaseID, &m.Digest, &m.Store, &m.Object, &created)
	m.Created = fromMicros(created)
	return m, err
}

// CreateManifest notes a manifest of a version.
func (t *Tx) CreateManifest(m ballast.ArtifactManifest, now time.Time) (ballast.ArtifactManifest, error) {
	id, err := t.insert("INSERT INTO artifact_manifest (artifact_id, name, kind, base_id, digest, store, object, created) VALUES (?,?,?,?,?,?,?,?)",
		m.ArtifactID, m.Name, string(m.Kind), m.BaseID, orNone(m.Digest), m.Store, m.Object, micros(now))
	m.ID, m.Created = id, now
	return m, err
}

// UpdateManifest gives a manifest its digest and the object that will hold it.
func (t *Tx) UpdateManifest(m ballast.ArtifactManifest) error {
	_, err := t.exec("UPDATE artifact_manifest SET base_id = ?, digest = ?, store = ?, object = ? WHERE id = ?", m.BaseID, orNone(m.Digest), m.Store, m.Object, m.ID)
	return err
}

func orNone(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Manifest returns a manifest by id.
func (t *Tx) Manifest(id int64) (ballast.ArtifactManifest, error) {
	m, err := scanManifest(t.row(manifestFrom+" WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, notFound("artifact manifest %d does not exist", id)
	}
	return m, err
}

// Manifests lists a version's manifests, the oldest first.
func (t *Tx) Manifests(artifactID int64) ([]ballast.ArtifactManifest, error) {
	rows, err := t.query(manifestFrom+" WHERE artifact_id = ? ORDER BY id", artifactID)
	return collect(rows, err, scanManifest)
}

// --- lineage

// UseArtifact notes that a run used a version or, with output, logged it.
func (t *Tx) UseArtifact(runID, artifactID int64, output bool, as string, now time.Time) error {
	row0, err := t.nextRow(runID)
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO artifact_use (run_id, artifact_id, output, used_as, created, row0) VALUES (?,?,?,?,?,?)"+
		t.dialect.upsert("run_id, artifact_id, output", "used_as"), runID, artifactID, asInt(output), cut(as, 128), micros(now), row0)
	if err != nil {
		return err
	}
	// Filters of runs ask for it (UsedArtifacts).
	_, err = t.exec("UPDATE run SET updated = ?, rev = rev + 1 WHERE id = ?", micros(now), runID)
	return err
}

// RunArtifacts lists the versions that a run used or, with output, logged, in
// the order in which it did.
func (t *Tx) RunArtifacts(runID int64, output bool) ([]ballast.Artifact, error) {
	ids, err := t.ids("SELECT artifact_id FROM artifact_use WHERE run_id = ? AND output = ? ORDER BY created, artifact_id", runID, asInt(output))
	if err != nil {
		return nil, err
	}
	return t.ArtifactsByID(ids)
}

// DeleteArtifactsOf removes the versions that a run made, from wherever they
// are, and its drafts.
func (t *Tx) DeleteArtifactsOf(runID int64, now time.Time) error {
	var all []ballast.Artifact
	err := t.each("SELECT id, collection_id FROM artifact WHERE run_id = ? AND state <> ? ORDER BY id", []any{runID, ballast.ArtifactDeleted}, func(s scannable) error {
		var a ballast.Artifact
		err := s.Scan(&a.ID, &a.CollectionID)
		all = append(all, a)
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range all {
		if err := t.DeleteArtifact(a, now); err != nil {
			return err
		}
	}
	return nil
}

// ArtifactUsers lists the runs that used a version, in the order in which they
// did.
func (t *Tx) ArtifactUsers(artifactID int64) ([]int64, error) {
	return t.ids(`SELECT u.run_id FROM artifact_use u JOIN run r ON r.id = u.run_id
		WHERE u.artifact_id = ? AND u.output = 0 AND r.deleted = 0 ORDER BY u.created, u.run_id`, artifactID)
}
