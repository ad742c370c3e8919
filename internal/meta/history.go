package meta

import (
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
	Preempting   bool
	Complete     bool // the process ended with ExitCode
	ExitCode     int
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
	Removed                   // the run was deleted
	Bad                       // Err says why
)

// Appended is the answer to an Append.
type Appended struct {
	Outcome    Outcome
	Stopped    bool // a person asked the process to stop
	RetryAfter time.Duration
	Err        error
	Project    int64
	Gap        int64 // lines given up as missing by this request
	NewSession bool  // rows of an earlier process were set aside
	Ended      bool
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
}

// Chunk is a tail chunk at rest: rows [Row0, Row0+Rows). Data may hold more
// rows than Rows (a rewind cut them).
type Chunk struct {
	Row0 int64
	Rows int
	Data []byte
}

// AppendStreams stores a pool of requests in one transaction and answers each
// (ENGINE section 5): offsets make a repeated request harmless, and requests
// of one run are taken in the order given. An error means that nothing of the
// pool is stored; what is wrong with one request is in its Appended.
func (t *Tx) AppendStreams(pool []Append, now time.Time) ([]Appended, error) {
	panic("TODO")
}

// BeginSession notes that a process opened an existing run. A resumed one
// goes on where the rows end; any other may start again at line 0, and its
// first line then tells whether it repeats what is stored or replaces it.
func (t *Tx) BeginSession(runID int64, resumed bool) error {
	panic("TODO")
}

// StreamView returns one stream of a run.
func (t *Tx) StreamView(runID int64, stream ballast.Stream) (StreamView, error) {
	panic("TODO")
}

// StreamViews returns the same stream of many runs, in the order asked; runs
// that do not exist are left out.
func (t *Tx) StreamViews(runIDs []int64, stream ballast.Stream) ([]StreamView, error) {
	panic("TODO")
}

// Tail returns the chunks of a stream that are not sealed, in row order.
func (t *Tx) Tail(runID int64, stream ballast.Stream) ([]Chunk, error) {
	panic("TODO")
}
