package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

const shareQuery = `SELECT s.id, s.project_id, s.run_id, s.view_id, s.creator_id, COALESCE(a.name, ''), s.created, s.expires
	FROM share s LEFT JOIN account a ON a.id = s.creator_id AND a.deleted = 0`

func scanShare(row scannable) (ballast.Share, error) {
	var (
		s                ballast.Share
		created, expires int64
	)
	err := row.Scan(&s.ID, &s.ProjectID, &s.RunID, &s.ViewID, &s.CreatorID, &s.Creator, &created, &expires)
	s.Created, s.Expires = fromMicros(created), fromMicros(expires)
	return s, err
}

// CreateShare adds a public link by the MAC of its token.
func (t *Tx) CreateShare(s ballast.Share, mac [32]byte) (ballast.Share, error) {
	id, err := t.insert("INSERT INTO share (project_id, run_id, view_id, mac, creator_id, created, expires) VALUES (?,?,?,?,?,?,?)",
		s.ProjectID, s.RunID, s.ViewID, mac[:], s.CreatorID, micros(s.Created), micros(s.Expires))
	s.ID = id
	return s, err
}

// ShareByMAC finds a link by one of its token's MACs. Whether it still counts
// is the caller's to judge.
func (t *Tx) ShareByMAC(macs ...[32]byte) (ballast.Share, error) {
	s, err := scanShare(t.row(shareQuery+" WHERE s.mac IN ("+placeholders(len(macs))+")", macArgs(macs)...))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("the link is not known")
	}
	return s, err
}

// Share returns a link by its id.
func (t *Tx) Share(id int64) (ballast.Share, error) {
	s, err := scanShare(t.row(shareQuery+" WHERE s.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("link %d does not exist", id)
	}
	return s, err
}

// Shares lists the links to a project and its runs that count at a time, the
// newest first.
func (t *Tx) Shares(projectID int64, at time.Time) ([]ballast.Share, error) {
	rows, err := t.query(shareQuery+" WHERE s.project_id = ? AND (s.expires = 0 OR s.expires > ?) ORDER BY s.id DESC", projectID, micros(at))
	return collect(rows, err, scanShare)
}

// DeleteShare ends a link. One that is gone already is fine.
func (t *Tx) DeleteShare(id int64) error {
	_, err := t.exec("DELETE FROM share WHERE id = ?", id)
	return err
}

func macArgs(macs [][32]byte) []any {
	args := make([]any, len(macs))
	for i := range macs {
		args[i] = macs[i][:]
	}
	return args
}
