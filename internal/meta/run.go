package meta

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

// The longest texts of a run, in characters; names and the shown name have
// theirs in package ballast.
const (
	maxLabel = 512  // group, job type, host
	maxPath  = 1024 // program, repository
	maxNotes = 1 << 20
)

// runColumns has tags and config last, since those need decoding.
const runColumns = `r.id, r.project_id, r.name, r.display, r.grp, r.job_type, r.notes, r.account_id, r.host, r.program,
	r.commit_hash, r.repo, r.sweep, r.started, r.ordinal, r.created, r.updated, r.rev, r.deleted,
	h.state, h.exit_code, h.stop, h.heartbeat, h.h_lines, h.e_lines, h.o_lines, h.nrow, h.e_nrow, h.gaps, h.gen, h.ver, h.changed,
	r.tags, r.config`

// runFields is a run's columns, in the order of runColumns, to scan into.
// RawBytes are the driver's, until the next row.
type runFields struct {
	created, updated, deleted, heartbeat, changed int64
	tags, config                                  sql.RawBytes
}

func (f *runFields) dest(r *ballast.Run) []any {
	l := &r.Live
	return []any{&r.ID, &r.ProjectID, &r.Name, &r.Display, &r.Group, &r.JobType, &r.Notes, &r.UserID, &r.Host, &r.Program,
		&r.Commit, &r.Repo, &r.Sweep, &r.Started, &r.Ordinal, &f.created, &f.updated, &r.Rev, &f.deleted,
		&l.State, &l.ExitCode, &l.Stop, &f.heartbeat, &l.HistoryLines, &l.EventLines, &l.OutputLines, &l.Rows, &l.EventRows, &l.Gaps, &l.Gen, &l.Ver, &f.changed,
		&f.tags, &f.config}
}

// fill completes r from what was scanned.
func (f *runFields) fill(r *ballast.Run) (err error) {
	r.Created, r.Updated, r.Deleted = fromMicros(f.created), fromMicros(f.updated), fromMicros(f.deleted)
	r.Live.Heartbeat, r.Live.Changed = fromMicros(f.heartbeat), fromMicros(f.changed)
	if len(f.tags) > 2 { // not []
		if err := json.Unmarshal(f.tags, &r.Tags); err != nil {
			return fmt.Errorf("tags of run %d: %w", r.ID, err)
		}
	}
	if r.Config, err = unpack(f.config); err != nil {
		return fmt.Errorf("config of run %d: %w", r.ID, err)
	}
	return nil
}

// CreateRun adds a run with its counters and gives it the project's next
// ordinal. A name that the project has, or had, is a Conflict. An empty state
// becomes Running; Created and Heartbeat become now.
func (t *Tx) CreateRun(r ballast.Run) (ballast.Run, error) {
	if err := ballast.CheckName("run", r.Name); err != nil {
		return r, err
	}
	if err := checkRun(&r); err != nil {
		return r, err
	}
	if r.Created.IsZero() {
		r.Created = now()
	}
	if r.Live.State == "" {
		r.Live.State = ballast.Running
	}
	if r.Live.Heartbeat.IsZero() {
		r.Live.Heartbeat = r.Created
	}
	if len(r.Config) == 0 {
		r.Config = []byte("{}")
	}
	at := now()
	r.Updated, r.Live.Changed, r.Rev = at, at, 1
	res, err := t.exec("UPDATE project SET runs = runs + 1, updated = ? WHERE id = ? AND deleted = 0", micros(at), r.ProjectID)
	if err := t.mustChange(res, err, fmt.Sprintf("project %d", r.ProjectID)); err != nil {
		return r, err
	}
	if err := t.row("SELECT p.runs - 1, p.name, e.name FROM project p JOIN entity e ON e.id = p.entity_id WHERE p.id = ?", r.ProjectID).Scan(&r.Ordinal, &r.Project, &r.Entity); err != nil {
		return r, err
	}
	tags, err := json.Marshal(append([]string{}, r.Tags...))
	if err != nil {
		return r, err
	}
	r.ID, err = t.insert(`INSERT INTO run (project_id, name, display, grp, job_type, notes, tags, account_id, host, program,
		commit_hash, repo, sweep, config, started, ordinal, created, updated, rev, deleted) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,1,0)`,
		r.ProjectID, r.Name, r.Display, r.Group, r.JobType, r.Notes, string(tags), r.UserID, r.Host, r.Program,
		r.Commit, r.Repo, r.Sweep, pack(r.Config), r.Started, r.Ordinal, micros(r.Created), micros(at))
	if t.dialect.duplicateOf(err) {
		return r, ballast.Errorf(ballast.Conflict, "project %s has, or had, a run %s", r.Project, r.Name)
	}
	if err != nil {
		return r, err
	}
	_, err = t.exec(`INSERT INTO hist (run, project_id, state, exit_code, stop, heartbeat, ended, h_lines, e_lines, o_lines, nrow, sealed,
		e_nrow, e_sealed, o_seq, h_first, base, gaps, gap_since, gen, tail_bytes, tail_chunks, tail_since, ver, changed)
		VALUES (?,?,?,?,?,?,0, 0,0,0,0,0, 0,0,0,0,0,0,0,0,0,0,0,0,?)`,
		r.ID, r.ProjectID, string(r.Live.State), r.Live.ExitCode, r.Live.Stop, micros(r.Live.Heartbeat), micros(at))
	return r, err
}

