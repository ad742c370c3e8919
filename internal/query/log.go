package query

import (
	"context"
	"io"
	"time"
)

// LogRequest asks for console lines of a run: a range, a tail or a search.
type LogRequest struct {
	From int64 // first line
	N    int   // lines wanted, at most 10000; 0: 500
	Tail bool  // the last N lines instead of From

	Search string // also report the lines that contain this text
	Regexp bool   // Search is a regular expression (RE2)
	Case   bool   // letters must match in case
	Level  string // only report matches of this level
}

// LogLine is a console line.
type LogLine struct {
	Number int64
	Time   time.Time // zero: unknown
	Level  string    // "error" or ""
	Label  string
	Text   string
}

// Logs is a range of a run's console.
type Logs struct {
	Total   int64 // lines of the console
	Lines   []LogLine
	Matches []int64 // line numbers that match Search, at most 10000
	More    bool    // there are more matches
}

// Logs returns console lines of a run.
func (q *Query) Logs(ctx context.Context, runID int64, lr LogRequest) (*Logs, error) {
	panic("TODO")
}

// WriteLogs writes the whole console as plain text, one line each.
func (q *Query) WriteLogs(ctx context.Context, runID int64, w io.Writer) error {
	panic("TODO")
}

// LogPage is a page of the logLines connection.
type LogPage struct {
	Total   int64
	Lines   []LogLine
	Cursors []string // of each line
	More    bool
}

// LogPage returns up to first lines after a cursor, or the last lines when
// last > 0. first 0 is 1000; at most 10000 lines a page.
func (q *Query) LogPage(ctx context.Context, runID int64, first int, after string, last int) (*LogPage, error) {
	panic("TODO")
}
