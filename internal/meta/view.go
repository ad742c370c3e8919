package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast"
)

const (
	viewColumns = "id, project_id, user_id, editor_id, type, name, display_name, description, spec, rev, created, updated"
	maxViewSpec = 16 << 20 // bytes of JSON
	maxViewText = 4000     // characters of a title or description
)

func scanView(row scannable) (ballast.View, error) {
	var (
		v                ballast.View
		spec             []byte
		created, updated int64
	)
	err := row.Scan(&v.ID, &v.ProjectID, &v.UserID, &v.EditorID, &v.Type, &v.Name, &v.DisplayName, &v.Description, &spec, &v.Rev, &created, &updated)
	if err != nil {
		return v, err
	}
	v.Created, v.Updated = fromMicros(created), fromMicros(updated)
	text, err := unpack(spec)
	v.Spec = string(text)
	return v, err
}

// CreateView stores a new view at revision 1. A name that its type has in the
// project is Conflict.
func (t *Tx) CreateView(v ballast.View) (ballast.View, error) {
	if err := checkView(v); err != nil {
		return v, err
	}
	v.Rev, v.EditorID, v.Updated = 1, v.UserID, v.Created
	id, err := t.insert("INSERT INTO view_doc (project_id, user_id, editor_id, type, name, display_name, description, spec, rev, created, updated) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		v.ProjectID, v.UserID, v.EditorID, v.Type, v.Name, v.DisplayName, v.Description, pack([]byte(v.Spec)), v.Rev, micros(v.Created), micros(v.Updated))
	if err != nil && t.dialect.duplicate(err) {
		return v, ballast.Errorf(ballast.Conflict, "a view %s of type %s exists already in this project", v.Name, v.Type)
	}
	v.ID = id
	return v, err
}

// UpdateView stores a view's texts and spec over revision v.Rev and returns
// the view with the next. Conflict when it has another revision by now.
func (t *Tx) UpdateView(v ballast.View) (ballast.View, error) {
	if err := checkView(v); err != nil {
		return v, err
	}
	res, err := t.exec("UPDATE view_doc SET editor_id = ?, display_name = ?, description = ?, spec = ?, rev = rev + 1, updated = ? WHERE id = ? AND rev = ?",
		v.EditorID, v.DisplayName, v.Description, pack([]byte(v.Spec)), micros(v.Updated), v.ID, v.Rev)
	if err != nil {
		return v, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		v.Rev++
		return v, err
	}
	now, err := t.View(v.ID)
	if err != nil {
		return v, err
	}
	return v, ballast.Errorf(ballast.Conflict, "view %.140q was changed meanwhile: it has revision %d, this change was made to %d; save it as a new view, or load it again", now.DisplayName, now.Rev, v.Rev)
}

func checkView(v ballast.View) error {
	if n := len(v.Spec); n > maxViewSpec {
		return ballast.Errorf(ballast.Invalid, "the spec of view %.140q has %d bytes, at most %d are allowed", v.DisplayName, n, maxViewSpec)
	}
	for field, text := range map[string]string{"displayName of a view": v.DisplayName, "description of a view": v.Description} {
		if err := checkLength(field, text, maxViewText); err != nil {
			return err
		}
	}
	if err := checkLength("type of a view", v.Type, 64); err != nil {
		return err
	}
	return checkLength("name of a view", v.Name, 128)
}

// View returns a view.
func (t *Tx) View(id int64) (ballast.View, error) {
	v, err := scanView(t.row("SELECT "+viewColumns+" FROM view_doc WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return v, notFound("view %d does not exist", id)
	}
	return v, err
}

// ViewByName returns the view of a project by type and name.
func (t *Tx) ViewByName(projectID int64, viewType, name string) (ballast.View, error) {
	v, err := scanView(t.row("SELECT "+viewColumns+" FROM view_doc WHERE project_id = ? AND type = ? AND name = ?", projectID, viewType, name))
	if errors.Is(err, sql.ErrNoRows) {
		return v, notFound("view %.140q does not exist", name)
	}
	return v, err
}

// ViewQuery says which views of a project are wanted. What is empty does not
// matter.
type ViewQuery struct {
	Type   string
	Name   string
	UserID int64
	Before int64 // views made before the one with this ID
	Limit  int
}

// Views lists a project's views, the newest first.
func (t *Tx) Views(projectID int64, q ViewQuery) ([]ballast.View, error) {
	where, args := []string{"project_id = ?"}, []any{projectID}
	and := func(condition string, wanted bool, arg any) {
		if wanted {
			where, args = append(where, condition), append(args, arg)
		}
	}
	and("type = ?", q.Type != "", q.Type)
	and("name = ?", q.Name != "", q.Name)
	and("user_id = ?", q.UserID != 0, q.UserID)
	and("id < ?", q.Before != 0, q.Before)
	rows, err := t.query("SELECT "+viewColumns+" FROM view_doc WHERE "+strings.Join(where, " AND ")+" ORDER BY id DESC LIMIT ?", append(args, q.Limit)...)
	return collect(rows, err, scanView)
}

// DeleteView removes a view for good.
func (t *Tx) DeleteView(id int64) error {
	res, err := t.exec("DELETE FROM view_doc WHERE id = ?", id)
	return t.mustChange(res, err, fmt.Sprintf("view %d", id))
}
