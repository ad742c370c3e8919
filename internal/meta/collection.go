package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

const collectionColumns = `c.id, c.project_id, p.name, p.entity_id, e.name, c.type_id, k.name, c.portfolio, c.name, c.description, c.created, c.updated, c.deleted`

const collectionFrom = ` FROM artifact_collection c JOIN artifact_type k ON k.id = c.type_id
	JOIN project p ON p.id = c.project_id JOIN entity e ON e.id = p.entity_id
	WHERE p.deleted = 0 AND e.deleted = 0`

// collectionFields are where a row with collectionColumns goes; finish is
// called after the scan.
func collectionFields(c *ballast.Collection) (dest []any, finish func()) {
	var portfolio int
	var created, updated, deleted int64
	dest = []any{&c.ID, &c.ProjectID, &c.Project, &c.EntityID, &c.Entity, &c.TypeID, &c.Type, &portfolio, &c.Name, &c.Description, &created, &updated, &deleted}
	return dest, func() {
		c.Portfolio = portfolio != 0
		c.Created, c.Updated, c.Deleted = fromMicros(created), fromMicros(updated), fromMicros(deleted)
	}
}

func scanCollection(row scannable) (c ballast.Collection, err error) {
	dest, finish := collectionFields(&c)
	err = row.Scan(dest...)
	finish()
	return c, err
}

func scanArtifactType(row scannable) (k ballast.ArtifactType, err error) {
	var created int64
	err = row.Scan(&k.ID, &k.ProjectID, &k.Name, &k.Description, &created)
	k.Created = fromMicros(created)
	return k, err
}

const artifactTypeFrom = "SELECT id, project_id, name, description, created FROM artifact_type"

// EnsureArtifactType returns a project's type of that name, made now when
// there is none.
func (t *Tx) EnsureArtifactType(projectID int64, name, description string, now time.Time) (ballast.ArtifactType, error) {
	k, err := t.ArtifactTypeByName(projectID, name)
	if !ballast.Is(err, ballast.NotFound) {
		return k, err
	}
	_, err = t.insert("INSERT INTO artifact_type (project_id, name, description, created) VALUES (?,?,?,?)", projectID, name, description, micros(now))
	if err != nil && !t.dialect.duplicate(err) { // a duplicate: another replica was first
		return k, err
	}
	if err != nil {
		return k, errStale
	}
	return t.ArtifactTypeByName(projectID, name)
}

