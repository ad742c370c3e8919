package query

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	// overlap is how far back a refresh re-reads: writes become visible late,
	// and the clocks of replicas differ (docs/design/014).
	overlap = 5 * time.Second
	// idleTable is when a table that nobody asks is dropped.
	idleTable = 5 * time.Minute
	// maxTableColumns bounds the fields kept; beyond it, those not needed go.
	maxTableColumns = 200
)

// tables holds the run tables of projects, within a number of bytes: the least
// recently asked go first, the one being asked stays.
type tables struct {
	budget int64
	mu     sync.Mutex
	byID   map[int64]*runTable
}

func newTables(budget int64) *tables {
	return &tables{budget: budget, byID: map[int64]*runTable{}}
}

// get returns a project's table, maybe an empty one, and marks it asked.
func (ts *tables) get(projectID int64, now time.Time) *runTable {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.byID[projectID]
	if t == nil {
		t = &runTable{project: projectID}
		ts.byID[projectID] = t
	}
	t.asked = now
	return t
}

// trim drops tables until the rest fits, and those that are idle; without one to
// keep only these.
func (ts *tables) trim(keep *runTable, now time.Time) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	all := make([]*runTable, 0, len(ts.byID))
	var total int64
	for _, t := range ts.byID {
		total += t.bytes.Load()
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *runTable) int { return a.asked.Compare(b.asked) })
	for _, t := range all {
		if t != keep && (keep != nil && total > ts.budget || now.Sub(t.asked) > idleTable) {
			total -= t.bytes.Load()
			delete(ts.byID, t.project)
		}
	}
}

// bytes is the size of all tables.
func (ts *tables) bytes() int64 {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var n int64
	for _, t := range ts.byID {
		n += t.bytes.Load()
	}
	return n
}

// runTable is the runs of a project by column, as of its last refresh.
type runTable struct {
	project int64
	asked   time.Time // guarded by tables.mu
	bytes   atomic.Int64

	mu       sync.RWMutex
	loaded   bool
	restored bool      // from the stored table
	fault    error     // why it was not, as of the last load
	unstored bool      // the stored table is not to be used
	since    time.Time // when the last refresh began
	rows     []tableRow
	byID     map[int64]int32
	fields   []field // of cols, in the order they were loaded
	cols     map[string]*column
	used     map[int64]meta.UsedArtifacts // of the runs that are read now
	order    []*column                    // of fields
	spent    [2]int                       // the places of durationFields in fields, -1: not loaded
	live     int                          // rows that are not deleted
	comes    int64                        // counts runs that came or went
	kept     keptOrders
}

// tableRow is what every question needs of a run.
type tableRow struct {
	id, ordinal, rev, ver int64
	changed               time.Time
	name                  string
	dead                  bool
	ended                 bool
}

// baseFields are loaded with every table.
var baseFields = []field{{name: "name"}, {name: "display_name"}, {name: "state"}, {name: "tags"}, {name: "group"},
	{name: "job_type"}, {name: "username"}, {name: "sweep"}, {name: "created_at"}, {name: "updated_at"}, {name: "heartbeat_at"}}

// refresh brings the table up to date in a snapshot and loads the fields that
// are missing. The caller holds t.mu.
func (t *runTable) refresh(tx *meta.Tx, fields []field, now time.Time) error {
	wanted := withDuration(fields)
	absent := slices.ContainsFunc(wanted, func(f field) bool { return t.cols[f.String()] == nil })
	if !t.loaded || absent || now.Add(overlap).Before(t.since) { // the clock was put back: changes may be older than what is known
		return t.load(tx, wanted, now)
	}
	since := t.since.Add(-overlap)
	t.since = now
	return t.catchUp(tx, since)
}

// catchUp reads the runs that changed after a time.
func (t *runTable) catchUp(tx *meta.Tx, since time.Time) error {
	ex := newExtractor(t.fields)
	err := t.readUsed(tx, since)
	if err != nil {
		return err
	}
	err = tx.Runs(t.project, t.scan(since), func(r *ballast.Run, summary []byte) error {
		t.put(r, summary, ex)
		return nil
	})
	if err == nil {
		err = t.dropMoved(tx, since)
	}
	if err != nil {
		t.loaded = false // what was read may be half of it
	}
	t.measure()
	return err
}

