package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

// RenameProject gives a project another name. The old one leads to it until a
// project is made under it. A name that another project has is a Conflict.
func (t *Tx) RenameProject(id int64, name string, now time.Time) error {
	if err := ballast.CheckName("project", name); err != nil {
		return err
	}
	p, err := t.Project(id)
	if err != nil || p.Name == name {
		return err
	}
	res, err := t.exec("UPDATE project SET name = ?, updated = ? WHERE id = ? AND deleted = 0", name, micros(now), id)
	if t.dialect.duplicateOf(err) {
		return ballast.Errorf(ballast.Conflict, "%s has a project %s already", p.Entity, name)
	}
	if err := t.mustChange(res, err, fmt.Sprintf("project %d", id)); err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM moved WHERE entity_id = ? AND project = ? AND run = ''", p.EntityID, name); err != nil {
		return err
	}
	return t.noteMoved(p, "", p.ID, p.ID, 0, now)
}

// MoveRun puts a run into another project of the same entity, as its newest.
// Its old address leads to it. A run of that name there is a Conflict.
func (t *Tx) MoveRun(id, projectID int64, now time.Time) error {
	r, err := t.Run(id)
	if err != nil {
		return err
	}
	to, err := t.Project(projectID)
	if err != nil || to.ID == r.ProjectID {
		return err
	}
	from, err := t.Project(r.ProjectID)
	if err != nil {
		return err
	}
	if from.EntityID != to.EntityID {
		return ballast.Errorf(ballast.Invalid, "run %s belongs to %s: it can be moved to another project of %s only", r.Name, from.Entity, from.Entity)
	}
	if err := t.dropPartOf(id); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE project SET runs = runs + 1, updated = ? WHERE id = ?", micros(now), to.ID); err != nil {
		return err
	}
	_, err = t.exec("UPDATE run SET project_id = ?, ordinal = ?, updated = ?, rev = rev + 1 WHERE id = ?", to.ID, to.RunCount, micros(now), id)
	if t.dialect.duplicateOf(err) {
		return ballast.Errorf(ballast.Conflict, "project %s has, or had, a run %s", to.Name, r.Name)
	}
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE hist SET project_id = ?, changed = ? WHERE run = ?", to.ID, micros(now), id); err != nil {
		return err
	}
	// Back where it was once: there it is found again by itself.
	if _, err := t.exec("DELETE FROM moved WHERE from_project = ? AND run = ?", to.ID, r.Name); err != nil {
		return err
	}
	return t.noteMoved(from, r.Name, from.ID, 0, id, now)
}

func (t *Tx) noteMoved(old ballast.Project, run string, from, projectID, runID int64, now time.Time) error {
	_, err := t.exec("INSERT INTO moved (entity_id, project, run, from_project, project_id, run_id, moved) VALUES (?,?,?,?,?,?,?)"+
		t.dialect.upsert("entity_id, project, run", "from_project", "project_id", "run_id", "moved"), old.EntityID, old.Name, run, from, projectID, runID, micros(now))
	return err
}

// renamed returns the project that had a name.
func (t *Tx) renamed(entityID int64, name string) (ballast.Project, error) {
	p, err := scanProject(t.row("SELECT "+projectColumns+" FROM moved m JOIN project p ON p.id = m.project_id JOIN entity e ON e.id = p.entity_id"+
		" WHERE p.deleted = 0 AND e.deleted = 0 AND m.entity_id = ? AND m.project = ? AND m.run = ''", entityID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound("project %.140q does not exist", name)
	}
	return p, err
}

// movedRun returns the run that was in a project under a name: it was moved, or
// it is in the project that had this one's name before.
func (t *Tx) movedRun(projectID int64, name string) (ballast.Run, error) {
	r, err := t.oneRun(" JOIN moved m ON m.run_id = r.id WHERE m.from_project = ? AND m.run = ? AND p.deleted = 0", projectID, name)
	if !errors.Is(err, sql.ErrNoRows) {
		return r, err
	}
	return t.oneRun(" JOIN moved m ON m.project_id = r.project_id JOIN project o ON o.name = m.project AND o.entity_id = m.entity_id"+
		" WHERE o.id = ? AND o.deleted = 0 AND m.run = '' AND m.project_id <> o.id AND r.name = ? AND p.deleted = 0", projectID, name)
}

// MovedFrom lists the runs that left a project after a time, each once.
func (t *Tx) MovedFrom(projectID int64, since time.Time) ([]int64, error) {
	rows, err := t.query("SELECT m.run_id FROM moved m JOIN run r ON r.id = m.run_id WHERE m.from_project = ? AND m.moved > ? AND r.project_id <> ?", projectID, micros(since), projectID)
	return collect(rows, err, func(row scannable) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	})
}
