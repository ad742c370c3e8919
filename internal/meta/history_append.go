package meta

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/ballast-ml/ballast"
)

// AppendStreams stores a pool of requests in one transaction and answers each
// (ENGINE section 5): offsets make a repeated request harmless, and requests
// of one run are taken in the order given. An error means that nothing of the
// pool is stored; what is wrong with one request is in its Appended.
//
// A request is stored whole or not at all: when its events are ahead of a gap,
// its history waits with them.
func (t *Tx) AppendStreams(pool []Append, now time.Time) ([]Appended, error) {
	a, err := t.openPool(pool, micros(now))
	if err != nil {
		return nil, err
	}
	answers := make([]Appended, len(pool))
	for i := range pool {
		if answers[i], err = a.request(&pool[i]); err != nil {
			return nil, err
		}
	}
	return answers, a.close()
}

// appender is a pool being stored.
type appender struct {
	t         *Tx
	now       int64
	runs      map[int64]*hist
	order     []int64 // the runs, ascending
	tail      batch
	console   batch
	begun     batch // hist_session
	writers   batch // hist_stream
	summaries map[int64][]byte
	bases     map[int64][]byte // what summaries begin with, of branched runs
	states    map[int64][]byte // of runs whose summary is derived
	configs   map[int64][]byte // of the same
	systems   map[int64][]byte
	dirty     map[int64]dirt
}

// dirt says which blobs of a run are to be written.
type dirt struct{ summary, system, state bool }

func (t *Tx) openPool(pool []Append, now int64) (*appender, error) {
	a := &appender{t: t, now: now, summaries: map[int64][]byte{}, bases: map[int64][]byte{}, states: map[int64][]byte{}, configs: map[int64][]byte{}, systems: map[int64][]byte{}, dirty: map[int64]dirt{},
		tail:    batch{t: t, table: "tail", columns: "run, kind, row0, nrow, data", width: 5},
		console: batch{t: t, table: "console", columns: "run, seq, line0, line_count, data", width: 5},
		begun: batch{t: t, table: "hist_session", columns: "run, kind, gen, base, row0, first_hash, next_line, ended", width: 8,
			tail: t.dialect.upsert("run, kind, gen, base", "row0", "first_hash", "next_line", "ended")},
		writers: batch{t: t, table: "hist_stream", columns: "run, kind, writer, line_count", width: 4,
			tail: t.dialect.upsert("run, kind, writer", "line_count")},
	}
	var merged, systems, shared, derived []int64
	for i := range pool {
		p := &pool[i]
		a.order = append(a.order, p.Run)
		if p.System != nil {
			systems = append(systems, p.Run)
		}
		if p.MergeSummary != nil {
			merged = append(merged, p.Run)
		}
		if p.Derive != nil {
			merged, derived = append(merged, p.Run), append(derived, p.Run)
		}
		if p.Writer != "" {
			shared = append(shared, p.Run)
		}
	}
	a.order = distinct(a.order)
	var err error
	if a.runs, err = t.lockHist(a.order); err != nil {
		return nil, err
	}
	if err := t.readBodies("run_summary", merged, a.summaries); err != nil {
		return nil, err
	}
	if err := t.readBodies("run_system", systems, a.systems); err != nil {
		return nil, err
	}
	if err := t.readBodies("summary_base", a.branched(pool), a.bases); err != nil {
		return nil, err
	}
	if err := a.readDerived(derived); err != nil {
		return nil, err
	}
	return a, a.readWriters(distinct(shared))
}