// load makes the table afresh, with the fields known and the wanted ones: from
// what is stored of it, or from all runs.
func (t *runTable) load(tx *meta.Tx, wanted []field, now time.Time) error {
	known := t.fields
	if !t.loaded || len(known) == 0 {
		known = baseFields
	}
	if len(known)+len(wanted) > maxTableColumns {
		known = baseFields
	}
	known = append(slices.Clone(known), wanted...)
	t.reset(known)
	err := errNotStored
	if !t.unstored {
		err = t.restore(tx, now)
	}
	if t.restored = err == nil; notRestored(err) {
		t.fault = err
		t.reset(known)
		err = t.readAll(tx)
	}
	if err != nil {
		return err
	}
	t.loaded, t.since = true, now
	t.measure()
	return nil
}

// notRestored reports whether a table has to be read from the runs.
func notRestored(err error) bool {
	return errors.Is(err, errNotStored) || errors.Is(err, errDamagedPart) || errors.Is(err, errLostColumn)
}

// readAll reads all runs.
func (t *runTable) readAll(tx *meta.Tx) error {
	ex := newExtractor(t.fields)
	if err := t.readUsed(tx, time.Time{}); err != nil {
		return err
	}
	return scanBeside(func(each func(*ballast.Run, []byte) error) error {
		return tx.Runs(t.project, t.scan(time.Time{}), each)
	}, func(r *ballast.Run, summary []byte) { t.put(r, summary, ex) })
}

// readUsed reads what runs used and logged, when a field asks for it.
func (t *runTable) readUsed(tx *meta.Tx, since time.Time) (err error) {
	t.used = nil
	if t.cols["input_artifacts"] != nil || t.cols["output_artifacts"] != nil {
		t.used, err = tx.UsedArtifacts(t.project, since)
	}
	return err
}

// scanBeside reads runs on one core and takes them in on another.
func scanBeside(scan func(each func(*ballast.Run, []byte) error) error, take func(*ballast.Run, []byte)) error {
	type read struct {
		run     *ballast.Run
		summary []byte
	}
	const portion = 256
	portions, done := make(chan []read, 4), make(chan struct{})
	go func() {
		defer close(done)
		for list := range portions {
			for _, r := range list {
				take(r.run, r.summary)
			}
		}
	}()
	list := make([]read, 0, portion)
	err := scan(func(r *ballast.Run, summary []byte) error {
		if list = append(list, read{r, summary}); len(list) == portion {
			portions <- list
			list = make([]read, 0, portion)
		}
		return nil
	})
	portions <- list
	close(portions)
	<-done
	return err
}

// reset empties the table and gives it columns.
func (t *runTable) reset(fields []field) {
	t.fields, t.order, t.cols = nil, nil, map[string]*column{}
	t.spent = [2]int{-1, -1}
	for _, f := range fields {
		name := f.String()
		if t.cols[name] != nil {
			continue
		}
		for k, d := range durationFields {
			if name == d.String() {
				t.spent[k] = len(t.fields)
			}
		}
		c := newColumn(0)
		t.fields, t.order, t.cols[name] = append(t.fields, f), append(t.order, c), c
	}
	t.rows, t.live, t.loaded, t.used = nil, 0, false, nil
	t.byID = map[int64]int32{}
	t.kept.clear()
}

// scan reads only what the fields need.
func (t *runTable) scan(since time.Time) meta.RunScan {
	s := meta.RunScan{Since: since, NoConfig: true, NoSummary: true, Short: true}
	for _, f := range t.fields {
		switch f.source {
		case fromConfig:
			s.NoConfig = false
		case fromSummary:
			s.NoSummary = false
		default:
			s.Short = s.Short && (f.name == "duration" || f.name == "ordinal" || slices.ContainsFunc(baseFields, func(b field) bool { return b.name == f.name }))
		}
	}
	return s
}

