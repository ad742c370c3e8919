package meta

import (
	"fmt"
	"slices"
	"time"
)

// PartRuns is how many ordinals of a project's runs a part of its stored run
// table covers.
const PartRuns = 4096

// RunPart is a part of a project's stored run table: the runs with ordinals
// from Part*PartRuns up to those of the next part.
type RunPart struct {
	Part int64
	AsOf time.Time // changes until then are in it
	Runs int
}

// RunParts lists the parts that are stored of a project's run table, in order.
func (t *Tx) RunParts(projectID int64) ([]RunPart, error) {
	rows, err := t.query("SELECT part, as_of, runs FROM run_part WHERE project_id = ? ORDER BY part", projectID)
	return collect(rows, err, func(row scannable) (p RunPart, err error) {
		var asOf int64
		err = row.Scan(&p.Part, &asOf, &p.Runs)
		p.AsOf = fromMicros(asOf)
		return p, err
	})
}

// RunBundles calls each for the stored bundles of the keys, part by part for
// each key. body is each's to keep.
func (t *Tx) RunBundles(projectID int64, keys []int64, each func(part int64, body []byte) error) error {
	for some := range slices.Chunk(keys, 200) {
		args := []any{projectID}
		for _, k := range some {
			args = append(args, k)
		}
		err := t.each("SELECT part, body FROM run_part_bundle WHERE project_id = ? AND bundle IN ("+placeholders(len(some))+")", args, func(s scannable) error {
			var part int64
			var body []byte
			if err := s.Scan(&part, &body); err != nil {
				return err
			}
			return each(part, body)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SaveRunPart stores a part with its bundles by key, in the place of the
// former.
func (t *Tx) SaveRunPart(projectID int64, p RunPart, bundles map[int64][]byte) error {
	if err := t.DropRunPart(projectID, p.Part); err != nil {
		return err
	}
	b := batch{t: t, table: "run_part_bundle", columns: "project_id, bundle, part, body", width: 4}
	for key, body := range bundles {
		b.args = append(b.args, projectID, key, p.Part, body)
		if err := b.added(len(body)); err != nil {
			return fmt.Errorf("storing part %d of the run table: %w", p.Part, err)
		}
	}
	if err := b.flush(); err != nil {
		return fmt.Errorf("storing part %d of the run table: %w", p.Part, err)
	}
	_, err := t.exec("INSERT INTO run_part (project_id, part, as_of, runs) VALUES (?,?,?,?)", projectID, p.Part, micros(p.AsOf), p.Runs)
	return err
}

// DropRunPart forgets one part of a project's stored run table.
func (t *Tx) DropRunPart(projectID, part int64) error {
	if _, err := t.exec("DELETE FROM run_part WHERE project_id = ? AND part = ?", projectID, part); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM run_part_bundle WHERE project_id = ? AND part = ?", projectID, part)
	return err
}

// dropPartOf forgets the part of the stored run table that a run is in.
func (t *Tx) dropPartOf(runID int64) error {
	var projectID, ordinal int64
	if err := t.row("SELECT project_id, ordinal FROM run WHERE id = ?", runID).Scan(&projectID, &ordinal); err != nil {
		return err
	}
	return t.DropRunPart(projectID, ordinal/PartRuns)
}

// DropRunParts forgets a project's stored run table.
func (t *Tx) DropRunParts(projectID int64) error {
	if _, err := t.exec("DELETE FROM run_part WHERE project_id = ?", projectID); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM run_part_bundle WHERE project_id = ?", projectID)
	return err
}

// FreshenRunPart notes that nothing changed in a part until a time.
func (t *Tx) FreshenRunPart(projectID, part int64, asOf time.Time) error {
	_, err := t.exec("UPDATE run_part SET as_of = ? WHERE project_id = ? AND part = ? AND as_of < ?", micros(asOf), projectID, part, micros(asOf))
	return err
}

// RunPartsAfter lists the projects that have parts as of later than a time.
func (t *Tx) RunPartsAfter(at time.Time) ([]int64, error) {
	return t.ids("SELECT DISTINCT project_id FROM run_part WHERE as_of > ?", micros(at))
}

// ProjectsOfRuns lists the projects that ever had so many runs.
func (t *Tx) ProjectsOfRuns(atLeast int64) ([]int64, error) {
	return t.ids("SELECT id FROM project WHERE deleted = 0 AND runs >= ? ORDER BY id", atLeast)
}

// ChangedByPart counts, by part, the runs of a project that changed after a
// time, deleted ones included.
func (t *Tx) ChangedByPart(projectID int64, since time.Time) (map[int64]int, error) {
	counts, us := map[int64]int{}, micros(since)
	err := t.each(fmt.Sprintf(`SELECT r.ordinal - r.ordinal %% %d, COUNT(*) FROM (SELECT id FROM run WHERE project_id = ? AND updated > ?
		UNION SELECT run FROM hist WHERE project_id = ? AND changed > ?) c JOIN run r ON r.id = c.id GROUP BY 1`, PartRuns), []any{projectID, us, projectID, us},
		func(s scannable) error {
			var first int64
			var n int
			err := s.Scan(&first, &n)
			counts[first/PartRuns] = n
			return err
		})
	return counts, err
}

// UserNames returns the names of accounts by id, deleted ones included.
func (t *Tx) UserNames(ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	for some := range slices.Chunk(ids, 500) {
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		err := t.each("SELECT id, name FROM account WHERE id IN ("+placeholders(len(some))+")", args, func(s scannable) error {
			var id int64
			var name string
			err := s.Scan(&id, &name)
			names[id] = name
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}
