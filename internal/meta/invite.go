package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

const inviteQuery = `SELECT i.id, i.entity_id, i.role, i.creator_id, COALESCE(a.name, ''), i.created, i.expires
	FROM invite i LEFT JOIN account a ON a.id = i.creator_id AND a.deleted = 0`

func scanInvite(row scannable) (ballast.Invite, error) {
	var (
		i                ballast.Invite
		created, expires int64
	)
	err := row.Scan(&i.ID, &i.EntityID, &i.Role, &i.CreatorID, &i.Creator, &created, &expires)
	i.Created, i.Expires = fromMicros(created), fromMicros(expires)
	return i, err
}

// CreateInvite adds an invitation by the MAC of its token.
func (t *Tx) CreateInvite(i ballast.Invite, mac [32]byte) (ballast.Invite, error) {
	if !i.Role.Valid() {
		return i, ballast.Errorf(ballast.Invalid, "role %.20q is none of viewer, member, admin", string(i.Role))
	}
	id, err := t.insert("INSERT INTO invite (entity_id, mac, role, creator_id, created, expires) VALUES (?,?,?,?,?,?)",
		i.EntityID, mac[:], string(i.Role), i.CreatorID, micros(i.Created), micros(i.Expires))
	i.ID = id
	return i, err
}

// InviteByMAC finds an invitation by one of its token's MACs. Whether it still
// counts is the caller's to judge.
func (t *Tx) InviteByMAC(macs ...[32]byte) (ballast.Invite, error) {
	i, err := scanInvite(t.row(inviteQuery+" WHERE i.mac IN ("+placeholders(len(macs))+")", macArgs(macs)...))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("the invitation is not known")
	}
	return i, err
}

// Invite returns an invitation by its id.
func (t *Tx) Invite(id int64) (ballast.Invite, error) {
	i, err := scanInvite(t.row(inviteQuery+" WHERE i.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("invitation %d does not exist", id)
	}
	return i, err
}

// Invites lists a team's invitations that count at a time, the newest first.
func (t *Tx) Invites(entityID int64, at time.Time) ([]ballast.Invite, error) {
	rows, err := t.query(inviteQuery+" WHERE i.entity_id = ? AND i.expires > ? ORDER BY i.id DESC", entityID, micros(at))
	return collect(rows, err, scanInvite)
}

// DeleteInvite ends an invitation; NotFound when it is gone, so that of two
// who use one link only one can.
func (t *Tx) DeleteInvite(id int64) error {
	res, err := t.exec("DELETE FROM invite WHERE id = ?", id)
	return t.mustChange(res, err, "the invitation")
}
