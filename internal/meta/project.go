package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

const (
	projectColumns = "p.id, p.entity_id, e.name, p.name, p.description, p.creator_id, p.created, p.updated, p.runs"
	projectFrom    = " FROM project p JOIN entity e ON e.id = p.entity_id WHERE p.deleted = 0 AND e.deleted = 0"
)

func scanProject(row scannable) (ballast.Project, error) {
	var (
		p                ballast.Project
		created, updated int64
	)
	err := row.Scan(&p.ID, &p.EntityID, &p.Entity, &p.Name, &p.Description, &p.CreatorID, &created, &updated, &p.RunCount)
	p.Created, p.Updated = fromMicros(created), fromMicros(updated)
	return p, err
}

// EnsureProject returns the project of that name, or the one that had it, made
// now when there is none. Project names are compared with case.
func (t *Tx) EnsureProject(entityID int64, name string, creatorID int64, now time.Time) (p ballast.Project, created bool, err error) {
	p, err = t.ProjectByName(entityID, name)
	if !ballast.Is(err, ballast.NotFound) {
		return p, false, err
	}
	return t.MakeProject(entityID, name, creatorID, now)
}

// MakeProject is EnsureProject for a person who wants a project under exactly
// this name: one that had it before does not count.
func (t *Tx) MakeProject(entityID int64, name string, creatorID int64, now time.Time) (p ballast.Project, created bool, err error) {
	p, err = t.projectNamed(entityID, name)
	if !ballast.Is(err, ballast.NotFound) {
		return p, false, err
	}
	if err := ballast.CheckName("project", name); err != nil {
		return p, false, err
	}
	e, err := t.Entity(entityID)
	if err != nil {
		return p, false, err
	}
	if e.Kind == ballast.Organization {
		return p, false, ballast.Errorf(ballast.Invalid, "organization %s owns no projects: use one of its teams", e.Name)
	}
	_, err = t.insert(`INSERT INTO project (entity_id, name, description, access, creator_id, runs, created, updated, deleted)
		VALUES (?,?,'','team',?,0,?,?,0)`, entityID, name, creatorID, micros(now), micros(now))
	created = err == nil
	if err != nil && !t.dialect.duplicate(err) { // a duplicate: another replica was first
		return p, false, err
	}
	p, err = t.projectNamed(entityID, name)
	return p, created, err
}

// Project returns a project that is not deleted.
func (t *Tx) Project(id int64) (ballast.Project, error) {
	p, err := scanProject(t.row("SELECT "+projectColumns+projectFrom+" AND p.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound("project %d does not exist", id)
	}
	return p, err
}

// ProjectByName returns the project of an entity by its exact name, or by one
// that it had and no other has now.
func (t *Tx) ProjectByName(entityID int64, name string) (ballast.Project, error) {
	p, err := t.projectNamed(entityID, name)
	if ballast.Is(err, ballast.NotFound) {
		return t.renamed(entityID, name)
	}
	return p, err
}

func (t *Tx) projectNamed(entityID int64, name string) (ballast.Project, error) {
	p, err := scanProject(t.row("SELECT "+projectColumns+projectFrom+" AND p.entity_id = ? AND p.name = ?", entityID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound("project %.140q does not exist", name)
	}
	return p, err
}

// Projects lists an entity's projects by name, those after a name.
func (t *Tx) Projects(entityID int64, after string, limit int) ([]ballast.Project, error) {
	rows, err := t.query("SELECT "+projectColumns+projectFrom+" AND p.entity_id = ? AND p.name > ? ORDER BY p.name LIMIT ?", entityID, after, limit)
	return collect(rows, err, scanProject)
}

// UpdateProject changes a project's description.
func (t *Tx) UpdateProject(id int64, description string) error {
	if err := checkLength("project description", description, 1<<20); err != nil {
		return err
	}
	res, err := t.exec("UPDATE project SET description = ?, updated = ? WHERE id = ? AND deleted = 0", description, micros(now()), id)
	return t.mustChange(res, err, fmt.Sprintf("project %d", id))
}

// DeleteProject removes a project and what is in it; its name is free again.
func (t *Tx) DeleteProject(id int64, now time.Time) error {
	res, err := t.exec("UPDATE project SET deleted = ? WHERE id = ? AND deleted = 0", micros(now), id)
	return t.mustChange(res, err, fmt.Sprintf("project %d", id))
}

// LiveRuns counts the runs of a project that are not deleted.
func (t *Tx) LiveRuns(projectID int64) (int64, error) {
	var n int64
	err := t.row("SELECT COUNT(*) FROM run WHERE project_id = ? AND deleted = 0", projectID).Scan(&n)
	return n, err
}
