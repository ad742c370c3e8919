package meta

import (
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// A writing session is what one process writes to a run. It has no name on the
// wire, so it is known by where it begins (base) and by the hash of its first
// line: docs/design/002-sessions.md.

// BeginSession notes that a process opened a run that existed before, and
// makes the run running. A resumed one goes on where the rows end; any other
// starts again at line 0, and its first line then tells whether it repeats
// what is stored (a second sync) or replaces it.
func (t *Tx) BeginSession(runID int64, resumed bool, now time.Time) error {
	h, err := t.lockRun(runID)
	if err != nil {
		return err
	}
	h.state, h.exitCode, h.stop, h.ended, h.heartbeat = ballast.Running, 0, false, 0, micros(now)
	h.touch(micros(now))
	if resumed {
		if h.lines[0] > h.base {
			h.base, h.hFirst = h.lines[0], 0
			// This process was told the whole summary. One that begins where a
			// fork or a rewind ended was not.
			if err := t.dropBaseSummary(runID); err != nil {
				return err
			}
		}
		return t.saveHist(h)
	}
	h.base = max(h.base, -h.base) // what is sent now has its own line numbers
	_, err = t.exec("INSERT INTO hist_session (run, kind, gen, base, row0, first_hash, next_line, ended) VALUES (?,?,?,0,0,?,0,0)"+
		t.dialect.upsert("run, kind, gen, base", "first_hash"), runID, int(ballast.Output), h.gen, h.oSeq)
	if err != nil {
		return err
	}
	return t.saveHist(h)
}

// noteFirst remembers the first line of a session.
func (a *appender) noteFirst(h *hist, kind int, writer string, r *Rows, line int64) error {
	first := kind == 1 && line == 0 || kind == 0 && h.hFirst == 0
	if writer != "" || !first || line != r.Offset {
		return nil
	}
	if kind == 0 {
		h.hFirst, h.base = int64(r.First), line
	}
	s := session{kind: kind, gen: h.gen, base: line, row0: h.nrow[kind], first: int64(r.First)}
	if h.sessionsGot {
		h.sessions = append(h.sessions, s)
	}
	a.begun.args = append(a.begun.args, h.run, kind, s.gen, s.base, s.row0, s.first, 0, 0)
	return a.begun.added(0)
}

// loadSessions reads the sessions of a run, which only a request that is not
// simply the next one needs.
func (a *appender) loadSessions(h *hist) error {
	if h.sessionsGot {
		return nil
	}
	if err := a.begun.flush(); err != nil {
		return err
	}
	h.sessionsGot = true
	return a.t.each("SELECT kind, gen, base, row0, first_hash, next_line, ended FROM hist_session WHERE run=? ORDER BY gen, base", []any{h.run}, func(s scannable) error {
		var n session
		err := s.Scan(&n.kind, &n.gen, &n.base, &n.row0, &n.first, &n.next, &n.ended)
		h.sessions = append(h.sessions, n)
		return err
	})
}

// beginAnew starts a new writing session when the request's first line stands
// where a session began, and differs. It reports whether it did.
func (a *appender) beginAnew(h *hist, p *Append) (bool, error) {
	if p.Writer != "" {
		return false, nil
	}
	for kind, r := range [...]*Rows{p.History, p.Events} {
		if r == nil || r.Lines == 0 || r.Offset >= h.lines[kind] {
			continue
		}
		if err := a.loadSessions(h); err != nil {
			return false, err
		}
		i := slices.IndexFunc(h.sessions, func(s session) bool {
			return s.kind == kind && s.ended == 0 && s.base == r.Offset && s.next >= 0
		})
		if i < 0 || h.sessions[i].first == int64(r.First) {
			continue
		}
		s := h.sessions[i]
		if kind == 1 { // events begin with the process: the whole run begins anew
			s = session{base: 0, row0: h.nrow[0] - h.lines[0]}
		}
		return true, a.supersede(h, s.base, s.row0)
	}
	return false, nil
}

// supersede sets aside what earlier sessions wrote from line base (row row0)
// of history on; from line 0 on also events, console and summary.
func (a *appender) supersede(h *hist, base, row0 int64) error {
	if err := a.flush(); err != nil {
		return err
	}
	if err := a.endSession(h, 0, base); err != nil {
		return err
	}
	if err := a.t.setAside(h, ballast.History, row0, a.now); err != nil {
		return err
	}
	h.lines[0], h.hFirst, h.base = base, 0, base
	if base == 0 {
		if err := a.startOver(h, row0); err != nil {
			return err
		}
	}
	if _, err := a.t.exec("DELETE FROM gap WHERE run=? AND (kind=0 AND line0>=? OR kind=1 AND ?=0)", h.run, base, base); err != nil {
		return err
	}
	if err := a.t.row("SELECT COALESCE(SUM(line_count), 0) FROM gap WHERE run=?", h.run).Scan(&h.gaps); err != nil {
		return err
	}
	h.gapSince = 0
	h.gen++
	if h.state.Ended() {
		h.state, h.exitCode, h.ended, h.stop = ballast.Running, 0, 0, false
	}
	h.touched = true
	return a.t.recountTail(h)
}

// startOver sets aside everything but history. A fork that starts over still
// has its prefix, up to row prefix, and the summary of that.
func (a *appender) startOver(h *hist, prefix int64) error {
	if err := a.endSession(h, 1, 0); err != nil {
		return err
	}
	if err := a.t.setAside(h, ballast.Events, 0, a.now); err != nil {
		return err
	}
	h.lines[1] = 0
	mark := h.oSeq
	if i := slices.IndexFunc(h.sessions, func(s session) bool { return s.kind == 2 && s.gen == h.gen }); i >= 0 {
		mark = h.sessions[i].first // lines that came since belong to the new process
	}
	if err := a.t.setConsoleAside(h, mark, a.now); err != nil {
		return err
	}
	for _, table := range []string{"run_summary", "run_system", "summary_state"} {
		if _, err := a.t.exec("DELETE FROM "+table+" WHERE run=?", h.run); err != nil {
			return err
		}
	}
	if prefix == 0 {
		if err := a.t.dropBaseSummary(h.run); err != nil {
			return err
		}
		delete(a.bases, h.run)
	} else if _, err := a.t.exec("INSERT INTO run_summary (run, ver, body) SELECT run, ?, body FROM summary_base WHERE run=?", h.ver, h.run); err != nil {
		return err
	}
	delete(a.summaries, h.run)
	delete(a.states, h.run)
	delete(a.systems, h.run)
	delete(a.dirty, h.run)
	return nil
}

// endSession notes which line the superseded process would send next, by
// which it is recognized later.
func (a *appender) endSession(h *hist, kind int, base int64) error {
	for i := range h.sessions {
		if s := &h.sessions[i]; s.kind == kind && s.ended == 0 && s.base >= base {
			s.ended, s.next = a.now, h.lines[kind]
		}
	}
	_, err := a.t.exec("UPDATE hist_session SET ended=?, next_line=? WHERE run=? AND kind=? AND base>=? AND ended=0", a.now, h.lines[kind], h.run, kind, base)
	return err
}

// setAside takes rows from number from on out of view: segments and chunks
// are kept aside for the undelete window, what straddles is cut. The counters
// of rows follow; those of lines are the caller's.
func (t *Tx) setAside(h *hist, stream ballast.Stream, from, now int64) error {
	kind := int(stream)
	for _, q := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) SELECT run, kind, ?, row0, nvis, store, object, NULL, ? FROM segment WHERE run=? AND kind=? AND row0+nvis>?",
			[]any{h.gen, now, h.run, kind, from}},
		{"DELETE FROM segment WHERE run=? AND kind=? AND row0>=?", []any{h.run, kind, from}},
		{"UPDATE segment SET nvis=?-row0 WHERE run=? AND kind=? AND row0+nvis>?", []any{from, h.run, kind, from}},
		{"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) SELECT run, kind, ?, row0, nrow, 0, '', data, ? FROM tail WHERE run=? AND kind=? AND row0+nrow>?",
			[]any{h.gen, now, h.run, kind, from}},
		{"DELETE FROM tail WHERE run=? AND kind=? AND row0>=?", []any{h.run, kind, from}},
		{"UPDATE tail SET nrow=?-row0 WHERE run=? AND kind=? AND row0+nrow>?", []any{from, h.run, kind, from}},
	} {
		if _, err := t.exec(q.text, q.args...); err != nil {
			return err
		}
	}
	if from < h.sealed[kind] {
		if err := t.runManifestDue(h.run); err != nil {
			return err
		}
	}
	h.nrow[kind] = min(h.nrow[kind], from)
	h.sealed[kind] = min(h.sealed[kind], from)
	if stream == ballast.History {
		if err := t.cutErasures(h.run, from); err != nil {
			return err
		}
		return t.startAgain(h.run, from)
	}
	return nil
}

// setConsoleAside takes versions below a sequence out of view.
func (t *Tx) setConsoleAside(h *hist, mark, now int64) error {
	for _, q := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) SELECT run, 2, ?, line0, line_count, 0, '', data, ? FROM console WHERE run=? AND seq<?",
			[]any{h.gen, now, h.run, mark}},
		{"DELETE FROM console WHERE run=? AND seq<?", []any{h.run, mark}},
		{"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) SELECT run, 2, ?, line0, line_count, store, object, NULL, ? FROM console_block WHERE run=?",
			[]any{h.gen, now, h.run}},
		{"DELETE FROM console_block WHERE run=?", []any{h.run}},
	} {
		if _, err := t.exec(q.text, q.args...); err != nil {
			return err
		}
	}
	return t.row("SELECT COALESCE(MAX(line0+line_count), 0) FROM console WHERE run=?", h.run).Scan(&h.lines[ballast.Output])
}
