package meta

import (
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast"
)

// Named is an object that a row names, and what the row says of it.
type Named struct {
	Kind   string // segment, console, file, content, manifest, aside, export
	Run    int64  // 0: it belongs to no run
	File   string // of a run's file: its name
	Store  int
	Object string
	Bytes  int64  // -1: the row does not say
	MD5    []byte // 16 bytes, nil when the row does not say
}

// EachNamed calls yield for every object that a row names; one that several
// rows name comes several times. yield must not use t. Promised uploads that
// never came are not among them.
func (t *Tx) EachNamed(yield func(Named) error) error {
	for _, q := range []struct{ kind, text string }{
		{"segment", "SELECT run, '', store, object, bytes, '' FROM segment"},
		{"console", "SELECT DISTINCT run, '', store, object, -1, '' FROM console_block"},
		{"file", "SELECT run, name, store, object, bytes, md5 FROM file"},
		{"content", "SELECT 0, '', store, object, bytes, digest FROM content WHERE bytes>=0"},
		{"manifest", "SELECT 0, '', store, object, -1, digest FROM artifact_manifest WHERE object<>'' AND LENGTH(digest)=16"},
		{"aside", "SELECT run, '', store, object, -1, '' FROM aside WHERE object<>''"},
		{"export", "SELECT run, '', store, object, bytes, '' FROM history_export"},
	} {
		err := t.each(q.text, nil, func(s scannable) error {
			n := Named{Kind: q.kind}
			var file, sum []byte
			if err := s.Scan(&n.Run, &file, &n.Store, &n.Object, &n.Bytes, &sum); err != nil {
				return err
			}
			if n.File = string(file); len(sum) == 16 {
				n.MD5 = sum
			}
			return yield(n)
		})
		if err != nil {
			return fmt.Errorf("listing the objects of the sort %s: %w", q.kind, err)
		}
	}
	return nil
}

// RunPlace says where a run is; deleted runs and those in deleted projects are
// found too.
type RunPlace struct {
	ID      int64
	Path    string // entity/project/run
	Deleted bool
}

// RunPlaces lists all runs by id, those after an id.
func (t *Tx) RunPlaces(after int64, limit int) ([]RunPlace, error) {
	rows, err := t.query(`SELECT r.id, e.name, p.name, r.name, r.deleted + p.deleted FROM run r JOIN project p ON p.id = r.project_id JOIN entity e ON e.id = p.entity_id
		WHERE r.id > ? ORDER BY r.id LIMIT ?`, after, limit)
	return collect(rows, err, func(row scannable) (p RunPlace, err error) {
		var entity, project, name string
		var deleted int64
		err = row.Scan(&p.ID, &entity, &project, &name, &deleted)
		p.Path, p.Deleted = entity+"/"+project+"/"+name, deleted != 0
		return p, err
	})
}

// StillNamed reports whether a segment's row, a file's, and so on, names an
// object of the store now.
func (t *Tx) StillNamed(n Named) (bool, error) {
	table := map[string]string{"segment": "segment", "console": "console_block", "file": "file", "content": "content",
		"manifest": "artifact_manifest", "aside": "aside", "export": "history_export"}[n.Kind]
	if table == "" {
		return false, ballast.Errorf(ballast.Invalid, "no rows of the sort %q name objects", n.Kind)
	}
	var count int64
	err := t.row("SELECT COUNT(*) FROM "+table+" WHERE object=?", n.Object).Scan(&count)
	return count > 0, err
}

// ListedObjects returns which of the names are on the collector's list.
func (t *Tx) ListedObjects(names []string) (map[string]bool, error) {
	listed := make(map[string]bool, len(names))
	if len(names) == 0 {
		return listed, nil
	}
	args := make([]any, len(names))
	for i, n := range names {
		args[i] = n
	}
	err := t.each("SELECT name FROM object WHERE name IN ("+placeholders(len(names))+")", args, func(s scannable) error {
		var name string
		err := s.Scan(&name)
		listed[name] = true
		return err
	})
	return listed, err
}

// Collectable reports whether the collector would take an object of this name
// when no row names it: only those may be put on its list.
func Collectable(name string) bool {
	for _, p := range []string{HistoryPrefix, ConsolePrefix, FilePrefix, ExportPrefix} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// GivenUp lists objects that the collector marked although a row names them,
// which must never be.
func (t *Tx) GivenUp() ([]string, error) {
	rows, err := t.query("SELECT name FROM object WHERE bytes<0 ORDER BY name")
	marked, err := collect(rows, err, func(row scannable) (name string, err error) {
		err = row.Scan(&name)
		return name, err
	})
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range marked {
		named, err := t.objectNamed(name)
		if err != nil {
			return nil, err
		}
		if named {
			wrong = append(wrong, name)
		}
	}
	return wrong, nil
}

// KeepObject takes the collector's mark off an object.
func (t *Tx) KeepObject(name string) error {
	_, err := t.exec("UPDATE object SET bytes=0 WHERE name=? AND bytes<0", name)
	return err
}

// SetSegmentDir stores a segment's directory beside its row again.
func (t *Tx) SetSegmentDir(g Segment, dir []byte) error {
	_, err := t.exec("UPDATE segment SET dir=? WHERE run=? AND kind=? AND row0=? AND object=?", dir, g.Run, int(g.Stream), g.Row0, g.Object)
	return err
}

// SetChunk gives a tail chunk other data of the same length, unless it has
// changed from what it was: then nothing is done and false returned.
func (t *Tx) SetChunk(run int64, stream ballast.Stream, was Chunk, data []byte) (bool, error) {
	r, err := t.exec("UPDATE tail SET data=? WHERE run=? AND kind=? AND row0=? AND data=?", data, run, int(stream), was.Row0, was.Data)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// RecountTail makes the counters of a run's tail those of its chunks and
// reports whether they were others.
func (t *Tx) RecountTail(run int64) (bool, error) {
	h, err := t.lockRun(run)
	if err != nil {
		return false, err
	}
	bytes, chunks := h.tailBytes, h.tailChunks
	if err := t.recountTail(h); err != nil {
		return false, err
	}
	if h.tailBytes == bytes && h.tailChunks == chunks {
		return false, nil
	}
	return true, t.saveHist(h)
}

// HasGaps reports whether lines of a stream are known to be missing.
func (t *Tx) HasGaps(run int64, stream ballast.Stream) (bool, error) {
	var n int64
	err := t.row("SELECT COUNT(*) FROM gap WHERE run=? AND kind=?", run, int(stream)).Scan(&n)
	return n > 0, err
}
