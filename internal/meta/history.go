package meta

import (
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// Append is what one request of a run's file stream asks to be stored: all of
// it or nothing.
type Append struct {
	Run     int64
	Writer  string // the client id of a process of a shared run, "" otherwise
	History *Rows  // nil: none
	Events  *Rows
	Output  *Lines
	Summary []byte // the whole summary, s2 of JSON; nil: unchanged
	// System makes the new s2 body of the last system metrics from the stored
	// one (nil for none); nil leaves it alone. MergeSummary does the same for
	// the summary of a shared run, where each process sends its own part.
	System       func(old []byte) ([]byte, error)
	MergeSummary func(old []byte) ([]byte, error)
	// OverBase lays Summary over what a forked or rewound run's summary begins
	// with, both s2 bodies. Needed where Summary is set.
	OverBase func(base []byte) ([]byte, error)
	// Derive, when it is set, makes the summary in the place of Summary and
	// MergeSummary: the client leaves it to the server.
	Derive     func(Derivation) (state, summary []byte, err error)
	Preempting bool
	Complete   bool // the process ended with ExitCode
	ExitCode   int
}

// Rows are consecutive lines of history or events, as a tail chunk.
type Rows struct {
	Offset int64  // the number of the first line
	Lines  int    // at least 1
	First  uint64 // hash of the first line, never 0
	Data   []byte // the chunk
	// Cut re-encodes the chunk without its first skip lines. row0 is the number
	// that the first kept row gets, or -1: a shared run's rows have it as _step.
	Cut func(skip int, row0 int64) ([]byte, error)

	stored []byte // the part of Data that was new, as it was stored
}

// Derivation is what a summary is derived from. State and Summary are s2
// bodies, nil for none.
type Derivation struct {
	State   []byte // what was kept of the rows before
	Summary []byte // the summary there is, which is what counts without a State
	Config  []byte // the run's, JSON
	Chunk   []byte // the rows that were stored now; nil: none
}

// Lines are consecutive console lines; one that exists is replaced.
type Lines struct {
	Offset int64
	Count  int
	Data   []byte // docs/format/console-v1.md
}

// Outcome says what became of an Append.
type Outcome uint8

// The outcomes of an Append.
const (
	Stored     Outcome = iota // durable now
	Known                     // had been stored before
	Ahead                     // lines before it are missing: send it again after RetryAfter
	Superseded                // another process took the run over
	NoRun                     // there is no such run
)

// Appended is the answer to an Append.
type Appended struct {
	Outcome    Outcome
	Stopped    bool // a person asked the process to stop
	RetryAfter time.Duration
	Project    int64
	Gap        int64 // lines given up as missing by this request
	NewSession bool  // rows of an earlier process were set aside
	JustEnded  bool  // this request ended the run
	OutputSeq  int64 // of the next console version, when the request had lines
	TailBytes  int64 // of the run, after this request
	TailChunks int
	Gen        int64
}

// StreamView is everything that is visible of one stream of a run at one
// moment: rows of Segments (each up to Visible), then rows of Tail. Both are
// in row order and do not overlap. Rows of a hole are in neither.
type StreamView struct {
	Run      int64
	Stream   ballast.Stream
	Live     ballast.Live
	Rows     int64 // the next row number
	Sealed   int64
	Segments []Segment
	Tail     []Chunk
	Erased   []Erasure // of history: values that are stored and no longer part of it
}

// Chunk is a tail chunk at rest: rows [Row0, Row0+Rows). Data may hold more
// rows than Rows (a rewind cut them).
type Chunk struct {
	Row0 int64
	Rows int
	Data []byte
}

// StreamView returns one stream of a run, history or events.
func (t *Tx) StreamView(runID int64, stream ballast.Stream) (StreamView, error) {
	all, err := t.StreamViews([]int64{runID}, stream)
	if err != nil {
		return StreamView{}, err
	}
	if len(all) == 0 {
		return StreamView{}, notFound("run %d does not exist", runID)
	}
	return all[0], nil
}

// StreamViews returns the same stream of many runs, in the order asked; runs
// that do not exist are left out.
func (t *Tx) StreamViews(runIDs []int64, stream ballast.Stream) ([]StreamView, error) {
	views := make([]StreamView, 0, len(runIDs))
	place := make(map[int64]int, len(runIDs))
	live, err := t.readHist(runIDs)
	if err != nil {
		return nil, err
	}
	for _, id := range runIDs {
		h := live[id]
		if _, twice := place[id]; h == nil || twice {
			continue
		}
		place[id] = len(views)
		views = append(views, StreamView{Run: id, Stream: stream, Live: h.live(), Rows: h.nrow[stream], Sealed: h.sealed[stream]})
	}
	for part := range slices.Chunk(views, 500) {
		if err := t.fillViews(part, views, place, stream); err != nil {
			return nil, err
		}
	}
	return views, t.fillErased(views)
}

// fillErased reads what is hidden of views of history.
func (t *Tx) fillErased(views []StreamView) error {
	if len(views) == 0 || views[0].Stream != ballast.History {
		return nil
	}
	runs := make([]int64, len(views))
	for i := range views {
		runs[i] = views[i].Run
	}
	erased, err := t.Erasures(runs)
	for i := range views {
		views[i].Erased = erased[views[i].Run]
	}
	return err
}

// readHist reads rows of hist without locking them.
func (t *Tx) readHist(runs []int64) (map[int64]*hist, error) {
	snapshot := *t
	snapshot.readOnly = true
	return snapshot.lockHist(runs)
}

// fillViews reads segments and chunks of part of the views.
func (t *Tx) fillViews(part, views []StreamView, place map[int64]int, stream ballast.Stream) error {
	args := make([]any, len(part)+1)
	for i := range part {
		args[i] = part[i].Run
	}
	args[len(part)] = int(stream)
	where := " WHERE run IN (" + placeholders(len(part)) + ") AND kind=? ORDER BY run, row0"
	err := t.each("SELECT "+segmentColumns+" FROM segment"+where, args, func(s scannable) error {
		var g Segment
		if err := scanSegment(s, &g); err != nil {
			return err
		}
		v := &views[place[g.Run]]
		v.Segments = append(v.Segments, g)
		return nil
	})
	if err != nil {
		return err
	}
	return t.each("SELECT run, row0, nrow, data FROM tail"+where, args, func(s scannable) error {
		var run int64
		var c Chunk
		if err := s.Scan(&run, &c.Row0, &c.Rows, &c.Data); err != nil {
			return err
		}
		v := &views[place[run]]
		v.Tail = append(v.Tail, c)
		return nil
	})
}

// TailView is StreamView without segments.
func (t *Tx) TailView(runID int64, stream ballast.Stream) (StreamView, error) {
	v, err := t.Counters(runID, stream)
	if err != nil {
		return v, err
	}
	v.Tail, err = t.Tail(runID, stream)
	return v, err
}

// each calls fn for every row of a query.
func (t *Tx) each(query string, args []any, fn func(scannable) error) error {
	rows, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Tail returns the chunks of a stream that are not sealed, in row order.
func (t *Tx) Tail(runID int64, stream ballast.Stream) ([]Chunk, error) {
	var all []Chunk
	err := t.each("SELECT row0, nrow, data FROM tail WHERE run=? AND kind=? ORDER BY row0", []any{runID, int(stream)}, func(s scannable) error {
		var c Chunk
		err := s.Scan(&c.Row0, &c.Rows, &c.Data)
		all = append(all, c)
		return err
	})
	return all, err
}
