package query

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"golang.org/x/sync/errgroup"
)

// errNotStored says that a question cannot be answered from the stored table.
var errNotStored = errors.New("the stored run table does not have it")

// storedTable is what is stored of a project's run table, read for a question.
type storedTable struct {
	parts   []storedPart
	absent  []int64 // parts that are not stored
	since   time.Time
	columns map[string]bool // wanted, by their name in a part
}

type storedPart struct {
	meta.RunPart
	first   int               // its first row in the table
	columns map[string][]byte // encoded
}

// restore fills an empty table, which has its columns, from what is stored,
// the parts that are not stored from the runs, and brings it up to date.
// errNotStored, errDamagedPart or errLostColumn: read all runs instead.
func (t *runTable) restore(tx *meta.Tx, now time.Time) error {
	st := &storedTable{columns: map[string]bool{}, since: now}
	for _, f := range t.fields {
		if !st.want(f) {
			return errNotStored
		}
	}
	if err := st.list(tx, t.project, now); err != nil {
		return err
	}
	if err := st.read(tx, t.project); err != nil {
		return err
	}
	if err := t.fill(tx, st); err != nil {
		return err
	}
	ex := newExtractor(t.fields)
	for _, part := range st.absent {
		scan := t.scan(time.Time{})
		scan.Of = &part
		if err := tx.Runs(t.project, scan, func(r *ballast.Run, summary []byte) error {
			t.put(r, summary, ex)
			return nil
		}); err != nil {
			return err
		}
	}
	if err := t.catchUp(tx, st.since); err != nil {
		return err
	}
	return t.checkTally(tx)
}

// checkTally compares the table with what an index knows of all runs.
func (t *runTable) checkTally(tx *meta.Tx) error {
	have := meta.RunTally{Runs: int64(t.live)}
	for i := range t.rows {
		if !t.rows[i].dead {
			have.Revs += t.rows[i].rev
		}
	}
	tally, err := tx.TallyRuns(t.project)
	if err == nil && tally != have {
		err = fmt.Errorf("%w: it has %d runs of %d revisions, the project %d of %d", errDamagedPart, have.Runs, have.Revs, tally.Runs, tally.Revs)
	}
	return err
}

// want notes which stored columns a field needs; false: it is not stored.
func (st *storedTable) want(f field) bool {
	switch {
	case f.source == fromConfig, f.source == fromSummary:
		for n := 1; n <= len(f.path); n++ {
			st.columns[storedName(f, n)] = true
		}
	case f.name == "input_artifacts", f.name == "output_artifacts":
		return false
	case f.name == "duration":
		st.columns[partRun+"created_at"], st.columns[partRun+"heartbeat_at"] = true, true
	default:
		st.columns[partRun+f.name] = true
	}
	return true
}

// storedName is the column of the member that the first n parts of a field's
// path name.
func storedName(f field, n int) string {
	prefix := partConfig
	if f.source == fromSummary {
		prefix = partSummary
	}
	return prefix + memberName(f.path[:n])
}

// list finds the parts.
func (st *storedTable) list(tx *meta.Tx, projectID int64, now time.Time) error {
	p, err := tx.Project(projectID)
	if err != nil {
		return err
	}
	stored, err := tx.RunParts(projectID)
	if err != nil {
		return err
	}
	byPart := map[int64]meta.RunPart{}
	for _, s := range stored {
		if s.AsOf.After(now.Add(-futurePart)) { // the clock was put back
			return errNotStored
		}
		byPart[s.Part] = s
	}
	rows := 0
	for n := int64(0); ordinalOf(n) < p.RunCount; n++ {
		s, ok := byPart[n]
		if !ok {
			st.absent = append(st.absent, n)
			continue
		}
		st.parts = append(st.parts, storedPart{RunPart: s, first: rows, columns: map[string][]byte{}})
		rows += s.Runs
		if s.AsOf.Before(st.since) {
			st.since = s.AsOf
		}
	}
	if len(st.parts) <= len(st.absent) {
		return errNotStored
	}
	return nil
}

// read reads the wanted columns of all parts: one core reads, others unpack.
func (st *storedTable) read(tx *meta.Tx, projectID int64) error {
	for _, n := range partNumbers {
		st.columns[partRun+n] = true
	}
	for _, n := range []string{"ordinal", "name", "state"} {
		st.columns[partRun+n] = true
	}
	var keys []int64
	for name := range st.columns {
		shared, own := bundleKeys(name)
		keys = append(keys, shared, own)
	}
	slices.Sort(keys)
	at := map[int64]*storedPart{}
	for i := range st.parts {
		at[st.parts[i].Part] = &st.parts[i]
	}
	type found struct {
		part *storedPart
		name string
		body []byte
	}
	var g errgroup.Group
	bodies, all := make(chan found, 64), make(chan struct{})
	go func() {
		defer close(all)
		for f := range bodies {
			f.part.columns[f.name] = f.body
		}
	}()
	g.SetLimit(runtime.GOMAXPROCS(0))
	err := tx.RunBundles(projectID, slices.Compact(keys), func(part int64, body []byte) error {
		if p := at[part]; p != nil {
			g.Go(func() error {
				return openBundle(body, func(name string, column []byte) {
					if st.columns[name] {
						bodies <- found{p, name, column}
					}
				})
			})
		}
		return nil
	})
	fault := g.Wait()
	close(bodies)
	<-all
	return cmp.Or(err, fault)
}

