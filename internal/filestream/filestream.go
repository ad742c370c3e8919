// Package filestream reads the body of a file stream request: outer JSON and
// the JSON lines inside it in one scan, straight into a columnar chunk.
package filestream

import "github.com/ballast-ml/ballast/internal/history"

// Request is what a body says. Every part may be absent; "{}" is a heartbeat.
type Request struct {
	History       *Rows
	Events        *Rows
	Output        *Output
	Summary       []byte // last line of wandb-summary.json, raw JSON with bare NaN tokens; nil: none
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

// Skip drops the first n lines: it re-encodes the chunk.
func (r *Rows) Skip(n int) error { panic("TODO") }

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

// Decoder holds scratch memory. One goroutine uses it at a time; keep a fixed
// number of them.
type Decoder struct{}

// Decode reads a body. The result shares no memory with body or scratch.
// Every fault is ballast.Invalid and nothing of the body counts then.
func Decode(body []byte, scratch *Decoder) (*Request, error) { panic("TODO") }
