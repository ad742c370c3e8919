package meta

import (
	"database/sql"
	"errors"
	"time"

	"github.com/ballast-ml/ballast"
)

// Upload is an object that was promised to be a run's file.
type Upload struct {
	Object  string // the object's name in the store
	Store   int
	RunID   int64
	Name    string // the file's
	Created time.Time
}

// FileQuery says which files of a run to list: those that Names names, or
// whose name fits Like (% and _ as in SQL, with case; a backslash makes the
// next character plain), by name, those after After. Limit 0 is no limit.
type FileQuery struct {
	Names []string
	Like  string
	After string
	Limit int
}

const fileColumns = "f.id, f.run, f.name, f.store, f.object, f.bytes, f.md5, f.mime, f.updated"

func scanFile(row scannable) (ballast.File, error) {
	var (
		f       ballast.File
		name    []byte
		updated int64
	)
	err := row.Scan(&f.ID, &f.RunID, &name, &f.Store, &f.Object, &f.Bytes, &f.MD5, &f.MimeType, &updated)
	f.Name, f.Updated = string(name), fromMicros(updated)
	return f, err
}

// CreateUpload notes that an object will be a run's file, before anybody can
// put it. The object is on the collector's list from here on.
func (t *Tx) CreateUpload(object string, store int, runID int64, name string, now time.Time) error {
	if len(name) > ballast.MaxFile {
		return ballast.Errorf(ballast.Invalid, "file name has %d bytes, at most %d are allowed", len(name), ballast.MaxFile)
	}
	if _, err := t.exec("INSERT INTO object (name, store, bytes, created) VALUES (?,?,0,?)", object, store, micros(now)); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO upload (object, store, run, name, created) VALUES (?,?,?,?,?)", object, store, runID, []byte(name), micros(now))
	return err
}

// Upload returns what an object was promised to be. After FinishUpload it is
// NotFound.
func (t *Tx) Upload(object string) (Upload, error) {
	var (
		u       = Upload{Object: object}
		name    []byte
		created int64
	)
	err := t.row("SELECT store, run, name, created FROM upload WHERE object = ?"+t.forUpdate(), object).Scan(&u.Store, &u.RunID, &name, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("no upload of object %.200q is expected", object)
	}
	u.Name, u.Created = string(name), fromMicros(created)
	return u, err
}

// Uploads lists what was promised to a run and has not arrived, of the given
// file names (all when empty), the oldest first.
func (t *Tx) Uploads(runID int64, names ...string) ([]Upload, error) {
	stmt, args := "SELECT object, store, run, name, created FROM upload WHERE run = ?", []any{runID}
	if len(names) > 0 {
		stmt += " AND name IN (" + placeholders(len(names)) + ")"
		for _, n := range names {
			args = append(args, []byte(n))
		}
	}
	rows, err := t.query(stmt+" ORDER BY created, object", args...)
	return collect(rows, err, func(row scannable) (u Upload, err error) {
		var (
			name    []byte
			created int64
		)
		err = row.Scan(&u.Object, &u.Store, &u.RunID, &name, &created)
		u.Name, u.Created = string(name), fromMicros(created)
		return u, err
	})
}