// fill makes rows and columns of what was read.
func (t *runTable) fill(tx *meta.Tx, st *storedTable) error {
	last := st.parts[len(st.parts)-1]
	t.rows = make([]tableRow, last.first+last.Runs)
	for _, c := range t.order {
		c.grow(len(t.rows))
	}
	users, err := t.fillRows(st)
	if err != nil {
		return err
	}
	names, err := tx.UserNames(slices.Compact(slices.Sorted(slices.Values(users))))
	if err != nil {
		return err
	}
	p, err := tx.Project(t.project)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range t.fields {
		c := t.order[i]
		g.Go(func() error {
			switch {
			case f.source != fromRun:
				return st.fillMember(c, f)
			case f.name == "username":
				c.setAll(func(row int) value { return textValue(names[users[row]]) })
			case f.name == "entity":
				c.setAll(func(int) value { return textValue(p.Entity) })
			case f.name == "project":
				c.setAll(func(int) value { return textValue(p.Name) })
			case f.name != "duration":
				return st.each(partRun+f.name, func(row int, v value) { c.set(row, v) })
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return t.fillBeats(tx, st)
}

// setAll sets every row.
func (c *column) setAll(of func(row int) value) {
	for i := range c.kinds {
		c.set(i, of(i))
	}
}

// each calls fn for each cell of a stored column, with its row in the table.
func (st *storedTable) each(name string, fn func(row int, v value)) error {
	for i := range st.parts {
		p := &st.parts[i]
		body := p.columns[name]
		if body == nil {
			continue // no run of the part has it
		}
		if err := eachCell(body, p.Runs, func(row int, v value) { fn(p.first+row, v) }); err != nil {
			return fmt.Errorf("column %.80q of part %d: %w", name, p.Part, err)
		}
	}
	return nil
}

// fillRows makes the rows and returns who created each.
func (t *runTable) fillRows(st *storedTable) (users []int64, err error) {
	users = make([]int64, len(t.rows))
	for name, set := range map[string]func(row *tableRow, v value){
		"#id":      func(row *tableRow, v value) { row.id = int64(v.num) },
		"#rev":     func(row *tableRow, v value) { row.rev = int64(v.num) },
		"#ver":     func(row *tableRow, v value) { row.ver = int64(v.num) },
		"#changed": func(row *tableRow, v value) { row.changed = time.UnixMicro(int64(v.num)).UTC() },
		"ordinal":  func(row *tableRow, v value) { row.ordinal = int64(v.num) },
		"name":     func(row *tableRow, v value) { row.name = v.str },
		"state":    func(row *tableRow, v value) { row.ended = ballast.State(v.str).Ended() },
	} {
		if err := st.each(partRun+name, func(row int, v value) { set(&t.rows[row], v) }); err != nil {
			return nil, err
		}
	}
	err = st.each(partRun+"#user", func(row int, v value) { users[row] = int64(v.num) })
	t.byID, t.live = make(map[int64]int32, len(t.rows)), len(t.rows)
	for i := range t.rows {
		t.byID[t.rows[i].id] = int32(i)
	}
	if err == nil && len(t.byID) != len(t.rows) {
		err = fmt.Errorf("%w: it has a run twice", errDamagedPart)
	}
	return users, err
}

// fillMember fills a column with what a field finds in members of the config or
// the summary: the shortest name that leads to something, as extract has it.
func (st *storedTable) fillMember(c *column, f field) error {
	for n := len(f.path); n >= 1; n-- {
		rest := f.path[n:]
		err := st.each(storedName(f, n), func(row int, v value) {
			if f.source == fromConfig {
				v = resolveValue(v, rest)
			} else {
				v = special(v.resolve(rest))
			}
			if v.kind != missing {
				c.set(row, v)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fillBeats sets what depends on signs of life, which do not count as changes.
func (t *runTable) fillBeats(tx *meta.Tx, st *storedTable) error {
	beats, err := tx.Heartbeats(t.project)
	if err != nil {
		return err
	}
	for id, at := range beats {
		row, known := t.byID[id]
		if !known {
			continue
		}
		beat := momentValue(at.UnixMicro(), at.IsZero())
		if c := t.cols["heartbeat_at"]; c != nil {
			c.set(int(row), beat)
		}
		if c := t.cols["updated_at"]; c != nil && c.at(int(row)).num < beat.num {
			c.set(int(row), beat)
		}
	}
	c := t.cols["duration"]
	if c == nil {
		return nil
	}
	created, counted := make([]time.Time, len(t.rows)), make([]value, len(t.spent))
	if err := st.each(partRun+"created_at", func(row int, v value) { created[row] = time.UnixMicro(int64(v.num)).UTC() }); err != nil {
		return err
	}
	heartbeat := t.cols["heartbeat_at"]
	for i := range t.rows {
		for k, at := range t.spent {
			counted[k] = t.order[at].at(i)
		}
		r := ballast.Run{Created: created[i]}
		if v := heartbeat.at(i); v.kind == moment {
			r.Live.Heartbeat = time.UnixMicro(int64(v.num)).UTC()
		}
		c.set(i, duration(&r, counted...))
	}
	return nil
}