// checkRun says which text of a run is too long for its column.
func checkRun(r *ballast.Run) error {
	for _, c := range []struct {
		field, text string
		most        int
	}{
		{"run display name", r.Display, ballast.MaxDisplay}, {"run group", r.Group, maxLabel}, {"run job type", r.JobType, maxLabel},
		{"run notes", r.Notes, maxNotes}, {"run host", r.Host, maxLabel}, {"run program", r.Program, maxPath},
		{"run commit", r.Commit, 128}, {"run repository", r.Repo, maxPath}, {"run sweep", r.Sweep, 128},
	} {
		if err := checkLength(c.field, c.text, c.most); err != nil {
			return err
		}
	}
	return nil
}

const runFrom = ", p.name, e.name, COALESCE(a.name, '')" + ` FROM run r JOIN hist h ON h.run = r.id JOIN project p ON p.id = r.project_id
	JOIN entity e ON e.id = p.entity_id LEFT JOIN account a ON a.id = r.account_id`

// Run returns a run by id. A deleted one has Deleted set; one in a deleted
// project is NotFound.
func (t *Tx) Run(id int64) (ballast.Run, error) {
	r, err := t.oneRun(" WHERE r.id = ? AND p.deleted = 0", id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound("run %d does not exist", id)
	}
	return r, err
}

// RunByName returns a run of a project by the id that the SDK chose, or one
// that was moved away under it. A deleted one has Deleted set.
func (t *Tx) RunByName(projectID int64, name string) (ballast.Run, error) {
	r, err := t.oneRun(" WHERE r.project_id = ? AND r.name = ? AND p.deleted = 0", projectID, name)
	if errors.Is(err, sql.ErrNoRows) {
		r, err = t.movedRun(projectID, name)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound("run %.140q does not exist", name)
	}
	return r, err
}

