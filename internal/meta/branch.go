package meta

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// Moment is a place in a run's history: behind its first Rows rows, the last
// of which has a step of at most Step (docs/design/060).
type Moment struct {
	Rows int64
	Step int64
}

// mediaName is the name that the SDK gives the file of a logged value:
// media/<kind>/<key>_<step>_<digest or number>.<type>.
var mediaName = regexp.MustCompile(`^media/.*_(\d+)_[0-9a-f]+\.[^/]+$`)

// has reports whether a file was there already, as far as can be known: media
// by the step in their name, other files when they were stored before the
// first later row. rows is the number of the row that came next then.
func (m Moment) has(name string, rows int64) bool {
	if found := mediaName.FindStringSubmatch(name); found != nil {
		step, err := strconv.ParseInt(found[1], 10, 64)
		return err == nil && step <= m.Step
	}
	return rows <= m.Rows
}

// ofProcess are the files by which the SDK describes a process: a fork has its
// own.
var ofProcess = []string{"output.log", "config.yaml", "requirements.txt", "conda-environment.yaml", "diff.patch",
	"wandb-metadata.json", "wandb-summary.json", "wandb-history.jsonl", "wandb-events.jsonl"}

func describesProcess(name string) bool {
	return slices.Contains(ofProcess, name) || strings.HasPrefix(name, "logs/") ||
		strings.HasPrefix(name, "upstream_diff_") && strings.HasSuffix(name, ".patch")
}

// filesAt splits the files of a run, without those that describe its process,
// into those of a moment and later ones.
func (t *Tx) filesAt(run int64, m Moment) (then, later []int64, err error) {
	err = t.each("SELECT id, name, row0 FROM file WHERE run=? ORDER BY id", []any{run}, func(s scannable) error {
		var id, rows int64
		var name []byte
		if err := s.Scan(&id, &name, &rows); err != nil {
			return err
		}
		switch {
		case describesProcess(string(name)):
		case m.has(string(name), rows):
			then = append(then, id)
		default:
			later = append(later, id)
		}
		return nil
	})
	return then, later, err
}

// ForkBelongings gives a new run the files that its parent had at a moment (the
// same objects) and the artifacts it had logged and used. A version goes on
// naming the run that made it.
func (t *Tx) ForkBelongings(parent, child int64, m Moment, now time.Time) error {
	then, _, err := t.filesAt(parent, m)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(then, 500) {
		_, err := t.exec("INSERT INTO file (run, name, store, object, bytes, md5, mime, updated, row0) SELECT ?, name, store, object, bytes, md5, mime, updated, row0 FROM file WHERE id IN ("+
			placeholders(len(part))+")", append([]any{child}, anys(part)...)...)
		if err != nil {
			return err
		}
	}
	if _, err := t.exec("INSERT INTO artifact_use (run_id, artifact_id, output, used_as, created, row0) SELECT ?, artifact_id, output, used_as, created, row0 FROM artifact_use WHERE run_id=? AND row0<=?",
		child, parent, m.Rows); err != nil {
		return err
	}
	return t.noteBranch(child, parent, m, now)
}

// RewindBelongings takes files that a run got after a moment out of view, kept
// aside for the undelete window, and the artifacts that it logged or used since;
// versions stay where they are. RewindRows follows.
func (t *Tx) RewindBelongings(run int64, m Moment, now time.Time) error {
	_, later, err := t.filesAt(run, m)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(later, 500) {
		in := " WHERE id IN (" + placeholders(len(part)) + ")"
		if _, err := t.exec("INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) SELECT run, 3, 0, row0, bytes, store, object, name, ? FROM file"+in,
			append([]any{micros(now)}, anys(part)...)...); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM file"+in, anys(part)...); err != nil {
			return err
		}
	}
	if _, err := t.exec("DELETE FROM artifact_use WHERE run_id=? AND row0>?", run, m.Rows); err != nil {
		return err
	}
	return t.noteBranch(run, run, m, now)
}

// startAgain makes what a run had at rows that are gone now part of the rows
// that are left: its files stay.
func (t *Tx) startAgain(run, rows int64) error {
	if _, err := t.exec("UPDATE file SET row0=? WHERE run=? AND row0>?", rows, run, rows); err != nil {
		return err
	}
	_, err := t.exec("UPDATE artifact_use SET row0=? WHERE run_id=? AND row0>?", rows, run, rows)
	return err
}

// nextRow is the number of the next row of a run's history, 0 for a run
// without one.
func (t *Tx) nextRow(run int64) (rows int64, err error) {
	err = t.row("SELECT COALESCE(MAX(nrow), 0) FROM hist WHERE run=?", run).Scan(&rows)
	return rows, err
}

func (t *Tx) noteBranch(run, source int64, m Moment, now time.Time) error {
	_, err := t.exec("INSERT INTO branch (run, source, step, nrow, created) VALUES (?,?,?,?,?)", run, source, m.Step, m.Rows, micros(now))
	return err
}

// Branches lists the fork and the rewinds of runs, by run, each in the order
// in which they were made.
func (t *Tx) Branches(runs ...int64) (map[int64][]ballast.Branch, error) {
	found := map[int64][]ballast.Branch{}
	for part := range slices.Chunk(runs, 500) {
		err := t.each("SELECT b.id, b.run, b.source, b.step, b.nrow, b.created, COALESCE(s.name, ''), COALESCE(s.display, ''), COALESCE(s.deleted, 1) FROM branch b JOIN run r ON r.id = b.run LEFT JOIN run s ON s.id = b.source AND s.project_id = r.project_id WHERE b.run IN ("+
			placeholders(len(part))+") ORDER BY b.id", anys(part), func(s scannable) error {
			var b ballast.Branch
			var created, deleted int64
			err := s.Scan(&b.ID, &b.RunID, &b.Source, &b.Step, &b.Rows, &created, &b.Name, &b.Display, &deleted)
			b.Created, b.Gone = fromMicros(created), deleted != 0
			found[b.RunID] = append(found[b.RunID], b)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
