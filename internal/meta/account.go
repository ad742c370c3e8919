package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
)

const userColumns = `a.id, a.name, a.entity_id, a.email, a.email_proven, a.full_name, a.admin, a.disabled, a.service,
	a.service_team_id, CASE WHEN a.password = '' THEN 0 ELSE 1 END, a.created, a.last_seen`

type scannable interface{ Scan(dest ...any) error }

// userFields is a user's columns, in the order of userColumns, to scan into.
type userFields struct {
	u             ballast.User
	created, seen int64
}

func (f *userFields) dest() []any {
	u := &f.u
	return []any{&u.ID, &u.Name, &u.EntityID, &u.Email, &u.EmailProven, &u.FullName, &u.Admin, &u.Disabled, &u.Service,
		&u.ServiceTeamID, &u.HasPassword, &f.created, &f.seen}
}

func (f *userFields) user() ballast.User {
	f.u.Created, f.u.LastSeen = fromMicros(f.created), fromMicros(f.seen)
	return f.u
}

func scanUser(row scannable) (ballast.User, error) {
	var f userFields
	err := row.Scan(f.dest()...)
	return f.user(), err
}

// CreateUser adds a person, with a personal entity of the same name, or a
// service account, as a member of its team. passwordHash is a PHC text, ""
// when there is no password. A taken name or address is a Conflict.
func (t *Tx) CreateUser(u ballast.User, passwordHash string) (ballast.User, error) {
	if err := checkUser(u); err != nil {
		return u, err
	}
	if u.Created.IsZero() {
		u.Created = now()
	}
	if u.Service {
		if team, err := t.Entity(u.ServiceTeamID); err != nil {
			return u, err
		} else if team.Kind != ballast.Team {
			return u, ballast.Errorf(ballast.Invalid, "a service account belongs to a team, %s is none", team.Name)
		}
		u.EntityID = 0
	} else {
		if err := t.nameIsFree("account", u.Name); err != nil {
			return u, err
		}
		e, err := t.CreateEntity(u.Name, ballast.Personal, 0)
		if err != nil {
			return u, err
		}
		u.EntityID = e.ID
	}
	u.EmailProven = u.EmailProven && u.Email != ""
	id, err := t.insert(`INSERT INTO account (name, name_key, entity_id, email, email_key, email_proven, full_name, admin, disabled,
		service, service_team_id, password, created, last_seen, deleted) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,0,0)`,
		u.Name, nameKey(u.Name), u.EntityID, u.Email, emailKey(u), u.EmailProven, u.FullName, u.Admin, u.Disabled,
		u.Service, u.ServiceTeamID, passwordHash, micros(u.Created))
	if t.dialect.duplicateOf(err) {
		return u, ballast.Errorf(ballast.Conflict, "the name %s or the e-mail address %s is taken", u.Name, u.Email)
	}
	if err != nil {
		return u, err
	}
	u.ID, u.HasPassword = id, passwordHash != ""
	if u.Service {
		err = t.SetMember(u.ServiceTeamID, u.ID, ballast.Member)
	}
	return u, err
}

func checkUser(u ballast.User) error {
	err := errors.Join(ballast.CheckEntityName(u.Name), ballast.CheckEmail(u.Email), checkLength("full name", u.FullName, 256))
	if err == nil && u.Service && (u.Admin || u.ServiceTeamID == 0) {
		err = ballast.Errorf(ballast.Invalid, "a service account belongs to a team and cannot be an instance admin")
	}
	var e *ballast.Error
	if errors.As(err, &e) {
		return e
	}
	return err
}

// emailKey is what makes an address unique; who has none gets the name's,
// behind a character that no address begins with.
func emailKey(u ballast.User) string {
	if u.Service || u.Email == "" {
		return gone + nameKey(u.Name)
	}
	return nameKey(u.Email)
}