// FinishUpload makes an uploaded object the run's file of the promised name.
// It returns the file whose place it took, the zero File when there was none;
// that one's object is the collector's now. Finishing twice changes nothing.
func (t *Tx) FinishUpload(object string, size int64, md5 []byte, mime string, now time.Time) (old ballast.File, err error) {
	if md5 == nil {
		md5 = []byte{}
	}
	mime = cut(mime, 128)
	u, err := t.Upload(object)
	if ballast.Is(err, ballast.NotFound) {
		if _, known := t.FileByObject(object); known == nil {
			return old, nil
		}
		return old, err
	}
	if err != nil {
		return old, err
	}
	rows, err := t.query("SELECT "+fileColumns+" FROM file f WHERE f.run = ? AND f.name = ?"+t.forUpdate(), u.RunID, []byte(u.Name))
	have, err := collect(rows, err, scanFile)
	if err != nil {
		return old, err
	}
	row0, err := t.nextRow(u.RunID)
	if err != nil {
		return old, err
	}
	if len(have) == 0 {
		_, err = t.insert("INSERT INTO file (run, name, store, object, bytes, md5, mime, updated, row0) VALUES (?,?,?,?,?,?,?,?,?)",
			u.RunID, []byte(u.Name), u.Store, object, size, md5, mime, micros(now), row0)
		if t.dialect.duplicateOf(err) {
			return old, errStale // another replica's upload of the same name was first
		}
	} else {
		old = have[0]
		_, err = t.exec("UPDATE file SET store = ?, object = ?, bytes = ?, md5 = ?, mime = ?, updated = ?, row0 = ? WHERE id = ?",
			u.Store, object, size, md5, mime, micros(now), row0, old.ID)
		if err == nil {
			err = t.letGo(old.Object, now)
		}
	}
	if err != nil {
		return old, err
	}
	if _, err := t.exec("UPDATE object SET bytes = ? WHERE name = ?", size, object); err != nil {
		return old, err
	}
	_, err = t.exec("DELETE FROM upload WHERE object = ?", object)
	return old, err
}

// letGo starts the collector's time of grace for an object that no row names
// any more.
func (t *Tx) letGo(object string, now time.Time) error {
	_, err := t.exec("UPDATE object SET created = ? WHERE name = ?", micros(now), object)
	return err
}

// Files lists files of a run by name (byte by byte).
func (t *Tx) Files(runID int64, q FileQuery) ([]ballast.File, error) {
	stmt, args := "SELECT "+fileColumns+" FROM file f WHERE f.run = ?", []any{runID}
	if len(q.Names) > 0 {
		stmt += " AND f.name IN (" + placeholders(len(q.Names)) + ")"
		for _, n := range q.Names {
			args = append(args, []byte(n))
		}
	}
	if q.Like != "" {
		stmt, args = stmt+" AND "+t.dialect.text("f.name")+likeEscape, append(args, likePattern(q.Like))
	}
	if q.After != "" {
		stmt, args = stmt+" AND f.name > ?", append(args, []byte(q.After))
	}
	stmt += " ORDER BY f.name"
	if q.Limit > 0 {
		stmt, args = stmt+" LIMIT ?", append(args, q.Limit)
	}
	rows, err := t.query(stmt, args...)
	return collect(rows, err, scanFile)
}

// File returns a file by id.
func (t *Tx) File(id int64) (ballast.File, error) {
	f, err := scanFile(t.row("SELECT "+fileColumns+" FROM file f WHERE f.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return f, notFound("file %d does not exist", id)
	}
	return f, err
}

// FileByName returns a run's file.
func (t *Tx) FileByName(runID int64, name string) (ballast.File, error) {
	f, err := scanFile(t.row("SELECT "+fileColumns+" FROM file f WHERE f.run = ? AND f.name = ?", runID, []byte(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return f, notFound("file %.200q does not exist", name)
	}
	return f, err
}

// FileByObject returns the file whose bytes an object is.
func (t *Tx) FileByObject(object string) (ballast.File, error) {
	f, err := scanFile(t.row("SELECT "+fileColumns+" FROM file f WHERE f.object = ?", object))
	if errors.Is(err, sql.ErrNoRows) {
		return f, notFound("object %.200q is no run's file", object)
	}
	return f, err
}

// FileCount returns how many files a run has.
func (t *Tx) FileCount(runID int64) (int64, error) {
	var n int64
	err := t.row("SELECT COUNT(*) FROM file WHERE run = ?", runID).Scan(&n)
	return n, err
}

// DeleteFiles unlinks files; the collector removes their objects. Ids that
// are gone already are fine.
func (t *Tx) DeleteFiles(ids []int64) error {
	at := now()
	for _, id := range ids {
		f, err := t.File(id)
		if ballast.Is(err, ballast.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM file WHERE id = ?", id); err != nil {
			return err
		}
		if err := t.letGo(f.Object, at); err != nil {
			return err
		}
	}
	return nil
}