// RunsByID returns runs in the order of the ids. Deleted and unknown ones are
// left out.
func (t *Tx) RunsByID(ids []int64) ([]ballast.Run, error) {
	byID := make(map[int64]ballast.Run, len(ids))
	const chunk = 500
	for from := 0; from < len(ids); from += chunk {
		part := ids[from:min(from+chunk, len(ids))]
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := t.query("SELECT "+runColumns+runFrom+" WHERE r.deleted = 0 AND p.deleted = 0 AND r.id IN ("+placeholders(len(part))+")", args...)
		all, err := collect(rows, err, scanRun)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			byID[r.ID] = r
		}
	}
	found := make([]ballast.Run, 0, len(byID))
	for _, id := range ids {
		if r, ok := byID[id]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

// oneRun reads the first run of a query. (RawBytes cannot be scanned from a
// sql.Row.)
func (t *Tx) oneRun(where string, args ...any) (ballast.Run, error) {
	rows, err := t.query("SELECT "+runColumns+runFrom+where, args...)
	all, err := collect(rows, err, scanRun)
	if err != nil {
		return ballast.Run{}, err
	}
	if len(all) == 0 {
		return ballast.Run{}, sql.ErrNoRows
	}
	return all[0], nil
}

func scanRun(row scannable) (ballast.Run, error) {
	var (
		r ballast.Run
		f runFields
	)
	if err := row.Scan(append(f.dest(&r), &r.Project, &r.Entity, &r.User)...); err != nil {
		return r, err
	}
	return r, f.fill(&r)
}

// UpdateRun writes the fields of a run that people and the SDK edit: Display
// to Config and Started, not its names, creator, streams or state. r comes
// from Run or RunByName in the same Write: when another replica changed it
// since, the Write runs again.
func (t *Tx) UpdateRun(r ballast.Run) error {
	if err := checkRun(&r); err != nil {
		return err
	}
	tags, err := json.Marshal(append([]string{}, r.Tags...))
	if err != nil {
		return err
	}
	res, err := t.exec(`UPDATE run SET display = ?, grp = ?, job_type = ?, notes = ?, tags = ?, host = ?, program = ?, commit_hash = ?,
		repo = ?, sweep = ?, config = ?, started = ?, updated = ?, rev = rev + 1 WHERE id = ? AND rev = ?`,
		r.Display, r.Group, r.JobType, r.Notes, string(tags), r.Host, r.Program, r.Commit,
		r.Repo, r.Sweep, pack(r.Config), r.Started, micros(now()), r.ID, r.Rev)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	if _, err := t.Run(r.ID); err != nil {
		return err
	}
	return errStale
}

// DeleteRun hides a run. Its name is never used again.
func (t *Tx) DeleteRun(id int64, now time.Time) error {
	return t.setDeleted(id, micros(now), "deleted = 0")
}

// UndeleteRun brings a deleted run back. Gone when it was purged.
func (t *Tx) UndeleteRun(id int64) error {
	if _, err := t.lockRun(id); err != nil { // a purge locks it too
		return err
	}
	if err := t.notPurged(id); err != nil {
		return err
	}
	return t.setDeleted(id, 0, "deleted <> 0")
}

func (t *Tx) setDeleted(id, deleted int64, when string) error {
	_, err := t.exec("UPDATE run SET deleted = ?, updated = ?, rev = rev + 1 WHERE id = ? AND "+when, deleted, micros(now()), id)
	if err != nil {
		return err
	}
	_, err = t.Run(id) // NotFound
	return err
}

// SetRunState sets where a run is in its life. exit counts for Finished and
// Failed.
func (t *Tx) SetRunState(id int64, state ballast.State, exit int, now time.Time) error {
	ended := int64(0)
	if state.Ended() {
		ended = micros(now)
	}
	res, err := t.exec("UPDATE hist SET state = ?, exit_code = ?, ended = ?, changed = ? WHERE run = ?", string(state), exit, ended, micros(now), id)
	return t.mustChange(res, err, fmt.Sprintf("run %d", id))
}

// SetRunStop asks the process to stop, or takes that back.
func (t *Tx) SetRunStop(id int64, stop bool) error {
	res, err := t.exec("UPDATE hist SET stop = ?, changed = ? WHERE run = ?", stop, micros(now()), id)
	return t.mustChange(res, err, fmt.Sprintf("run %d", id))
}

// SetHeartbeat notes a sign of life that is no append.
func (t *Tx) SetHeartbeat(id int64, now time.Time) error {
	_, err := t.exec("UPDATE hist SET heartbeat = ? WHERE run = ? AND heartbeat < ?", micros(now), id, micros(now))
	return err
}