// nameIsFree refuses a name that a live row of the table has.
func (t *Tx) nameIsFree(table, name string) error {
	var id int64
	err := t.row("SELECT id FROM "+table+" WHERE name_key = ?", nameKey(name)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return ballast.Errorf(ballast.Conflict, "the name %s is taken", name)
}

// User returns a user who is not deleted.
func (t *Tx) User(id int64) (ballast.User, error) {
	u, err := scanUser(t.row("SELECT "+userColumns+" FROM account a WHERE a.id = ? AND a.deleted = 0", id))
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("user %d does not exist", id)
	}
	return u, err
}

// UserByName looks a login name up, without regard to case.
func (t *Tx) UserByName(name string) (ballast.User, error) {
	u, err := scanUser(t.row("SELECT "+userColumns+" FROM account a WHERE a.name_key = ? AND a.deleted = 0", nameKey(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("user %.140q does not exist", name)
	}
	return u, err
}

// UserByEmail looks an e-mail address up, without regard to case.
func (t *Tx) UserByEmail(email string) (ballast.User, error) {
	u, err := scanUser(t.row("SELECT "+userColumns+" FROM account a WHERE a.email_key = ? AND a.email <> '' AND a.deleted = 0", nameKey(email)))
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("no user has the e-mail address %.140q", email)
	}
	return u, err
}

// Users lists users and service accounts by id, those after an id, whose
// name, address or full name contains query.
func (t *Tx) Users(query string, after int64, limit int) ([]ballast.User, error) {
	stmt, args := "SELECT "+userColumns+" FROM account a WHERE a.deleted = 0 AND a.id > ?", []any{after}
	if query != "" {
		stmt += " AND (a.name_key" + likeEscape + " OR a.email_key" + likeEscape + " OR LOWER(a.full_name)" + likeEscape + ")"
		p := contains(nameKey(query))
		args = append(args, p, p, p)
	}
	rows, err := t.query(stmt+" ORDER BY a.id LIMIT ?", append(args, limit)...)
	return collect(rows, err, scanUser)
}

// collect reads all rows with one scan function and closes them.
func collect[T any](rows *sql.Rows, err error, scan func(scannable) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// PasswordHash returns a user's password in PHC form, "" when there is none.
func (t *Tx) PasswordHash(userID int64) (string, error) {
	var hash string
	err := t.row("SELECT password FROM account WHERE id = ? AND deleted = 0", userID).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notFound("user %d does not exist", userID)
	}
	return hash, err
}

// SetPassword stores a password in PHC form; "" takes the password away.
func (t *Tx) SetPassword(userID int64, hash string) error {
	return t.changeUser(userID, "password = ?", hash)
}

// SetUserDisabled locks a user out or lets them in again. The last enabled
// admin cannot be locked out: Conflict.
func (t *Tx) SetUserDisabled(id int64, disabled bool) error {
	if disabled {
		if err := t.notLastAdmin(id, "disabled"); err != nil {
			return err
		}
	}
	return t.changeUser(id, "disabled = ?", disabled)
}

// SetUserAdmin makes a user an admin of the instance or takes that away. The
// last enabled admin stays one: Conflict.
func (t *Tx) SetUserAdmin(id int64, admin bool) error {
	if !admin {
		if err := t.notLastAdmin(id, "demoted"); err != nil {
			return err
		}
	} else if u, err := t.User(id); err != nil {
		return err
	} else if u.Service {
		return ballast.Errorf(ballast.Invalid, "service account %s cannot be an instance admin", u.Name)
	}
	return t.changeUser(id, "admin = ?", admin)
}

// SetUserEmail changes a user's e-mail address, on the word of an admin: it is
// proven. A taken one is a Conflict.
func (t *Tx) SetUserEmail(id int64, email string) error {
	if err := checkLength("e-mail address", email, 320); err != nil {
		return err
	}
	u, err := t.User(id)
	if err != nil {
		return err
	}
	u.Email = email
	_, err = t.exec("UPDATE account SET email = ?, email_key = ?, email_proven = ? WHERE id = ?", email, emailKey(u), email != "", id)
	if t.dialect.duplicateOf(err) {
		return ballast.Errorf(ballast.Conflict, "the e-mail address %s is taken", email)
	}
	return err
}

// ProveEmail notes that a user's e-mail address is theirs.
func (t *Tx) ProveEmail(id int64) error { return t.changeUser(id, "email_proven = 1") }

// SetUserFullName changes the name that is shown for a user.
func (t *Tx) SetUserFullName(id int64, fullName string) error {
	if err := checkLength("full name", fullName, 256); err != nil {
		return err
	}
	return t.changeUser(id, "full_name = ?", fullName)
}

// DeleteUser removes a user with keys, sessions, memberships, identities and
// personal entity; the name is free again. Runs keep the user's name. The last enabled
// admin cannot be removed: Conflict.
func (t *Tx) DeleteUser(id int64) error {
	if err := t.notLastAdmin(id, "deleted"); err != nil {
		return err
	}
	u, err := t.User(id)
	if err != nil {
		return err
	}
	at := micros(now())
	if err := t.changeUser(id, "disabled = 1, admin = 0, password = '', name_key = ?, email_key = ?, deleted = ?", gone+strconv.FormatInt(id, 10), gone+strconv.FormatInt(id, 10), at); err != nil {
		return err
	}
	if err := t.DeleteSessionsOf(id); err != nil {
		return err
	}
	for _, stmt := range []string{"UPDATE api_key SET revoked = ? WHERE account_id = ? AND revoked = 0", "DELETE FROM member WHERE 0 < ? AND account_id = ?",
		"DELETE FROM identity WHERE 0 < ? AND account_id = ?"} {
		if _, err := t.exec(stmt, at, id); err != nil {
			return err
		}
	}
	if u.EntityID != 0 {
		return t.removeEntity(u.EntityID, at)
	}
	return nil
}

// TouchUser notes when a user was last seen.
func (t *Tx) TouchUser(id int64, seen time.Time) error {
	_, err := t.exec("UPDATE account SET last_seen = ? WHERE id = ? AND last_seen < ?", micros(seen), id, micros(seen))
	return err
}

// CountAdmins returns how many enabled admins the instance has.
func (t *Tx) CountAdmins() (int, error) {
	var n int
	err := t.row("SELECT COUNT(*) FROM account WHERE admin = 1 AND disabled = 0 AND deleted = 0").Scan(&n)
	return n, err
}

// CountUsers returns how many people and service accounts there are.
func (t *Tx) CountUsers() (int, error) {
	var n int
	err := t.row("SELECT COUNT(*) FROM account WHERE deleted = 0").Scan(&n)
	return n, err
}

// notLastAdmin refuses to lose the only enabled admin. It locks the admins'
// rows, so that two of them cannot demote each other at once.
func (t *Tx) notLastAdmin(id int64, what string) error {
	rows, err := t.query("SELECT id FROM account WHERE admin = 1 AND disabled = 0 AND deleted = 0" + t.forUpdate())
	admins, err := collect(rows, err, func(row scannable) (v int64, err error) { return v, row.Scan(&v) })
	if err != nil {
		return err
	}
	if len(admins) == 1 && admins[0] == id {
		return ballast.Errorf(ballast.Conflict, "the last enabled admin cannot be %s: make another user an admin first", what)
	}
	return nil
}

func (t *Tx) changeUser(id int64, set string, args ...any) error {
	res, err := t.exec("UPDATE account SET "+set+" WHERE id = ? AND deleted = 0", append(args, id)...)
	return t.mustChange(res, err, fmt.Sprintf("user %d", id))
}

// mustChange makes NotFound of an UPDATE that met no row.
func (t *Tx) mustChange(res sql.Result, err error, what string) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return notFound("%s does not exist", what)
	}
	return err
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
