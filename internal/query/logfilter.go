package query

import (
	"context"

	"github.com/ballast-ml/ballast/internal/console"
)

// maxLogLabels is how many processes of a shared run are counted by name.
const maxLogLabels = 256

// LogCounts says what a console is made of. Lines without a level or label are
// not counted.
type LogCounts struct {
	Levels map[string]int64 // lines by level
	Labels map[string]int64 // lines by process, at most 256 of them
}

// logFound reads the lines of a console that pass level, label and search, and
// returns those from lr.From, or the last lr.N. It reads the whole console:
// blocks without the level are left out.
func logFound(ctx context.Context, v *console.View, m *console.Matcher, level console.Level, lr LogRequest) (*Logs, error) {
	logs := Logs{Total: v.Total}
	var last []console.Line // a ring, of the tail
	err := v.Search(ctx, m, level, func(l console.Line) bool {
		if lr.Label != "" && l.Label != lr.Label {
			return true
		}
		at := logs.Found
		logs.Found++
		switch {
		case lr.Tail && len(last) < lr.N:
			last = append(last, l)
		case lr.Tail:
			last[at%int64(lr.N)] = l
		case at >= lr.From && at < lr.From+int64(lr.N):
			last = append(last, l)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if turn := logs.Found % int64(lr.N); lr.Tail && logs.Found > int64(lr.N) {
		last = append(last[turn:len(last):len(last)], last[:turn]...)
	}
	logs.Lines = logLines(last)
	return &logs, nil
}

// LogCounts counts a run's console lines by level and process. It reads all of
// them.
func (q *Query) LogCounts(ctx context.Context, runID int64) (*LogCounts, error) {
	v, err := q.console(ctx, runID, 0, -1)
	if err != nil {
		return nil, err
	}
	counts := LogCounts{Levels: map[string]int64{}, Labels: map[string]int64{}}
	every, err := console.NewMatcher("", false, true)
	if err != nil {
		return nil, err
	}
	err = v.Search(ctx, every, console.NoLevel, func(l console.Line) bool {
		if l.Level != console.NoLevel {
			counts.Levels[l.Level.String()]++
		}
		if _, known := counts.Labels[l.Label]; l.Label != "" && (known || len(counts.Labels) < maxLogLabels) {
			counts.Labels[l.Label]++
		}
		return true
	})
	return &counts, err
}
