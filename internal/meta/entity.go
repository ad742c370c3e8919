package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/ballast-ml/ballast"
)

const entityColumns = "e.id, e.name, e.kind, e.org_id, e.created"

type entityFields struct {
	e       ballast.Entity
	created int64
}

func (f *entityFields) dest() []any {
	return []any{&f.e.ID, &f.e.Name, &f.e.Kind, &f.e.OrgID, &f.created}
}

func (f *entityFields) entity() ballast.Entity {
	f.e.Created = fromMicros(f.created)
	return f.e
}

func scanEntity(row scannable) (ballast.Entity, error) {
	var f entityFields
	err := row.Scan(f.dest()...)
	return f.entity(), err
}

// CreateEntity adds a team or an organization (CreateUser adds the personal
// ones). orgID is a team's organization, 0 for none. A taken name is a
// Conflict.
func (t *Tx) CreateEntity(name string, kind ballast.EntityKind, orgID int64) (ballast.Entity, error) {
	e := ballast.Entity{Name: name, Kind: kind, OrgID: orgID, Created: now()}
	if err := ballast.CheckEntityName(name); err != nil {
		return e, err
	}
	if kind != ballast.Personal { // a service account's name is no entity, but must not look like one
		if err := t.nameIsFree("account", name); err != nil {
			return e, err
		}
	}
	if orgID != 0 {
		if org, err := t.Entity(orgID); err != nil {
			return e, err
		} else if org.Kind != ballast.Organization || kind != ballast.Team {
			return e, ballast.Errorf(ballast.Invalid, "only a team can belong to an organization; %s is of the kind %s, %s of %s", name, kind, org.Name, org.Kind)
		}
	}
	id, err := t.insert("INSERT INTO entity (name, name_key, kind, org_id, created, deleted) VALUES (?,?,?,?,?,0)",
		name, nameKey(name), string(kind), orgID, micros(e.Created))
	if t.dialect.duplicateOf(err) {
		return e, ballast.Errorf(ballast.Conflict, "the name %s is taken", name)
	}
	e.ID = id
	return e, err
}

// Entity returns an entity that is not deleted.
func (t *Tx) Entity(id int64) (ballast.Entity, error) {
	e, err := scanEntity(t.row("SELECT "+entityColumns+" FROM entity e WHERE e.id = ? AND e.deleted = 0", id))
	if errors.Is(err, sql.ErrNoRows) {
		return e, notFound("entity %d does not exist", id)
	}
	return e, err
}

// EntityByName looks a name up, without regard to case.
func (t *Tx) EntityByName(name string) (ballast.Entity, error) {
	e, err := scanEntity(t.row("SELECT "+entityColumns+" FROM entity e WHERE e.name_key = ? AND e.deleted = 0", nameKey(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return e, notFound("entity %.140q does not exist", name)
	}
	return e, err
}

// Entities lists entities of a kind ("" for all) by id, those after an id.
func (t *Tx) Entities(kind ballast.EntityKind, after int64, limit int) ([]ballast.Entity, error) {
	rows, err := t.query("SELECT "+entityColumns+" FROM entity e WHERE e.deleted = 0 AND (? = '' OR e.kind = ?) AND e.id > ? ORDER BY e.id LIMIT ?",
		string(kind), string(kind), after, limit)
	return collect(rows, err, scanEntity)
}

// TeamsOfOrg lists an organization's teams by name.
func (t *Tx) TeamsOfOrg(orgID int64) ([]ballast.Entity, error) {
	rows, err := t.query("SELECT "+entityColumns+" FROM entity e WHERE e.org_id = ? AND e.deleted = 0 ORDER BY e.name_key", orgID)
	return collect(rows, err, scanEntity)
}

// SetOrg moves a team into an organization, 0 for out of it.
func (t *Tx) SetOrg(teamID, orgID int64) error {
	if orgID != 0 {
		if org, err := t.Entity(orgID); err != nil {
			return err
		} else if org.Kind != ballast.Organization {
			return ballast.Errorf(ballast.Invalid, "%s is not an organization", org.Name)
		}
	}
	res, err := t.exec("UPDATE entity SET org_id = ? WHERE id = ? AND kind = ? AND deleted = 0", orgID, teamID, string(ballast.Team))
	return t.mustChange(res, err, fmt.Sprintf("team %d", teamID))
}

// DeleteEntity removes a team with its projects, memberships and service
// accounts, or an organization without teams. A person's own entity goes with
// the person: Conflict.
func (t *Tx) DeleteEntity(id int64) error {
	e, err := t.Entity(id)
	if err != nil {
		return err
	}
	switch e.Kind {
	case ballast.Personal:
		return ballast.Errorf(ballast.Conflict, "%s is a person's own: delete the user", e.Name)
	case ballast.Organization:
		if teams, err := t.TeamsOfOrg(id); err != nil {
			return err
		} else if len(teams) > 0 {
			return ballast.Errorf(ballast.Conflict, "organization %s still has %d teams: delete or move them first", e.Name, len(teams))
		}
	}
	rows, err := t.query("SELECT a.id FROM account a WHERE a.service_team_id = ? AND a.deleted = 0", id)
	services, err := collect(rows, err, func(row scannable) (v int64, err error) { return v, row.Scan(&v) })
	if err != nil {
		return err
	}
	for _, s := range services {
		if err := t.DeleteUser(s); err != nil {
			return err
		}
	}
	return t.removeEntity(id, micros(now()))
}

// removeEntity frees the name and takes members and projects with it.
func (t *Tx) removeEntity(id, at int64) error {
	for _, s := range []struct {
		stmt string
		args []any
	}{
		{"UPDATE entity SET deleted = ?, name_key = ? WHERE id = ?", []any{at, gone + strconv.FormatInt(id, 10), id}},
		{"DELETE FROM member WHERE entity_id = ?", []any{id}},
		{"UPDATE project SET deleted = ? WHERE entity_id = ? AND deleted = 0", []any{at, id}},
	} {
		if _, err := t.exec(s.stmt, s.args...); err != nil {
			return err
		}
	}
	return nil
}
