package meta

import (
	"strconv"
	"strings"
	"time"
)

// Object is an entry of the collector's list.
type Object struct {
	Name  string
	Store int
}

// Prefixes of object names, which say which rows may name an object.
const (
	HistoryPrefix = "history/" // segments
	ConsolePrefix = "console/" // console blocks
	FilePrefix    = "runs/"    // "runs/<run>/<random>": files of runs
	// ArtifactPrefix begins contents and manifests of artifacts. They are on the
	// list only once their rows were purged.
	ArtifactPrefix = "artifacts/"
)

// Garbage marks objects that no row names and whose grace began before a time,
// and returns them to be deleted from their store; ForgetObjects follows.
// Names after after are looked at, at most limit; last is where to go on, ""
// at the end.
func (t *Tx) Garbage(before time.Time, after string, limit int) (garbage []Object, last string, err error) {
	var old []Object
	err = t.each("SELECT name, store FROM object WHERE name>? AND created<? ORDER BY name LIMIT ?", []any{after, micros(before), limit}, func(s scannable) error {
		var o Object
		err := s.Scan(&o.Name, &o.Store)
		old = append(old, o)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	for _, o := range old {
		named, err := t.objectNamed(o.Name)
		if err != nil {
			return nil, "", err
		}
		if named {
			continue
		}
		// From here on no swap makes it visible.
		if _, err := t.exec("UPDATE object SET bytes=-1 WHERE name=?", o.Name); err != nil {
			return nil, "", err
		}
		garbage = append(garbage, o)
	}
	if len(old) == limit {
		last = old[limit-1].Name
	}
	return garbage, last, nil
}

// objectNamed reports whether a row names the object. An object of a kind we
// do not know counts as named.
func (t *Tx) objectNamed(name string) (bool, error) {
	var query string
	args := []any{name}
	switch {
	case IsRunManifest(name): // Ingest removes it with the run
		return true, nil
	case strings.HasPrefix(name, HistoryPrefix):
		query = "SELECT (SELECT COUNT(*) FROM segment WHERE object=?) + (SELECT COUNT(*) FROM aside WHERE object=?)"
		args = []any{name, name}
	case strings.HasPrefix(name, ConsolePrefix):
		run := runOfObject(name, ConsolePrefix)
		query = "SELECT (SELECT COUNT(*) FROM console_block WHERE run=? AND object=?) + (SELECT COUNT(*) FROM aside WHERE object=?)"
		args = []any{run, name, name}
	case strings.HasPrefix(name, FilePrefix):
		query = "SELECT (SELECT COUNT(*) FROM file WHERE object=?) + (SELECT COUNT(*) FROM upload WHERE object=?) + (SELECT COUNT(*) FROM aside WHERE object=?)"
		args = []any{name, name, name}
	case strings.HasPrefix(name, ArtifactPrefix):
		return t.artifactNamed(name)
	default:
		return t.exportNamed(name)
	}
	var n int64
	err := t.row(query, args...).Scan(&n)
	return n > 0, err
}

// runOfObject is the run in an object's name, -1 when there is none. A fork's
// rows name objects of its parent, so segments, files and what is aside are
// looked up by object only.
func runOfObject(name, prefix string) int64 {
	id, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "/")
	run, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return -1
	}
	return run
}

// ForgetObjects takes deleted objects off the collector's list.
func (t *Tx) ForgetObjects(names []string) error {
	for _, name := range names {
		if _, err := t.exec("DELETE FROM object WHERE name=? AND bytes<0", name); err != nil {
			return err
		}
	}
	return nil
}

// DropAside forgets rows that were set aside before a time.
func (t *Tx) DropAside(before time.Time) error {
	_, err := t.exec("DELETE FROM aside WHERE created<?", micros(before))
	return err
}
