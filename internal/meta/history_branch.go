package meta

import (
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// LockRows locks the rows of a run for the rest of the transaction and returns
// their generation: the numbers of rows mean the same as long as it does not
// change.
func (t *Tx) LockRows(run int64) (gen int64, err error) {
	h, err := t.lockRun(run)
	if err != nil {
		return 0, err
	}
	return h.gen, nil
}

// RewindRows takes history from row number rows on out of view, as
// resume_from asks, and with it console lines and system metrics, which begin
// anew (PRODUCT 3.13). It returns the line that the process writes next. The
// summary is the caller's: SetBaseSummary.
func (t *Tx) RewindRows(run, rows int64, now time.Time) (int64, error) {
	h, err := t.lockRun(run)
	if err != nil {
		return 0, err
	}
	if rows < 0 || rows > h.nrow[0] {
		return 0, ballast.Errorf(ballast.Invalid, "run %d has %d rows: it cannot be rewound to row %d", run, h.nrow[0], rows)
	}
	// Rows inherited by a fork have no lines of this run.
	lines := max(0, rows-(h.nrow[0]-h.lines[0]))
	a := &appender{t: t, now: micros(now)}
	for _, kind := range []int{0, 1} {
		if err := a.endSession(h, kind, lines*int64(1-kind)); err != nil {
			return 0, err
		}
	}
	if err := t.noteCut(h, lines, a.now); err != nil {
		return 0, err
	}
	if err := t.setAside(h, ballast.History, rows, a.now); err != nil {
		return 0, err
	}
	if err := t.setAside(h, ballast.Events, 0, a.now); err != nil {
		return 0, err
	}
	if err := t.setConsoleAside(h, h.oSeq, a.now); err != nil {
		return 0, err
	}
	h.lines[0], h.lines[1], h.base, h.hFirst, h.gapSince = lines, 0, lines, 0, 0
	if _, err := t.exec("DELETE FROM gap WHERE run=? AND (kind<>0 OR line0>=?)", run, lines); err != nil {
		return 0, err
	}
	if err := t.row("SELECT COALESCE(SUM(line_count), 0) FROM gap WHERE run=?", run).Scan(&h.gaps); err != nil {
		return 0, err
	}
	if _, err := t.exec("DELETE FROM run_system WHERE run=?", run); err != nil {
		return 0, err
	}
	h.gen++
	h.touch(a.now)
	if err := t.recountTail(h); err != nil {
		return 0, err
	}
	return lines, t.saveHist(h)
}

// noteCut notes which line the process would send next whose session began
// before the cut, and goes on being that of the lines that stay: by this it is
// recognized when it does.
func (t *Tx) noteCut(h *hist, lines, now int64) error {
	if lines == h.lines[0] {
		return nil
	}
	_, err := t.exec("INSERT INTO hist_session (run, kind, gen, base, row0, first_hash, next_line, ended) VALUES (?,0,?,?,?,0,?,?)"+
		t.dialect.upsert("run, kind, gen, base", "next_line", "ended"), h.run, h.gen, lines, h.nrow[0]-h.lines[0]+lines, h.lines[0], now)
	return err
}

// ForkRows makes the first rows of a run's history the beginning of another,
// empty run's, as fork_from asks. Segments are shared: an object lives as long
// as any row names it, so later changes to the parent do not matter. The
// child's process starts at line 0, behind its prefix. The summary is the
// caller's: SetBaseSummary.
func (t *Tx) ForkRows(parent, child, rows int64, now time.Time) error {
	locked, err := t.lockHist(distinct([]int64{parent, child}))
	if err != nil {
		return err
	}
	p, c := locked[parent], locked[child]
	if p == nil || c == nil {
		return notFound("run %d or run %d does not exist", parent, child)
	}
	if c.nrow[0] != 0 || c.lines[0] != 0 {
		return ballast.Errorf(ballast.Conflict, "run %d has rows already: it cannot become a fork", child)
	}
	rows = min(rows, p.nrow[0])
	cut := "CASE WHEN row0 + %s > ? THEN ? - row0 ELSE %s END"
	segments := "INSERT INTO segment (" + segmentColumns + ") SELECT ?, kind, row0, nrow, " + strings.ReplaceAll(cut, "%s", "nvis") +
		", level, store, object, bytes, points, step_min, step_max, dir_off, dir_len, dir FROM segment WHERE run=? AND kind=0 AND row0<?"
	if _, err := t.exec(segments, child, rows, rows, parent, rows); err != nil {
		return err
	}
	chunks := "INSERT INTO tail (run, kind, row0, nrow, data) SELECT ?, kind, row0, " + strings.ReplaceAll(cut, "%s", "nrow") + ", data FROM tail WHERE run=? AND kind=0 AND row0<?"
	if _, err := t.exec(chunks, child, rows, rows, parent, rows); err != nil {
		return err
	}
	if err := t.forkErasures(parent, child, rows); err != nil {
		return err
	}
	c.nrow[0], c.sealed[0], c.tailSince = rows, min(rows, p.sealed[0]), micros(now)
	c.touch(micros(now))
	if err := t.recountTail(c); err != nil {
		return err
	}
	return t.saveSegments(c)
}