// withDuration adds the fields that a duration is made of.
func withDuration(fields []field) []field {
	if !slices.ContainsFunc(fields, func(f field) bool { return f.name == "duration" }) {
		return fields
	}
	return append(slices.Clone(fields), durationFields...)
}

// put adds a run, replaces what is known of it, or takes it out when deleted.
func (t *runTable) put(r *ballast.Run, summary []byte, ex *extractor) {
	i, known := t.byID[r.ID]
	if !r.Deleted.IsZero() {
		if known && !t.rows[i].dead {
			t.remove(i)
		}
		return
	}
	if known && !t.rows[i].dead && t.rows[i].rev == r.Rev && t.rows[i].ver == r.Live.Ver && t.rows[i].changed.Equal(r.Live.Changed) {
		return
	}
	if !known {
		i = int32(len(t.rows))
		t.rows = append(t.rows, tableRow{dead: true})
		t.byID[r.ID] = i
		for _, c := range t.order {
			c.grow(len(t.rows))
		}
	}
	if t.rows[i].dead {
		t.live++
		t.comes++
	}
	t.rows[i] = tableRow{id: r.ID, ordinal: r.Ordinal, rev: r.Rev, ver: r.Live.Ver, changed: r.Live.Changed, name: r.Name, ended: r.Live.State.Ended()}
	values := ex.extract(r.Config, summary)
	for j := range t.fields {
		f := &t.fields[j]
		switch {
		case f.source != fromRun:
			t.order[j].set(int(i), values[j])
		case f.name == "duration":
			t.order[j].set(int(i), duration(r, t.counted(values)...))
		case f.name == "input_artifacts":
			t.order[j].set(int(i), textList(t.used[r.ID].Input))
		case f.name == "output_artifacts":
			t.order[j].set(int(i), textList(t.used[r.ID].Output))
		default:
			t.order[j].set(int(i), runColumn(r, f.name))
		}
	}
}

// counted picks the values of durationFields from those extracted.
func (t *runTable) counted(values []value) []value {
	out := make([]value, len(t.spent))
	for k, at := range t.spent {
		if at >= 0 {
			out[k] = values[at]
		}
	}
	return out
}

// dropMoved takes out the runs that were moved to another project.
func (t *runTable) dropMoved(tx *meta.Tx, since time.Time) error {
	gone, err := tx.MovedFrom(t.project, since)
	for _, id := range gone {
		if i, known := t.byID[id]; known && !t.rows[i].dead {
			t.remove(i)
		}
	}
	return err
}

// remove takes a row out that is there.
func (t *runTable) remove(row int32) {
	t.rows[row].dead = true
	t.live--
	t.comes++
}

func (t *runTable) measure() {
	n := int64(len(t.rows)) * 200 // rows and the map, roughly
	for _, c := range t.cols {
		n += c.size()
	}
	n += t.kept.size()
	t.bytes.Store(n)
}

// ask refreshes a project's table and calls fn with it and the snapshot. The
// table is locked before the snapshot is opened: so a later question never
// sees what an earlier snapshot wrote into the table over its own.
func (q *Query) ask(ctx context.Context, projectID int64, fields []field, fn func(tx *meta.Tx, t *runTable) error) error {
	t := q.tables.get(projectID, q.opt.Now())
	t.mu.Lock()
	now := q.opt.Now()
	defer q.tables.trim(t, now)
	locked := true
	defer func() {
		if locked {
			t.mu.Unlock()
		}
	}()
	var damage error
	err := q.db.Read(ctx, func(tx *meta.Tx) error {
		err := t.refresh(tx, fields, now)
		if errors.Is(t.fault, errDamagedPart) {
			damage = t.fault
		}
		t.fault = nil
		if err != nil {
			return err
		}
		locked = false
		t.mu.Unlock()
		t.mu.RLock()
		defer t.mu.RUnlock()
		return fn(tx, t)
	})
	if damage != nil {
		q.opt.Log.Warn("the stored run table is not used, it is made again", "project", projectID, "error", damage)
		return cmp.Or(err, q.dropStored(ctx, projectID))
	}
	return err
}
