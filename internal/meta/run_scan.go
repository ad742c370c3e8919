package meta

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// RunScan says what Runs reads.
type RunScan struct {
	// Since leaves out runs of which nothing changed after it: fields, streams
	// (to half a second), state, summary. Commits become visible late, so ask
	// from some seconds before the newest change that is known. Zero: all.
	Since time.Time
	// Of reads only the runs of a part (PartRuns), in the order of their
	// ordinals. Not with Since.
	Of *int64
	// Lean leaves config and summary unread, NoConfig and NoSummary one of them.
	Lean, NoConfig, NoSummary bool
	// Short leaves what lists rarely show unread: notes, host, program, commit,
	// repository, start, exit code, stop request, numbers of lines and rows, gaps.
	Short bool
}

// shortRunColumns are those of a Short scan.
const shortRunColumns = `r.id, r.name, r.display, r.grp, r.job_type, r.account_id, r.sweep, r.ordinal, r.created, r.updated, r.rev, r.deleted,
	h.state, h.heartbeat, h.ver, h.changed, r.tags, r.config`

func (f *runFields) shortDest(r *ballast.Run) []any {
	l := &r.Live
	return []any{&r.ID, &r.Name, &r.Display, &r.Group, &r.JobType, &r.UserID, &r.Sweep, &r.Ordinal, &f.created, &f.updated, &r.Rev, &f.deleted,
		&l.State, &f.heartbeat, &l.Ver, &f.changed, &f.tags, &f.config}
}

// Runs reads the runs of a project in the order of their ids and calls each
// with every one and its summary, JSON ("{}" when there is none). The run is
// each's to keep, the summary too. Deleted runs are left out; with Since, one
// deleted after it is given once with Deleted set. each must not use t.
func (t *Tx) Runs(projectID int64, scan RunScan, each func(r *ballast.Run, summary []byte) error) error {
	p, err := t.Project(projectID)
	if err != nil {
		return err
	}
	var users map[int64]string
	if scan.Since.IsZero() && scan.Of == nil { // looks at every run; else each brings its user
		if users, err = t.userNames(projectID); err != nil {
			return err
		}
	}
	rows, err := t.runRows(projectID, scan)
	if err != nil {
		return err
	}
	defer rows.Close()
	var (
		f    runFields
		body sql.RawBytes
		user sql.NullString
		next = ballast.Run{ProjectID: p.ID, Project: p.Name, Entity: p.Entity}
		dest = f.dest(&next)
	)
	if scan.Short {
		dest = f.shortDest(&next)
	}
	dest = append(dest, &body, &user)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		r := new(ballast.Run)
		*r = next
		if err := f.fill(r); err != nil {
			return err
		}
		if r.User = user.String; users != nil {
			r.User = users[r.UserID]
		}
		summary, err := unpack(body)
		if err != nil {
			return fmt.Errorf("summary of run %d: %w", r.ID, err)
		}
		if err := each(r, summary); err != nil {
			return err
		}
	}
	return rows.Err()
}

// runRows starts the query of a scan. Changed runs are found by two ranges of
// indexes, so that a poll of a large project reads only what moved.
func (t *Tx) runRows(projectID int64, scan RunScan) (*sql.Rows, error) {
	columns, body, summary := runColumns, ", s.body", " LEFT JOIN run_summary s ON s.run = r.id"
	if scan.Short {
		columns = shortRunColumns
	}
	if scan.Lean || scan.NoConfig {
		columns = strings.TrimSuffix(columns, "r.config") + "NULL"
	}
	if scan.Lean || scan.NoSummary {
		body, summary = ", NULL", ""
	}
	columns += body
	if scan.Of != nil {
		first := *scan.Of * PartRuns
		return t.query("SELECT "+columns+", a.name FROM run r JOIN hist h ON h.run = r.id LEFT JOIN account a ON a.id = r.account_id"+summary+
			" WHERE r.project_id = ? AND r.ordinal >= ? AND r.ordinal < ? AND +r.deleted = 0 ORDER BY r.ordinal", projectID, first, first+PartRuns)
	}
	if scan.Since.IsZero() {
		return t.query("SELECT "+columns+", NULL FROM run r JOIN hist h ON h.run = r.id"+summary+
			" WHERE r.project_id = ? AND r.deleted = 0 ORDER BY r.id", projectID)
	}
	since := micros(scan.Since)
	return t.query("SELECT "+columns+`, a.name FROM (SELECT id FROM run WHERE project_id = ? AND updated > ?
		UNION SELECT run FROM hist WHERE project_id = ? AND changed > ?) c
		JOIN run r ON r.id = c.id JOIN hist h ON h.run = r.id LEFT JOIN account a ON a.id = r.account_id`+summary+
		" WHERE r.deleted = 0 OR r.deleted > ? ORDER BY r.id", projectID, since, projectID, since, since)
}

// userNames returns the names of everybody who created a run of the project,
// deleted users included.
func (t *Tx) userNames(projectID int64) (map[int64]string, error) {
	rows, err := t.query("SELECT a.id, a.name FROM account a WHERE a.id IN (SELECT DISTINCT account_id FROM run WHERE project_id = ?)", projectID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[int64]string{}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, rows.Err()
}

// UsedArtifacts are the names of what a run used and logged.
type UsedArtifacts struct{ Input, Output []string }

// UsedArtifacts returns, by run, what the runs of a project used and logged,
// of runs that Runs gives for since (zero: all). Each version goes by three
// names: "entity/project/name:v3", "name:v3" and "name".
func (t *Tx) UsedArtifacts(projectID int64, since time.Time) (map[int64]UsedArtifacts, error) {
	used := map[int64]UsedArtifacts{}
	which, args := "SELECT id FROM run WHERE project_id = ?", []any{projectID}
	if us := micros(since); us != 0 {
		which += " AND updated > ? UNION SELECT run FROM hist WHERE project_id = ? AND changed > ?"
		args = append(args, us, projectID, us)
	}
	err := t.each(`SELECT u.run_id, u.output, e.name, p.name, c.name, a.version FROM (`+which+`) r JOIN artifact_use u ON u.run_id = r.id
		JOIN artifact a ON a.id = u.artifact_id JOIN artifact_collection c ON c.id = a.collection_id
		JOIN project p ON p.id = c.project_id JOIN entity e ON e.id = p.entity_id
		WHERE a.state = ? ORDER BY u.run_id, u.created, a.id`,
		append(args, ballast.ArtifactCommitted), func(s scannable) error {
			var run, version int64
			var output int
			var entity, project, name string
			if err := s.Scan(&run, &output, &entity, &project, &name, &version); err != nil {
				return err
			}
			short := fmt.Sprintf("%s:v%d", name, version)
			names := []string{entity + "/" + project + "/" + short, short, name}
			u := used[run]
			if output != 0 {
				u.Output = append(u.Output, names...)
			} else {
				u.Input = append(u.Input, names...)
			}
			used[run] = u
			return nil
		})
	return used, err
}