// ArtifactTypeByName returns a project's type.
func (t *Tx) ArtifactTypeByName(projectID int64, name string) (ballast.ArtifactType, error) {
	k, err := scanArtifactType(t.row(artifactTypeFrom+" WHERE project_id = ? AND name = ?", projectID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return k, notFound("artifact type %.140q does not exist", name)
	}
	return k, err
}

// ArtifactType returns a type by id.
func (t *Tx) ArtifactType(id int64) (ballast.ArtifactType, error) {
	k, err := scanArtifactType(t.row(artifactTypeFrom+" WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return k, notFound("artifact type %d does not exist", id)
	}
	return k, err
}

// ArtifactTypes lists a project's types by name, those after a name.
func (t *Tx) ArtifactTypes(projectID int64, after string, limit int) ([]ballast.ArtifactType, error) {
	rows, err := t.query(artifactTypeFrom+" WHERE project_id = ? AND name > ? ORDER BY name LIMIT ?", projectID, after, limit)
	return collect(rows, err, scanArtifactType)
}

// EnsureCollection returns a project's collection of that name, made now when
// there is none. One of another type, or of the other sort, is a Conflict.
func (t *Tx) EnsureCollection(want ballast.Collection, client string, now time.Time) (ballast.Collection, error) {
	c, err := t.CollectionByName(want.ProjectID, want.Name)
	if ballast.Is(err, ballast.NotFound) {
		_, err = t.insert(`INSERT INTO artifact_collection (project_id, type_id, portfolio, name, description, client, versions, created, updated, deleted)
			VALUES (?,?,?,?,?,?,0,?,?,0)`, want.ProjectID, want.TypeID, asInt(want.Portfolio), want.Name, want.Description, client, micros(now), micros(now))
		if t.dialect.duplicateOf(err) {
			return c, errStale // another replica was first
		}
		if err != nil {
			return c, err
		}
		return t.CollectionByName(want.ProjectID, want.Name)
	}
	switch {
	case err != nil:
		return c, err
	case c.Portfolio != want.Portfolio:
		return c, ballast.Errorf(ballast.Conflict, "collection %s is %s: take another name", c.Name, sortOf(c))
	case c.TypeID != want.TypeID:
		return c, ballast.Errorf(ballast.Conflict, "collection %s holds artifacts of type %q; this one is of another type: use that type or another name", c.Name, c.Type)
	}
	return c, nil
}

func sortOf(c ballast.Collection) string {
	if c.Portfolio {
		return "a collection of links, to which nothing can be logged"
	}
	return "a sequence of logged versions, into which nothing can be linked"
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Collection returns a collection that is not deleted.
func (t *Tx) Collection(id int64) (ballast.Collection, error) {
	c, err := scanCollection(t.row("SELECT "+collectionColumns+collectionFrom+" AND c.id = ? AND c.deleted = 0", id))
	if errors.Is(err, sql.ErrNoRows) {
		return c, notFound("artifact collection %d does not exist", id)
	}
	return c, err
}

// CollectionByName returns a project's collection, compared with case.
func (t *Tx) CollectionByName(projectID int64, name string) (ballast.Collection, error) {
	c, err := scanCollection(t.row("SELECT "+collectionColumns+collectionFrom+" AND c.project_id = ? AND c.name = ? AND c.deleted = 0", projectID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return c, notFound("artifact collection %.140q does not exist", name)
	}
	return c, err
}

// Collections lists a project's collections by name, those of one type when
// typeID is not 0.
func (t *Tx) Collections(projectID, typeID int64) ([]ballast.Collection, error) {
	stmt, args := "SELECT "+collectionColumns+collectionFrom+" AND c.project_id = ? AND c.deleted = 0", []any{projectID}
	if typeID != 0 {
		stmt, args = stmt+" AND c.type_id = ?", append(args, typeID)
	}
	rows, err := t.query(stmt+" ORDER BY c.name", args...)
	return collect(rows, err, scanCollection)
}

// UpdateCollection changes a collection's name, type and description. A name
// that is taken is a Conflict.
func (t *Tx) UpdateCollection(c ballast.Collection, now time.Time) error {
	res, err := t.exec("UPDATE artifact_collection SET name = ?, type_id = ?, description = ?, updated = ? WHERE id = ? AND deleted = 0",
		c.Name, c.TypeID, c.Description, micros(now), c.ID)
	if t.dialect.duplicateOf(err) {
		return ballast.Errorf(ballast.Conflict, "a collection named %s exists already", c.Name)
	}
	return t.mustChange(res, err, "artifact collection "+c.Name)
}

// DeleteCollection removes a collection, and of a sequence all its versions,
// from wherever they were linked.
func (t *Tx) DeleteCollection(id int64, now time.Time) error {
	if _, err := t.lockCollection(id); err != nil {
		return err
	}
	c, err := t.Collection(id)
	if err != nil {
		return err
	}
	if !c.Portfolio {
		ids, err := t.ids("SELECT id FROM artifact WHERE collection_id = ? AND state <> ?", id, ballast.ArtifactDeleted)
		if err != nil {
			return err
		}
		for _, n := range ids {
			if err := t.DeleteArtifact(ballast.Artifact{ID: n, CollectionID: id}, now); err != nil {
				return err
			}
		}
	}
	for _, stmt := range []string{"DELETE FROM artifact_alias WHERE collection_id = ?", "DELETE FROM artifact_member WHERE collection_id = ?",
		"DELETE FROM artifact_tag WHERE collection_id = ?"} {
		if _, err := t.exec(stmt, id); err != nil {
			return err
		}
	}
	_, err = t.exec("UPDATE artifact_collection SET deleted = ? WHERE id = ?", micros(now), id)
	return err
}

// ids runs a query that answers one column of numbers.
func (t *Tx) ids(query string, args ...any) (all []int64, err error) {
	err = t.each(query, args, func(s scannable) error {
		var id int64
		err := s.Scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}

// lockCollection makes others who change the collection wait, and returns the
// number of its next version.
func (t *Tx) lockCollection(id int64) (next int64, err error) {
	err = t.row("SELECT versions FROM artifact_collection WHERE id = ? AND deleted = 0"+t.forUpdate(), id).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound("artifact collection %d does not exist", id)
	}
	return next, err
}