// readBodies reads s2 bodies of runs into a map.
func (t *Tx) readBodies(table string, runs []int64, into map[int64][]byte) error {
	runs = distinct(runs)
	for len(runs) > 0 {
		n := min(len(runs), 500)
		err := t.each("SELECT run, body FROM "+table+" WHERE run IN ("+placeholders(n)+")", anys(runs[:n]), func(s scannable) error {
			var run int64
			var body []byte
			err := s.Scan(&run, &body)
			into[run] = body
			return err
		})
		if err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

func (a *appender) readWriters(runs []int64) error {
	for len(runs) > 0 {
		n := min(len(runs), 500)
		err := a.t.each("SELECT run, kind, writer, line_count FROM hist_stream WHERE run IN ("+placeholders(n)+")", anys(runs[:n]), func(s scannable) error {
			var run, lines int64
			var k writerKey
			if err := s.Scan(&run, &k.kind, &k.writer, &lines); err != nil {
				return err
			}
			if h := a.runs[run]; h != nil {
				h.setWriter(k, lines)
			}
			return nil
		})
		if err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

func (h *hist) setWriter(k writerKey, lines int64) {
	if h.writers == nil {
		h.writers = map[writerKey]int64{}
	}
	h.writers[k] = lines
}

// next is the next line expected of a stream's writer.
func (h *hist) next(kind int, writer string) int64 {
	if writer == "" {
		return h.lines[kind]
	}
	return h.writers[writerKey{kind, writer}]
}

// setNext moves the counter of a stream's writer.
func (a *appender) setNext(h *hist, kind int, writer string, lines int64) error {
	if writer == "" {
		h.lines[kind] = lines
		return nil
	}
	h.setWriter(writerKey{kind, writer}, lines)
	if len(a.writers.args) > 0 { // a statement must not name a key twice
		if err := a.writers.flush(); err != nil {
			return err
		}
	}
	a.writers.args = append(a.writers.args, h.run, kind, writer, lines)
	return a.writers.added(0)
}

// request stores one request.
func (a *appender) request(p *Append) (Appended, error) {
	h := a.runs[p.Run]
	if h == nil {
		return Appended{Outcome: NoRun}, nil
	}
	answer := Appended{Project: h.project}
	p, err := a.replayed(h, p)
	if err != nil {
		return answer, err
	}
	if answer.NewSession, err = a.beginAnew(h, p); err != nil {
		return answer, err
	}
	if answer.Outcome, answer.RetryAfter, err = a.admit(h, p); err != nil || answer.Outcome != Stored {
		return answer, err
	}
	gaps := h.gaps
	var fresh, rows bool
	for kind, r := range [...]*Rows{p.History, p.Events} {
		if r == nil || r.Lines == 0 {
			continue
		}
		rows = true
		stored, err := a.rows(h, kind, p.Writer, r)
		if err != nil {
			return answer, err
		}
		fresh = fresh || stored
	}
	if rows && !fresh {
		answer.Outcome = Known
		err = a.repeat(h, p)
	} else {
		err = a.rest(h, p)
	}
	if err != nil {
		return answer, err
	}
	was := h.state
	h.beat(p, fresh, a.now)
	if fresh || h.state != was || p.Output != nil || p.Summary != nil || answer.NewSession {
		h.touch(a.now)
	}
	h.touched = true
	answer.Stopped, answer.JustEnded, answer.Gen = h.stop, p.Complete, h.gen
	if p.Output != nil {
		answer.OutputSeq = h.oSeq
	}
	answer.Gap = max(0, h.gaps-gaps)
	answer.TailBytes, answer.TailChunks = h.tailBytes, int(h.tailChunks)
	return answer, nil
}

// rows stores what is new of a request's rows and reports whether there was
// anything.
func (a *appender) rows(h *hist, kind int, writer string, r *Rows) (bool, error) {
	next, end := h.next(kind, writer), r.Offset+int64(r.Lines)
	r.stored = nil
	fresh := false
	if r.Offset < next && h.gaps > 0 && writer == "" {
		filled, err := a.fillHoles(h, kind, r)
		if err != nil {
			return false, err
		}
		fresh = filled
	}
	if end <= next {
		return fresh, nil
	}
	if r.Offset > next {
		if err := a.giveUp(h, kind, writer, next, r.Offset-next); err != nil {
			return false, err
		}
		next = r.Offset
	}
	if err := a.noteFirst(h, kind, writer, r, next); err != nil {
		return false, err
	}
	data, err := r.without(int(next-r.Offset), writer, h.nrow[kind])
	if err != nil {
		return false, err
	}
	n := end - next
	r.stored = data
	if err := a.chunk(h, kind, h.nrow[kind], n, data); err != nil {
		return false, err
	}
	h.nrow[kind] += n
	if h.gapSince > 0 && writer == "" {
		h.gapSince = -h.gapSince // the run's writer goes on: the gap is another's
	}
	return true, a.setNext(h, kind, writer, end)
}

// without returns the chunk from line skip on, with steps for a shared run.
func (r *Rows) without(skip int, writer string, row0 int64) ([]byte, error) {
	if writer == "" {
		if skip == 0 {
			return r.Data, nil
		}
		row0 = -1
	}
	if r.Cut == nil {
		return nil, ballast.Errorf(ballast.Internal, "rows at line %d cannot be cut", r.Offset)
	}
	return r.Cut(skip, row0)
}

// chunk adds a tail chunk.
func (a *appender) chunk(h *hist, kind int, row0, rows int64, data []byte) error {
	if h.tailChunks == 0 {
		h.tailSince = a.now
	}
	h.tailChunks++
	h.tailBytes += int64(len(data))
	a.tail.args = append(a.tail.args, h.run, kind, row0, rows, data)
	return a.tail.added(len(data))
}

// output adds console lines as a version. The lines of a process of a shared
// run follow what is there, since each counts from 0; what it sent last is
// kept as a hash, in the place of a counter, by which a repetition is known.
func (a *appender) output(h *hist, writer string, o *Lines) error {
	line0 := o.Offset
	if writer != "" {
		line0 = h.lines[ballast.Output]
		if sum := o.sum(); h.next(int(ballast.Output), writer) == sum {
			return nil
		} else if err := a.setNext(h, int(ballast.Output), writer, sum); err != nil {
			return err
		}
	}
	a.console.args = append(a.console.args, h.run, h.oSeq, line0, o.Count, o.Data)
	h.oSeq++
	h.lines[ballast.Output] = max(h.lines[ballast.Output], line0+int64(o.Count))
	return a.console.added(len(o.Data))
}

// sum is a hash of the lines and their place, never 0.
func (o *Lines) sum() int64 {
	f := fnv.New64a()
	f.Write(binary.AppendVarint(nil, o.Offset))
	f.Write(o.Data)
	return int64(f.Sum64() | 1)
}

// flush writes everything that is pending except blobs and counters.
func (a *appender) flush() error {
	for _, b := range []*batch{&a.tail, &a.console, &a.begun, &a.writers} {
		if err := b.flush(); err != nil {
			return err
		}
	}
	return nil
}

// close writes what is pending.
func (a *appender) close() error {
	if err := a.flush(); err != nil {
		return err
	}
	upsert := a.t.dialect.upsert("run", "ver", "body")
	summary := batch{t: a.t, table: "run_summary", columns: "run, ver, body", width: 3, tail: upsert}
	system := batch{t: a.t, table: "run_system", columns: "run, ver, body", width: 3, tail: upsert}
	state := batch{t: a.t, table: "summary_state", columns: "run, body", width: 2, tail: a.t.dialect.upsert("run", "body")}
	var changed []*hist
	for _, run := range a.order {
		h := a.runs[run]
		if h == nil || !h.touched {
			continue
		}
		changed = append(changed, h)
		d := a.dirty[run]
		if d.summary {
			summary.args = append(summary.args, run, h.ver, a.summaries[run])
			if err := summary.added(len(a.summaries[run])); err != nil {
				return err
			}
		}
		if d.state {
			state.args = append(state.args, run, a.states[run])
			if err := state.added(len(a.states[run])); err != nil {
				return err
			}
		}
		if d.system {
			system.args = append(system.args, run, h.ver, a.systems[run])
			if err := system.added(len(a.systems[run])); err != nil {
				return err
			}
		}
	}
	if err := summary.flush(); err != nil {
		return err
	}
	if err := state.flush(); err != nil {
		return err
	}
	if err := system.flush(); err != nil {
		return err
	}
	return a.t.saveHist(changed...)
}
