package meta

import (
	"strings"
	"time"
)

// ExportPrefix begins the names of Parquet files that were made of a run's
// history: "exports/<run>/…". They can be made again at any time.
const ExportPrefix = "exports/"

// Export is one file of a run's exported history.
type Export struct {
	Part   int
	Gen    int64 // of the run when it was made
	Rows   int64 // rows below are in it
	Store  int
	Object string
	Bytes  int64
}

// Exports lists the files of a run's last export, in order.
func (t *Tx) Exports(run int64) ([]Export, error) {
	rows, err := t.query("SELECT part, gen, nrow, store, object, bytes FROM history_export WHERE run = ? ORDER BY part", run)
	return collect(rows, err, func(row scannable) (e Export, err error) {
		err = row.Scan(&e.Part, &e.Gen, &e.Rows, &e.Store, &e.Object, &e.Bytes)
		return e, err
	})
}

// SetExports puts the files of a new export in the place of the former ones,
// which stay for the collector's grace: somebody may be reading them.
func (t *Tx) SetExports(run int64, files []Export, now time.Time) error {
	old, err := t.Exports(run)
	if err != nil {
		return err
	}
	for _, e := range old {
		if _, err := t.exec("UPDATE object SET created = ? WHERE name = ?", micros(now), e.Object); err != nil {
			return err
		}
	}
	if _, err := t.exec("DELETE FROM history_export WHERE run = ?", run); err != nil {
		return err
	}
	for _, e := range files {
		_, err := t.exec("INSERT INTO history_export (run, part, gen, nrow, store, object, bytes, used) VALUES (?,?,?,?,?,?,?,?)",
			run, e.Part, e.Gen, e.Rows, e.Store, e.Object, e.Bytes, micros(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// TouchExports notes that a run's export was asked for.
func (t *Tx) TouchExports(run int64, now time.Time) error {
	_, err := t.exec("UPDATE history_export SET used = ? WHERE run = ? AND used < ?", micros(now), run, micros(now))
	return err
}

// DropExports forgets exports that nobody asked for since a time.
func (t *Tx) DropExports(before time.Time) error {
	_, err := t.exec("DELETE FROM history_export WHERE used < ?", micros(before))
	return err
}

// exportNamed reports whether an object is a file of a run's export.
func (t *Tx) exportNamed(name string) (bool, error) {
	if !strings.HasPrefix(name, ExportPrefix) {
		return true, nil
	}
	var n int64
	err := t.row("SELECT COUNT(*) FROM history_export WHERE run = ? AND object = ?", runOfObject(name, ExportPrefix), name).Scan(&n)
	return n > 0, err
}
