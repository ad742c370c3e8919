// Package filestream reads the body of a file stream request: outer JSON and
// the JSON lines inside it in one scan, straight into a columnar chunk.
//
// A body is taken whole or not at all: one line that is no JSON object makes
// the request ballast.Invalid and nothing of it counts. The SDK never sends
// such a line, and storing the others would shift the line numbers that make
// re-sending safe. A byte that is not UTF-8 becomes U+FFFD, as in
// encoding/json. Whatever is JSON is stored, since a refusal ends the client's
// stream for good (docs/design/091): what is nested too deep as a text, values
// beyond the limit of a line together as one text, a key that is too long by
// its beginning and a hash.
package filestream

import (
	"github.com/ballast-ml/ballast/internal/history"
)

// The files of a stream, as the SDK names them (PROTOCOL section 3).
const (
	HistoryFile = "wandb-history.jsonl"
	EventsFile  = "wandb-events.jsonl"
	SummaryFile = "wandb-summary.json"
	OutputFile  = "output.log"
)

// Limits of one request.
const (
	MaxDepth    = 64      // nested objects and lists of a line, the line included
	MaxLineKeys = 200_000 // values of one line after flattening
	MaxLines    = history.MaxChunkRows
	MaxKeyBytes = history.MaxKeyBytes // of one flattened key
	maxRepeats  = 1000                // objects of one line that repeat a key
	maxScratch  = 16 << 20            // bytes a decoder keeps
)

// Request is what a body says. Every part may be absent; "{}" is a heartbeat.
type Request struct {
	History       *Rows   // nil: no lines
	Events        *Rows   // nil: no lines
	Output        *Output // nil: no lines
	Summary       []byte  // last line of wandb-summary.json, raw JSON with bare NaN tokens; nil: none
	SummaryOffset int64
	Uploaded      []string
	Preempting    bool
	Complete      *bool
	ExitCode      *int
	Dropped       int
	Failed        bool
	Unknown       []string // names of files that are not understood and were ignored
	Points        int      // values in History and Events
}

// Rows are lines of a stream, encoded as one chunk.
type Rows struct {
	Offset    int64 // line number of the first
	Lines     int
	Chunk     []byte // docs/format/chunk-v1.md
	FirstHash uint64 // of the first line; never 0
	Bytes     int    // of the lines as they came
	StepMin   int64  // of the rows that have a _step; StepMin > StepMax when none has
	StepMax   int64
}

// Hashes returns a hash of each line, comparable with history.Chunk.RowHashes
// of what is stored.
func (r *Rows) Hashes() ([]uint64, error) {
	c, err := history.OpenChunk(r.Chunk)
	if err != nil {
		return nil, err
	}
	return c.RowHashes(nil)
}

// Output are console lines from line number Offset on.
type Output struct {
	Offset int64
	Lines  [][]byte // UTF-8, as the SDK formats them (PROTOCOL section 3)
}

// Decoder holds scratch memory. One goroutine uses it at a time: keep a fixed
// number of them, as many as there are cores. The zero value is ready.
type Decoder struct {
	history, events history.Builder
	line            []byte // the present line without escapes
	name            []byte // of an outer member, or of a member of a line
	key             []byte // flattened
	quoted          []byte
}

// Decode reads a body. The result shares no memory with body or scratch.
// Every fault is ballast.Invalid, and nothing of the body counts then.
func Decode(body []byte, scratch *Decoder) (*Request, error) {
	defer scratch.trim()
	scratch.history.Reset()
	scratch.events.Reset()
	p := &outer{scanner: scanner{buf: body}, d: scratch, req: &Request{}}
	if err := p.body(); err != nil {
		return nil, err
	}
	return p.req, nil
}

// trim lets go of memory that one large request needed.
func (d *Decoder) trim() {
	if d.history.Size()+d.events.Size()+cap(d.line)+cap(d.key) > maxScratch {
		*d = Decoder{}
	}
}
