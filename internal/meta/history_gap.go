package meta

import (
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// admit decides whether a request may be stored now. One that is ahead of the
// next line waits for half a minute, since the missing request may be on its
// way through another replica; then the hole is accepted. Never a status that
// ends the run, unless it is certain that another process took it over: its
// session was superseded, it would go on exactly here, and meanwhile the
// present session went on, which a single process, sending one request after
// the other, cannot have done.
func (a *appender) admit(h *hist, p *Append) (Outcome, time.Duration, error) {
	for kind, r := range [...]*Rows{p.History, p.Events} {
		if r == nil || r.Lines == 0 {
			continue
		}
		theirs, err := a.theirs(h, kind, p.Writer, r)
		if err != nil {
			return Stored, 0, err
		}
		next := h.next(kind, p.Writer)
		switch {
		case theirs == nil:
			if r.Offset <= next {
				continue
			}
		case h.done() || h.state.Ended() && r.Offset > next || h.gapSince < 0 && theirs.first == int64(r.First):
			return Superseded, 0, nil
		case theirs.first != int64(r.First): // refused for the first time: from now on it is known by its first line
			h.gapSince = 0
			if err := a.noteRefused(h, theirs, r); err != nil {
				return Stored, 0, err
			}
		}
		waited := time.Duration(a.now-h.gapSince) * time.Microsecond
		if h.gapSince > 0 && waited > gapForgotten {
			h.gapSince = 0 // that gap was filled long ago
		}
		switch {
		case h.gapSince <= 0:
			h.gapSince, h.touched = a.now, true
			return Ahead, gapRetry, nil
		case waited < gapPatience:
			return Ahead, min(gapRetry, gapPatience-waited), nil
		}
	}
	return Stored, 0, nil
}

// theirs finds the superseded session that rows look like: they begin at the
// line where it would go on, wherever the present session is. This alone is no
// proof: the present process may send again what it began there, and a second
// sync cuts the stream anew. It is one when the present session is over, or
// goes on while the very same request waits. Exactly at the next line it may
// well be the present process, unless that has said that it is done.
func (a *appender) theirs(h *hist, kind int, writer string, r *Rows) (*session, error) {
	if writer != "" || r.Offset == 0 || r.Offset == h.next(kind, writer) && !h.done() {
		return nil, nil
	}
	if err := a.loadSessions(h); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(h.sessions, func(s session) bool { return s.kind == kind && s.ended > 0 && s.next == r.Offset })
	if i < 0 {
		return nil, nil
	}
	return &h.sessions[i], nil
}

// done reports whether the run's process said that it sends nothing more.
func (h *hist) done() bool { return h.state == ballast.Finished || h.state == ballast.Failed }

// noteRefused keeps the first line of what a superseded session sent in vain,
// in the place of the line that it began with, which nothing is compared with
// any more.
func (a *appender) noteRefused(h *hist, s *session, r *Rows) error {
	s.first = int64(r.First)
	_, err := a.t.exec("UPDATE hist_session SET first_hash=? WHERE run=? AND kind=? AND gen=? AND base=?", s.first, h.run, s.kind, s.gen, s.base)
	return err
}

// giveUp accepts that lines [line, line+n) are missing. Rows are left free for
// them, so that they find their place when they come after all; the processes
// of a shared run share the row numbers, so theirs are only counted.
func (a *appender) giveUp(h *hist, kind int, writer string, line, n int64) error {
	h.gaps += n
	h.gapSince = 0
	if writer != "" {
		return nil
	}
	h.nrow[kind] += n
	h.lines[kind] += n
	_, err := a.t.exec("INSERT INTO gap (run, kind, line0, line_count, noted) VALUES (?,?,?,?,?)", h.run, kind, line, n, a.now)
	return err
}

// fillHoles stores those lines of a request that fall into holes.
func (a *appender) fillHoles(h *hist, kind int, r *Rows) (bool, error) {
	type hole struct{ line0, n, noted int64 }
	var holes []hole
	end := r.Offset + int64(r.Lines)
	err := a.t.each("SELECT line0, line_count, noted FROM gap WHERE run=? AND kind=? AND line0<? AND line0+line_count>? ORDER BY line0",
		[]any{h.run, kind, end, r.Offset}, func(s scannable) error {
			var g hole
			err := s.Scan(&g.line0, &g.n, &g.noted)
			holes = append(holes, g)
			return err
		})
	if err != nil {
		return false, err
	}
	shift := h.nrow[kind] - h.lines[kind]
	for _, g := range holes {
		from, to := max(r.Offset, g.line0), min(end, g.line0+g.n)
		data, err := r.without(int(from-r.Offset), "", 0)
		if err != nil {
			return false, err
		}
		if err := a.chunk(h, kind, from+shift, to-from, data); err != nil {
			return false, err
		}
		h.gaps -= to - from
		if _, err := a.t.exec("DELETE FROM gap WHERE run=? AND kind=? AND line0=?", h.run, kind, g.line0); err != nil {
			return false, err
		}
		for _, left := range []hole{{g.line0, from - g.line0, g.noted}, {to, g.line0 + g.n - to, g.noted}} {
			if left.n == 0 {
				continue
			}
			if _, err := a.t.exec("INSERT INTO gap (run, kind, line0, line_count, noted) VALUES (?,?,?,?,?)", h.run, kind, left.line0, left.n, left.noted); err != nil {
				return false, err
			}
		}
	}
	return len(holes) > 0, nil
}
