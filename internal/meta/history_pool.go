package meta

import (
	"time"

	"github.com/ballast-ml/ballast"
)

// Limits of the commit protocol.
const (
	gapPatience = 30 * time.Second // how long a missing request may be on its way
	gapRetry    = 5 * time.Second  // when to send again what is ahead of a gap
	// gapForgotten is the age at which a gap that somebody waited for is another
	// one: whoever is ahead asks every few seconds, at the least every minute.
	gapForgotten = 5 * time.Minute
	changeEvery  = 500 * time.Millisecond
)

// hist is a row of the table of that name, in memory while its lock is held.
type hist struct {
	run, project         int64
	state                ballast.State
	exitCode             int
	stop                 bool
	heartbeat, ended     int64
	lines                [3]int64 // of history, events, output
	nrow, sealed         [2]int64 // of history, events
	oSeq                 int64
	hFirst, base         int64
	gaps, gapSince       int64 // gapSince < 0: the run's writer went on since -gapSince
	gen                  int64
	tailBytes            int64
	tailChunks           int64
	tailSince            int64
	ver, changed         int64
	touched, sessionsGot bool
	sessions             []session
	writers              map[writerKey]int64 // lines of the processes of a shared run
}

// session is a row of hist_session.
type session struct {
	kind                                int
	gen, base, row0, first, next, ended int64
}

type writerKey struct {
	kind   int
	writer string
}

const histColumns = `run, project_id, state, exit_code, stop, heartbeat, ended, h_lines, e_lines, o_lines, nrow, sealed, e_nrow, e_sealed,
	o_seq, h_first, base, gaps, gap_since, gen, tail_bytes, tail_chunks, tail_since, ver, changed`

const histColumnCount = 25

func scanHist(s scannable, h *hist) error {
	return s.Scan(&h.run, &h.project, &h.state, &h.exitCode, &h.stop, &h.heartbeat, &h.ended, &h.lines[0], &h.lines[1], &h.lines[2],
		&h.nrow[0], &h.sealed[0], &h.nrow[1], &h.sealed[1], &h.oSeq, &h.hFirst, &h.base, &h.gaps, &h.gapSince, &h.gen,
		&h.tailBytes, &h.tailChunks, &h.tailSince, &h.ver, &h.changed)
}

func (h *hist) values(dst []any) []any {
	stop := 0
	if h.stop {
		stop = 1
	}
	return append(dst, h.run, h.project, string(h.state), h.exitCode, stop, h.heartbeat, h.ended, h.lines[0], h.lines[1], h.lines[2],
		h.nrow[0], h.sealed[0], h.nrow[1], h.sealed[1], h.oSeq, h.hFirst, h.base, h.gaps, h.gapSince, h.gen,
		h.tailBytes, h.tailChunks, h.tailSince, h.ver, h.changed)
}

func (h *hist) live() ballast.Live {
	return ballast.Live{
		State: h.state, ExitCode: h.exitCode, Stop: h.stop, Heartbeat: fromMicros(h.heartbeat),
		HistoryLines: h.lines[0], EventLines: h.lines[1], OutputLines: h.lines[2], Rows: h.nrow[0], EventRows: h.nrow[1],
		Gaps: h.gaps, Gen: h.gen, Ver: h.ver, Changed: fromMicros(h.changed),
	}
}

// lockHist locks the rows of runs in ascending order, which is what every
// change of a run's streams does first, and returns those that exist.
func (t *Tx) lockHist(runs []int64) (map[int64]*hist, error) {
	all := make(map[int64]*hist, len(runs))
	for len(runs) > 0 {
		n := min(len(runs), 500)
		args := make([]any, n)
		for i, id := range runs[:n] {
			args[i] = id
		}
		rows, err := t.query("SELECT "+histColumns+" FROM hist WHERE run IN ("+placeholders(n)+") ORDER BY run"+t.forUpdate(), args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			h := new(hist)
			if err := scanHist(rows, h); err != nil {
				rows.Close()
				return nil, err
			}
			all[h.run] = h
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, err
		}
		runs = runs[n:]
	}
	return all, nil
}

// lockRun locks one run's row; NotFound when there is none.
func (t *Tx) lockRun(run int64) (*hist, error) {
	all, err := t.lockHist([]int64{run})
	if err != nil {
		return nil, err
	}
	if all[run] == nil {
		return nil, notFound("run %d has no streams: it was removed", run)
	}
	return all[run], nil
}

// saveHist writes changed rows back.
func (t *Tx) saveHist(all ...*hist) error {
	b := batch{t: t, table: "hist", columns: histColumns, width: histColumnCount, tail: t.dialect.upsert("run",
		"state", "exit_code", "stop", "heartbeat", "ended", "h_lines", "e_lines", "o_lines", "nrow", "sealed", "e_nrow", "e_sealed",
		"o_seq", "h_first", "base", "gaps", "gap_since", "gen", "tail_bytes", "tail_chunks", "tail_since", "ver", "changed")}
	for _, h := range all {
		b.args = h.values(b.args)
		if err := b.added(0); err != nil {
			return err
		}
	}
	return b.flush()
}

// touch notes that readers have something new to see.
func (h *hist) touch(now int64) {
	h.ver++
	if now-h.changed >= changeEvery.Microseconds() || h.changed > now {
		h.changed = now
	}
}

// recountTail computes what the tail of a run holds.
func (t *Tx) recountTail(h *hist) error {
	return t.row("SELECT COUNT(*), COALESCE(SUM(LENGTH(data)), 0) FROM tail WHERE run=?", h.run).Scan(&h.tailChunks, &h.tailBytes)
}

// batch writes many rows in few statements of bounded size.
type batch struct {
	t       *Tx
	table   string
	columns string
	width   int    // number of columns
	tail    string // what follows the rows
	args    []any
	bytes   int
}

// Bounds of a statement: bytes of blobs, which escaping may double on their
// way to MySQL, and values.
const (
	maxStatement = 3 << 20
	maxValues    = 16000
)

// added says that a row of args was added, holding blobs of some bytes.
func (b *batch) added(bytes int) error {
	b.bytes += bytes
	if b.bytes < maxStatement && len(b.args) < maxValues-b.width {
		return nil
	}
	return b.flush()
}

func (b *batch) flush() error {
	if len(b.args) == 0 {
		return nil
	}
	err := b.insert(b.args)
	clear(b.args)
	b.args, b.bytes = b.args[:0], 0
	return err
}

func (b *batch) insert(args []any) error {
	query := "INSERT INTO " + b.table + " (" + b.columns + ") VALUES "
	if !b.t.dialect.keepsStatements {
		return b.t.execLater(b.bytes+20*len(args), query+rowPlaceholders(len(args)/b.width, b.width)+b.tail, args)
	}
	for _, step := range rowSteps {
		for n := step * b.width; len(args) >= n; args = args[n:] {
			if _, err := b.t.exec(query+rowPlaceholders(step, b.width)+b.tail, args[:n]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowSteps are the numbers of rows of an INSERT that is kept: few, so that few
// texts are.
var rowSteps = [...]int{256, 64, 16, 4, 1}

// rowPlaceholders returns "(?,?),(?,?)" for rows of width values.
func rowPlaceholders(rows, width int) string {
	one := "(" + placeholders(width) + ")"
	b := make([]byte, 0, rows*(len(one)+1))
	for i := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, one...)
	}
	return string(b)
}
