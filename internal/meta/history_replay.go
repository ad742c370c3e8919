package meta

import (
	"slices"

	"github.com/ballast-ml/ballast"
)

// A process that resumes may be a second sync of a session that resumed
// before: it was told that the run has n lines, and sends again, from line n
// on, what is stored further up. Its first line tells (docs/design/002). Such a
// session is noted in hist_session with the negative distance as next_line,
// and in hist with the negative of its base.

// replayed returns a request of a session that sends again what is stored with
// the line numbers that it had there; any other request as it is.
func (a *appender) replayed(h *hist, p *Append) (*Append, error) {
	if p.Writer != "" || h.base == 0 {
		return p, nil
	}
	if h.base > 0 {
		if begins, err := a.beginReplay(h, p.History); !begins || err != nil {
			return p, err
		}
	}
	if err := a.loadSessions(h); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(h.sessions, func(s session) bool {
		return s.kind == int(ballast.History) && s.gen == h.gen && s.base == -h.base && s.next < 0
	})
	if i < 0 {
		return p, nil
	}
	return h.moved(p, h.sessions[i].next), nil
}

// beginReplay notes that a session sends again what an earlier one stored, when
// its first line is the earlier one's.
func (a *appender) beginReplay(h *hist, r *Rows) (bool, error) {
	if r == nil || r.Lines == 0 || h.hFirst != 0 || r.Offset != h.base || r.Offset != h.lines[0] {
		return false, nil
	}
	if err := a.loadSessions(h); err != nil {
		return false, err
	}
	i := slices.IndexFunc(h.sessions, func(s session) bool {
		return s.kind == int(ballast.History) && s.gen == h.gen && s.ended == 0 && s.next >= 0 && s.base < h.base && s.first == int64(r.First)
	})
	if i < 0 {
		return false, nil
	}
	earlier := h.sessions[i]
	s := session{kind: int(ballast.History), gen: h.gen, base: h.base, row0: earlier.row0, first: earlier.first, next: earlier.base - h.base}
	h.sessions = append(slices.DeleteFunc(h.sessions, func(o session) bool { return o.kind == s.kind && o.gen == s.gen && o.base == s.base }), s)
	h.base, h.hFirst, h.touched = -h.base, s.first, true
	a.begun.args = append(a.begun.args, h.run, s.kind, s.gen, s.base, s.row0, s.first, s.next, 0)
	return true, a.begun.added(0)
}

// moved is a request with its history lines moved by a distance. Events and
// console lines have no mark to be known by: as long as the session brings no
// new row they are taken for known, after that they follow what is there.
func (h *hist) moved(p *Append, by int64) *Append {
	q := *p
	end := int64(0)
	if p.History != nil {
		r := *p.History
		r.Offset += by
		q.History, end = &r, r.Offset+int64(r.Lines)
	}
	if h.lines[0] == -h.base && end <= h.lines[0] {
		q.Events, q.Output, q.System = nil, nil, nil
		return &q
	}
	if p.Events != nil {
		r := *p.Events
		r.Offset = min(r.Offset, h.lines[1])
		q.Events = &r
	}
	if p.Output != nil {
		o := *p.Output
		o.Offset = min(o.Offset, h.lines[2])
		q.Output = &o
	}
	return &q
}
