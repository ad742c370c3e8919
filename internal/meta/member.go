package meta

import (
	"database/sql"
	"errors"

	"github.com/ballast-ml/ballast"
)

const memberQuery = "SELECT " + entityColumns + ", " + userColumns + `, m.role, m.created FROM member m
	JOIN entity e ON e.id = m.entity_id JOIN account a ON a.id = m.account_id
	WHERE e.deleted = 0 AND a.deleted = 0`

func scanMembership(row scannable) (ballast.Membership, error) {
	var (
		e       entityFields
		u       userFields
		m       ballast.Membership
		created int64
	)
	err := row.Scan(append(append(e.dest(), u.dest()...), &m.Role, &created)...)
	m.Entity, m.User, m.Created = e.entity(), u.user(), fromMicros(created)
	return m, err
}

// SetMember adds a user to a team or an organization, or changes the role.
func (t *Tx) SetMember(entityID, userID int64, role ballast.Role) error {
	if !role.Valid() {
		return ballast.Errorf(ballast.Invalid, "role %.20q is none of viewer, member, admin", string(role))
	}
	e, err := t.Entity(entityID)
	if err != nil {
		return err
	}
	u, err := t.User(userID)
	if err != nil {
		return err
	}
	switch {
	case e.Kind == ballast.Personal:
		return ballast.Errorf(ballast.Invalid, "%s is a person's own and has no members", e.Name)
	case u.Service && u.ServiceTeamID != entityID:
		return ballast.Errorf(ballast.Invalid, "service account %s belongs to another team", u.Name)
	}
	_, err = t.exec("INSERT INTO member (entity_id, account_id, role, created) VALUES (?,?,?,?)"+t.dialect.upsert("entity_id, account_id", "role"),
		entityID, userID, string(role), micros(now()))
	return err
}

// RemoveMember takes a user out of a team or an organization. A service
// account cannot leave its team: delete it.
func (t *Tx) RemoveMember(entityID, userID int64) error {
	u, err := t.User(userID)
	if err != nil {
		return err
	}
	if u.Service {
		return ballast.Errorf(ballast.Conflict, "service account %s cannot leave its team: delete it", u.Name)
	}
	res, err := t.exec("DELETE FROM member WHERE entity_id = ? AND account_id = ?", entityID, userID)
	return t.mustChange(res, err, "the membership of "+u.Name)
}

// Members lists who is in a team or an organization, by name, service
// accounts included.
func (t *Tx) Members(entityID int64) ([]ballast.Membership, error) {
	rows, err := t.query(memberQuery+" AND m.entity_id = ? ORDER BY a.name_key", entityID)
	return collect(rows, err, scanMembership)
}

// Memberships lists the teams and organizations that a user is in, by name.
func (t *Tx) Memberships(userID int64) ([]ballast.Membership, error) {
	rows, err := t.query(memberQuery+" AND m.account_id = ? ORDER BY e.name_key", userID)
	return collect(rows, err, scanMembership)
}

// TeamsOf is Memberships without organizations.
func (t *Tx) TeamsOf(userID int64) ([]ballast.Membership, error) {
	rows, err := t.query(memberQuery+" AND m.account_id = ? AND e.kind = ? ORDER BY e.name_key", userID, string(ballast.Team))
	return collect(rows, err, scanMembership)
}

// RoleIn returns the role that a user has as a member of a team or an
// organization, NoRole when they are none. What else gives a role (the own
// entity, the team's organization) is told by auth.
func (t *Tx) RoleIn(entityID, userID int64) (ballast.Role, error) {
	var role ballast.Role
	err := t.row("SELECT m.role FROM member m JOIN entity e ON e.id = m.entity_id WHERE m.entity_id = ? AND m.account_id = ? AND e.deleted = 0",
		entityID, userID).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return ballast.NoRole, nil
	}
	return role, err
}
