package meta

import (
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

const memberFrom = `SELECT m.id, m.artifact_id, m.version, m.created, ` + collectionColumns + `
	FROM artifact_member m JOIN artifact_collection c ON c.id = m.collection_id JOIN artifact_type k ON k.id = c.type_id
	JOIN project p ON p.id = c.project_id JOIN entity e ON e.id = p.entity_id
	WHERE p.deleted = 0 AND e.deleted = 0 AND c.deleted = 0`

func scanMember(row scannable) (m ballast.ArtifactMember, err error) {
	var created int64
	dest, finish := collectionFields(&m.Collection)
	err = row.Scan(append([]any{&m.ID, &m.ArtifactID, &m.Version, &created}, dest...)...)
	finish()
	m.Created = fromMicros(created)
	return m, err
}

func (t *Tx) oneMember(where string, args ...any) (ballast.ArtifactMember, error) {
	m, err := scanMember(t.row(memberFrom+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return m, notFound("there is no such version in the collection")
	}
	return m, err
}

// ArtifactMember returns a version's place in a collection.
func (t *Tx) ArtifactMember(collectionID, artifactID int64) (ballast.ArtifactMember, error) {
	return t.oneMember(" AND m.collection_id = ? AND m.artifact_id = ?", collectionID, artifactID)
}

// MemberByVersion returns a collection's version by its number.
func (t *Tx) MemberByVersion(collectionID, version int64) (ballast.ArtifactMember, error) {
	return t.oneMember(" AND m.collection_id = ? AND m.version = ?", collectionID, version)
}

// MemberByAlias returns a collection's version by an alias.
func (t *Tx) MemberByAlias(collectionID int64, alias string) (ballast.ArtifactMember, error) {
	return t.oneMember(" AND m.collection_id = ? AND m.artifact_id IN (SELECT artifact_id FROM artifact_alias WHERE collection_id = ? AND alias = ?)", collectionID, collectionID, alias)
}

// MemberByDigest returns a collection's newest version with a digest.
func (t *Tx) MemberByDigest(collectionID int64, digest string) (ballast.ArtifactMember, error) {
	return t.oneMember(" AND m.collection_id = ? AND m.artifact_id IN (SELECT id FROM artifact WHERE digest = ?) ORDER BY m.version DESC LIMIT 1", collectionID, digest)
}

// ArtifactMembers lists the collections that a version is in, its own sequence
// first.
func (t *Tx) ArtifactMembers(artifactID int64) ([]ballast.ArtifactMember, error) {
	rows, err := t.query(memberFrom+" AND m.artifact_id = ? ORDER BY m.id", artifactID)
	return collect(rows, err, scanMember)
}

func (t *Tx) addMember(collectionID, artifactID, version int64, now time.Time) error {
	if _, err := t.insert("INSERT INTO artifact_member (collection_id, artifact_id, version, created) VALUES (?,?,?,?)", collectionID, artifactID, version, micros(now)); err != nil {
		return err
	}
	_, err := t.exec("UPDATE artifact_collection SET versions = ?, updated = ? WHERE id = ?", version+1, micros(now), collectionID)
	return err
}

// Link puts a committed version into a portfolio. One that is in it already
// keeps its number.
func (t *Tx) Link(portfolioID, artifactID int64, aliases []string, now time.Time) (ballast.ArtifactMember, error) {
	next, err := t.lockCollection(portfolioID)
	if err != nil {
		return ballast.ArtifactMember{}, err
	}
	// The version's row too, so that a delete at the same time sees the place.
	var state ballast.ArtifactState
	if err := t.row("SELECT state FROM artifact WHERE id = ?"+t.forUpdate(), artifactID).Scan(&state); err != nil {
		return ballast.ArtifactMember{}, err
	}
	if state != ballast.ArtifactCommitted {
		return ballast.ArtifactMember{}, ballast.Errorf(ballast.Conflict, "artifact %d is %s: only committed versions can be linked", artifactID, strings.ToLower(string(state)))
	}
	_, err = t.ArtifactMember(portfolioID, artifactID)
	switch {
	case ballast.Is(err, ballast.NotFound):
		if err := t.addMember(portfolioID, artifactID, next, now); err != nil {
			return ballast.ArtifactMember{}, err
		}
		aliases = append(aliases[:len(aliases):len(aliases)], ballast.LatestAlias)
	case err != nil:
		return ballast.ArtifactMember{}, err
	}
	for _, alias := range aliases {
		if err := t.SetAlias(portfolioID, artifactID, alias, now); err != nil {
			return ballast.ArtifactMember{}, err
		}
	}
	return t.ArtifactMember(portfolioID, artifactID)
}

// Unlink takes a version out of a collection, with its aliases there. When it
// was the latest, the newest that remains is.
func (t *Tx) Unlink(collectionID, artifactID int64, now time.Time) error {
	if _, err := t.lockCollection(collectionID); err != nil {
		return err
	}
	latest, err := t.MemberByAlias(collectionID, ballast.LatestAlias)
	if err != nil && !ballast.Is(err, ballast.NotFound) {
		return err
	}
	for _, stmt := range []string{"DELETE FROM artifact_alias WHERE collection_id = ? AND artifact_id = ?", "DELETE FROM artifact_member WHERE collection_id = ? AND artifact_id = ?"} {
		if _, err := t.exec(stmt, collectionID, artifactID); err != nil {
			return err
		}
	}
	if latest.ArtifactID != artifactID {
		return nil
	}
	next, err := t.oneMember(" AND m.collection_id = ? ORDER BY m.version DESC LIMIT 1", collectionID)
	if ballast.Is(err, ballast.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.SetAlias(collectionID, next.ArtifactID, ballast.LatestAlias, now)
}

// --- aliases

func scanAlias(row scannable) (a ballast.ArtifactAlias, err error) {
	err = row.Scan(&a.ID, &a.CollectionID, &a.ArtifactID, &a.Alias)
	return a, err
}

const aliasFrom = "SELECT id, collection_id, artifact_id, alias FROM artifact_alias"

// SetAlias gives an alias of a collection to one of its versions; the version
// that had it loses it.
func (t *Tx) SetAlias(collectionID, artifactID int64, alias string, now time.Time) error {
	if err := t.noteAlias(collectionID, artifactID, alias, now); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO artifact_alias (collection_id, alias, artifact_id, created) VALUES (?,?,?,?)"+
		t.dialect.upsert("collection_id, alias", "artifact_id", "created"), collectionID, alias, artifactID, micros(now))
	return err
}

// noteAlias notes that an alias goes to a version, and from the one that has
// it. Each new version takes the latest, which needs no note.
func (t *Tx) noteAlias(collectionID, artifactID int64, alias string, now time.Time) error {
	if alias == ballast.LatestAlias {
		return nil
	}
	had, err := t.ids("SELECT artifact_id FROM artifact_alias WHERE collection_id = ? AND alias = ?", collectionID, alias)
	if err != nil || len(had) > 0 && had[0] == artifactID {
		return err
	}
	for _, id := range had {
		if err := t.addAliasEvent(collectionID, id, ballast.AliasEvent{Alias: alias, At: now}); err != nil {
			return err
		}
	}
	return t.addAliasEvent(collectionID, artifactID, ballast.AliasEvent{Alias: alias, Given: true, At: now})
}

func (t *Tx) addAliasEvent(collectionID, artifactID int64, e ballast.AliasEvent) error {
	_, err := t.exec("INSERT INTO alias_event (collection_id, artifact_id, alias, given, moment) VALUES (?,?,?,?,?)", collectionID, artifactID, e.Alias, asInt(e.Given), micros(e.At))
	return err
}

// AliasEvents tells when aliases of a collection came to a version and left
// it, the newest first.
func (t *Tx) AliasEvents(artifactID, collectionID int64, limit int) ([]ballast.AliasEvent, error) {
	rows, err := t.query("SELECT alias, given, moment FROM alias_event WHERE artifact_id = ? AND collection_id = ? ORDER BY id DESC LIMIT ?", artifactID, collectionID, limit)
	return collect(rows, err, func(s scannable) (e ballast.AliasEvent, err error) {
		var at int64
		err = s.Scan(&e.Alias, &e.Given, &at)
		e.At = fromMicros(at)
		return e, err
	})
}

// DeleteAlias takes an alias from a version; when another version has it,
// nothing happens.
func (t *Tx) DeleteAlias(collectionID, artifactID int64, alias string, now time.Time) error {
	res, err := t.exec("DELETE FROM artifact_alias WHERE collection_id = ? AND artifact_id = ? AND alias = ?", collectionID, artifactID, alias)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return t.addAliasEvent(collectionID, artifactID, ballast.AliasEvent{Alias: alias, At: now})
}

// AliasesOf lists a version's aliases in one collection, or in all when
// collectionID is 0.
func (t *Tx) AliasesOf(artifactID, collectionID int64) ([]ballast.ArtifactAlias, error) {
	stmt, args := aliasFrom+" WHERE artifact_id = ?", []any{artifactID}
	if collectionID != 0 {
		stmt, args = stmt+" AND collection_id = ?", append(args, collectionID)
	}
	rows, err := t.query(stmt+" ORDER BY id", args...)
	return collect(rows, err, scanAlias)
}

// Aliases lists a collection's aliases by name, those after a name.
func (t *Tx) Aliases(collectionID int64, after string, limit int) ([]ballast.ArtifactAlias, error) {
	rows, err := t.query(aliasFrom+" WHERE collection_id = ? AND alias > ? ORDER BY alias LIMIT ?", collectionID, after, limit)
	return collect(rows, err, scanAlias)
}
