// Package console keeps the lines that a training process printed.
//
// A line is known by its number. Each request brings consecutive lines, and a
// progress bar brings old numbers again: every request is a version, and of
// two versions of a line the later one is shown. A [Chunk] of a request is
// kept as encoded in docs/format/console-v1.md; many are folded into one.
package console

import "time"

// Level is how severe a line is.
type Level uint8

// The levels of a line (never renumber: they are stored).
const (
	NoLevel Level = 0 // ordinary output
	Error   Level = 1 // written to standard error
	Warning Level = 2
	Info    Level = 3
	Debug   Level = 4
	Other   Level = 5 // a level we do not know
)

func (l Level) String() string {
	return [...]string{"", "error", "warning", "info", "debug", "other"}[min(l, Other)]
}

// Line is one console line.
type Line struct {
	Number int64
	Time   time.Time // zero: the line carried none
	Level  Level
	Label  string // names the process of a shared run, "" otherwise
	Text   string // without terminal's line end; may hold colour escapes

	// Updates is how often a later request brought another text for the line,
	// as those of a progress bar do.
	Updates int
}

// over is l as it stands, laid over the version before it.
func (l Line) over(before Line) Line {
	l.Updates += before.Updates
	if before.Text != "" && before.Text != l.Text {
		l.Updates++
	}
	return l
}
