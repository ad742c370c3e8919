package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
)

// RunManifestName is the name of a run's manifest, which says to whoever has only
// the bucket which objects hold its rows. Unlike other objects it is put again
// under the same name. No row names it: it is made from the rows at any time.
func RunManifestName(run int64) string {
	return fmt.Sprintf("%s%d/%s", HistoryPrefix, run, runManifestBase)
}

const runManifestBase = "manifest.json"

// IsRunManifest reports whether a name is that of a run's manifest.
func IsRunManifest(name string) bool {
	return strings.HasPrefix(name, HistoryPrefix) && strings.HasSuffix(name, "/"+runManifestBase)
}

// RunManifest is what a run's manifest is made from, as it is at one moment.
type RunManifest struct {
	Mark     int64  // 0: the manifest in the bucket is as new as the rows
	Path     string // entity/project/run, "" when the run is gone
	Segments []Segment
	Erased   []Erasure
}

// runManifestDue notes that the manifest of a run has to be written anew.
func (t *Tx) runManifestDue(run int64) error {
	_, err := t.exec("INSERT INTO run_manifest_due (run, mark) VALUES (?,?)"+t.dialect.upsert("run", "mark"), run, rand.Int64N(1<<62)+1)
	return err
}

// RunManifestsDue returns runs whose manifest is older than their rows, at most
// limit.
func (t *Tx) RunManifestsDue(limit int) ([]int64, error) {
	return t.ids("SELECT run FROM run_manifest_due ORDER BY run LIMIT ?", limit)
}

// RunManifest returns what a run's manifest has to say; only the zero Mark when it
// says so already.
func (t *Tx) RunManifest(run int64) (m RunManifest, err error) {
	err = t.row("SELECT mark FROM run_manifest_due WHERE run=?", run).Scan(&m.Mark)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	for _, stream := range []ballast.Stream{ballast.History, ballast.Events} {
		list, err := t.SegmentList(run, stream)
		if err != nil {
			return m, err
		}
		m.Segments = append(m.Segments, list...)
	}
	erased, err := t.Erasures([]int64{run})
	if err != nil {
		return m, err
	}
	m.Erased = erased[run]
	places, err := t.RunPlaces(run-1, 1)
	if len(places) == 1 && places[0].ID == run {
		m.Path = places[0].Path
	}
	return m, err
}

// RunManifestWritten notes that a manifest of a mark was put. It reports false
// when the rows changed since it was read, or another put it too: which of both
// is in the bucket is not known then, and it is due again.
func (t *Tx) RunManifestWritten(run, mark int64) (bool, error) {
	res, err := t.exec("DELETE FROM run_manifest_due WHERE run=? AND mark=?", run, mark)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return n == 1, err
	}
	return false, t.runManifestDue(run)
}

// RenewRunManifests has the manifests of all runs written anew, since a bucket
// that was restored has none. A schema that has no list of them yet gets it
// with its migration.
func (t *Tx) RenewRunManifests() error {
	tables, err := t.tables()
	if err != nil || !slices.Contains(tables, "run_manifest_due") {
		return err
	}
	_, err = t.exec("INSERT INTO run_manifest_due (run, mark) SELECT DISTINCT run, 1 FROM segment WHERE run NOT IN (SELECT run FROM run_manifest_due)")
	return err
}

// RenewRunManifestsOf does the same in the SQLite file of a store of any schema.
func RenewRunManifestsOf(ctx context.Context, path string) error {
	db, err := connect(ctx, Options{SQLite: path})
	if err != nil {
		return err
	}
	err = db.Write(ctx, "having manifests written", (*Tx).RenewRunManifests)
	return errors.Join(err, db.Close())
}
