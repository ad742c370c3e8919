package meta

import "time"

// RunRef is what reading a run's streams needs of it.
type RunRef struct {
	ID      int64
	Name    string
	Created time.Time
	Rev     int64
	Gen     int64
	Ver     int64
	Changed time.Time // its streams, last
}

// RunRefs returns the runs of a project that have one of the names, by name.
// Deleted and unknown ones are left out.
func (t *Tx) RunRefs(projectID int64, names []string) (map[string]RunRef, error) {
	const chunk = 500
	found := make(map[string]RunRef, len(names))
	for from := 0; from < len(names); from += chunk {
		part := names[from:min(from+chunk, len(names))]
		args := []any{projectID}
		for _, n := range part {
			args = append(args, n)
		}
		rows, err := t.query("SELECT r.id, r.name, r.created, r.rev, h.gen, h.ver, h.changed FROM run r JOIN hist h ON h.run = r.id WHERE r.deleted = 0 AND r.project_id = ? AND r.name IN ("+placeholders(len(part))+")", args...)
		all, err := collect(rows, err, func(row scannable) (RunRef, error) {
			var (
				r       RunRef
				created int64
				changed int64
			)
			err := row.Scan(&r.ID, &r.Name, &created, &r.Rev, &r.Gen, &r.Ver, &changed)
			r.Created, r.Changed = fromMicros(created), fromMicros(changed)
			return r, err
		})
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			found[r.Name] = r
		}
	}
	return found, nil
}
