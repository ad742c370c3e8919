package query

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	maxLogLines   = 10_000
	maxLogMatches = 10_000
	// logPageBytes is how much text one page of lines carries, so that long
	// lines do not make it huge.
	logPageBytes = 16 << 20
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
	Label  string // only report matches of this process of a shared run

	// Only turns From, N and Tail into places among the lines that match, and
	// leaves the others out.
	Only bool
}

// LogLine is a console line.
type LogLine struct {
	Number int64
	Time   time.Time // zero: unknown
	Level  string    // "error" or ""
	Label  string
	Text   string

	Updates int // how often its text was replaced
}

// Logs is a range of a run's console.
type Logs struct {
	Total   int64 // lines of the console
	Found   int64 // lines that match, with Only
	Lines   []LogLine
	Matches []int64 // line numbers that match Search, at most 10000
	More    bool    // there are more matches
}

// Logs returns console lines of a run.
func (q *Query) Logs(ctx context.Context, runID int64, lr LogRequest) (*Logs, error) {
	switch {
	case lr.N < 0 || lr.N > maxLogLines:
		return nil, ballast.Errorf(ballast.Invalid, "%d console lines are asked for: 1 to %d are allowed", lr.N, maxLogLines)
	case lr.From < 0:
		return nil, ballast.Errorf(ballast.Invalid, "console lines from %d: lines count from 0", lr.From)
	case lr.N == 0:
		lr.N = 500
	}
	m, level, err := lr.matcher()
	if err != nil {
		return nil, err
	}
	from, to := lr.From, lr.From+int64(lr.N)
	switch {
	case m != nil:
		from, to = 0, -1
	case lr.Tail:
		from, to = -int64(lr.N), -1
	}
	v, err := q.console(ctx, runID, from, to)
	if err != nil {
		return nil, err
	}
	if lr.Only && m != nil {
		return logFound(ctx, v, m, level, lr)
	}
	logs := Logs{Total: v.Total}
	if from, to = lr.From, lr.From+int64(lr.N); lr.Tail {
		from, to = max(0, v.Total-int64(lr.N)), v.Total
	}
	lines, err := v.Lines(ctx, from, to)
	if err != nil {
		return nil, err
	}
	logs.Lines = logLines(lines)
	if m != nil {
		err = v.Search(ctx, m, level, func(l console.Line) bool {
			if lr.Label != "" && l.Label != lr.Label {
				return true
			}
			if logs.More = len(logs.Matches) == maxLogMatches; !logs.More {
				logs.Matches = append(logs.Matches, l.Number)
			}
			return !logs.More
		})
	}
	return &logs, err
}

// matcher compiles the search of a request; nil: none.
func (lr LogRequest) matcher() (*console.Matcher, console.Level, error) {
	level := console.NoLevel
	if lr.Level != "" {
		level = console.LevelOf(lr.Level)
	}
	if lr.Search == "" && level == console.NoLevel && lr.Label == "" && !lr.Only {
		return nil, level, nil
	}
	m, err := console.NewMatcher(lr.Search, lr.Regexp, lr.Case)
	return m, level, err
}

// console takes a snapshot of lines [from, to) of a run's console; to < 0 is
// the end, and from < 0 counts from there. Total counts all lines.
func (q *Query) console(ctx context.Context, runID, from, to int64) (*console.View, error) {
	var v meta.ConsoleView
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		if from < 0 {
			if v, err = tx.ConsoleView(runID, 0, 0); err != nil {
				return err
			}
			from = max(0, v.Lines+from)
		}
		v, err = tx.ConsoleView(runID, from, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := console.View{Total: v.Lines}
	for _, c := range v.Chunks {
		out.Versions = append(out.Versions, console.Version{Line0: c.Line0, Lines: c.Lines, Data: c.Data})
	}
	for _, b := range v.Blocks {
		fetch := q.fetcher(b.Store, b.Object)
		out.Blocks = append(out.Blocks, console.Block{Line0: b.Line0, Lines: b.Lines, Levels: b.Levels, TimeMin: b.TimeMin, TimeMax: b.TimeMax,
			Fetch: func(ctx context.Context) ([]byte, error) { return fetch(ctx, b.Off, b.Len) }})
	}
	return &out, nil
}

// logLines turns lines into those of an answer.
func logLines(lines []console.Line) []LogLine {
	out := make([]LogLine, len(lines))
	for i, l := range lines {
		out[i] = LogLine{Number: l.Number, Time: l.Time, Level: l.Level.String(), Label: l.Label, Text: l.Text, Updates: l.Updates}
	}
	return out
}

// WriteLogs writes the whole console as plain text, one line each, without
// terminal escapes.
func (q *Query) WriteLogs(ctx context.Context, runID int64, w io.Writer) error {
	b := bufio.NewWriter(w)
	for from := int64(0); ; from += maxLogLines {
		v, err := q.console(ctx, runID, from, from+maxLogLines)
		if err != nil {
			return err
		}
		if from >= v.Total {
			return b.Flush()
		}
		lines, err := v.Lines(ctx, from, from+maxLogLines)
		if err != nil {
			return err
		}
		for _, l := range lines {
			b.WriteString(console.Plain(l.Text)) // Flush reports what fails
			b.WriteByte('\n')
		}
		if err := b.Flush(); err != nil {
			return err
		}
	}
}

// LogPage is a page of the logLines connection.
type LogPage struct {
	Total   int64
	Lines   []LogLine
	Cursors []string // of each line
	More    bool
}

// LogPage returns up to first lines after a cursor, or the last lines when
// last > 0. first 0 is 1000; at most 10000 lines a page, and about 16 MB.
func (q *Query) LogPage(ctx context.Context, runID int64, first int, after string, last int) (*LogPage, error) {
	from := int64(0)
	if after != "" {
		n, ok := strings.CutPrefix(after, "line:")
		line, err := strconv.ParseInt(n, 10, 64)
		if !ok || err != nil || line < 0 {
			return nil, ballast.Errorf(ballast.Invalid, "the cursor %.60q is not of a list of console lines", after)
		}
		from = line + 1
	}
	lr := LogRequest{From: from, N: min(first, maxLogLines)}
	switch {
	case first < 0 || last < 0:
		return nil, ballast.Errorf(ballast.Invalid, "%d console lines are asked for: 1 to %d are allowed", min(first, last), maxLogLines)
	case last > 0:
		lr = LogRequest{Tail: true, N: min(last, maxLogLines)}
	case first == 0:
		lr.N = 1000
	}
	logs, err := q.Logs(ctx, runID, lr)
	if err != nil {
		return nil, err
	}
	if !lr.Tail {
		logs.Lines = firstBytes(logs.Lines, logPageBytes)
	}
	page := LogPage{Total: logs.Total, Lines: logs.Lines}
	for _, l := range logs.Lines {
		page.Cursors = append(page.Cursors, "line:"+strconv.FormatInt(l.Number, 10))
	}
	if n := len(logs.Lines); n > 0 {
		page.More = logs.Lines[n-1].Number+1 < logs.Total
	}
	return &page, nil
}

// firstBytes cuts lines to about n bytes of text, but keeps at least one.
func firstBytes(lines []LogLine, n int) []LogLine {
	for i, l := range lines {
		if n -= len(l.Text); n < 0 && i > 0 {
			return lines[:i]
		}
	}
	return lines
}
