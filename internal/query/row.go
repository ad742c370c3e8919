package query

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

const (
	defaultSamples = 500
	// maxRowBytes bounds the rows of one answer.
	maxRowBytes = 256 << 20
	// A table of rows reads at most this many rows and values at once; picked
	// rows that are more than windowGap apart are read one by one.
	maxWindowRows = 4096
	windowValues  = 1 << 20
	windowGap     = 16
)

// RowQuery asks for complete rows.
type RowQuery struct {
	MinStep *int64 // inclusive
	MaxStep *int64 // exclusive
	Samples int    // rows wanted; 0: 500. A range with both ends comes whole: it is a page of scan_history
}

// History returns rows of a run's history, each the text of a JSON object with
// bare NaN and Infinity tokens, in row order (docs/design/011).
func (q *Query) History(ctx context.Context, runID int64, rq RowQuery) ([]string, error) {
	return q.wholeRows(ctx, runID, ballast.History, rq)
}

// Events returns rows of a run's system metrics, as History does.
func (q *Query) Events(ctx context.Context, runID int64, samples int) ([]string, error) {
	return q.wholeRows(ctx, runID, ballast.Events, RowQuery{Samples: samples})
}

func (q *Query) wholeRows(ctx context.Context, runID int64, which ballast.Stream, rq RowQuery) ([]string, error) {
	if rq.Samples < 0 {
		return nil, ballast.Errorf(ballast.Invalid, "%d samples are asked for: at least 1 are needed", rq.Samples)
	}
	if rq.Samples == 0 {
		rq.Samples = defaultSamples
	}
	s, err := q.open(ctx, runID, which)
	if err != nil {
		return nil, err
	}
	spans := s.spans()
	whole := false
	if rq.MinStep != nil || rq.MaxStep != nil {
		low, high := int64(math.MinInt64), int64(math.MaxInt64)
		if rq.MinStep != nil {
			low = *rq.MinStep
		}
		if rq.MaxStep != nil {
			high = *rq.MaxStep
		}
		whole = rq.MinStep != nil && rq.MaxStep != nil
		if spans, err = s.spansOfSteps(ctx, low, high); err != nil {
			return nil, err
		}
	}
	if !whole {
		spans = thin(spans, rq.Samples)
	}
	return q.printRows(ctx, s, which, spans)
}

// HistoryTail returns the last n rows of history as the SDK wants them when it
// resumes: the text of a JSON list of strings, each a row. "[]" when empty.
func (q *Query) HistoryTail(ctx context.Context, runID int64, n int) (string, error) {
	return q.lastRows(ctx, runID, ballast.History, n)
}

// EventsTail is HistoryTail for system metrics.
func (q *Query) EventsTail(ctx context.Context, runID int64, n int) (string, error) {
	return q.lastRows(ctx, runID, ballast.Events, n)
}

func (q *Query) lastRows(ctx context.Context, runID int64, which ballast.Stream, n int) (string, error) {
	s, err := q.open(ctx, runID, which)
	if err != nil {
		return "", err
	}
	rows, err := q.printRows(ctx, s, which, lastOf(s.spans(), int64(n)))
	if err != nil {
		return "", err
	}
	b := []byte{'['}
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = history.AppendText(b, row)
	}
	return string(append(b, ']')), nil
}

// span is a stretch of row numbers: from <= row < to.
type span struct{ from, to int64 }

// spans are the rows that a stream has, in order.
func (s *stream) spans() []span {
	all := make([]span, 0, len(s.views))
	for _, v := range s.views {
		from, to := v.RowRange()
		all = append(all, span{from, to})
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var spans []span
	for _, sp := range all {
		spans = addSpan(spans, sp.from, sp.to)
	}
	return spans
}

// addSpan adds rows that begin not before the last of a list.
func addSpan(spans []span, from, to int64) []span {
	if n := len(spans); n > 0 && spans[n-1].to >= from {
		spans[n-1].to = max(spans[n-1].to, to)
		return spans
	}
	if from < to {
		spans = append(spans, span{from, to})
	}
	return spans
}

// spansOfSteps are the rows with low <= step < high. A row without a step has
// its row number as one.
func (s *stream) spansOfSteps(ctx context.Context, low, high int64) ([]span, error) {
	var rows []int64
	var p history.Points
	if err := s.series(ctx, "_step", history.Steps(low, high), &p); err != nil {
		return nil, err
	}
	rows = append(rows, p.Row...)
	for _, sp := range s.spans() {
		from, to := max(sp.from, low), min(sp.to, high)
		if from >= to {
			continue
		}
		p.Reset("_step")
		if err := s.series(ctx, "_step", history.Rows(from, to), &p); err != nil {
			return nil, err
		}
		if int64(p.Len()) == to-from {
			continue
		}
		for i, row := 0, from; row < to; row++ {
			if i < p.Len() && p.Row[i] == row {
				i++
				continue
			}
			rows = append(rows, row)
		}
	}
	if !slices.IsSorted(rows) {
		slices.Sort(rows)
	}
	var spans []span
	for _, row := range rows {
		spans = addSpan(spans, row, row+1)
	}
	return spans, nil
}

func countRows(spans []span) (n int64) {
	for _, sp := range spans {
		n += sp.to - sp.from
	}
	return n
}

// sampleAt is the place of sample i of n rows: the first, the last, and the
// last of each equal part between.
func sampleAt(i, samples, n int64) int64 {
	if samples == 1 {
		return n - 1
	}
	// i*(n-1) may not fit 64 bits together, but its quotient does.
	q, r := (n-1)/(samples-1), (n-1)%(samples-1)
	return i*q + i*r/(samples-1)
}

// thin keeps as many rows as wanted.
func thin(spans []span, samples int) []span {
	n := countRows(spans)
	if n <= int64(samples) {
		return spans
	}
	var kept []span
	before, k := int64(0), 0
	for i := range int64(samples) {
		at := sampleAt(i, int64(samples), n)
		for at-before >= spans[k].to-spans[k].from {
			before += spans[k].to - spans[k].from
			k++
		}
		row := spans[k].from + at - before
		kept = addSpan(kept, row, row+1)
	}
	return kept
}

// lastOf keeps the last n rows.
func lastOf(spans []span, n int64) []span {
	over := countRows(spans) - n
	for over > 0 && len(spans) > 0 {
		if size := spans[0].to - spans[0].from; size <= over {
			spans, over = spans[1:], over-size
			continue
		}
		spans[0].from += over
		over = 0
	}
	return spans
}

// printRows prints rows in full. Rows of a hole, which nothing is known of,
// are left out.
func (q *Query) printRows(ctx context.Context, s *stream, which ballast.Stream, spans []span) ([]string, error) {
	rows := make([]string, 0, min(countRows(spans), 1<<16))
	names := rowNames{q: q, s: s, which: which}
	var bytes int64
	var buf []byte
	for most := s.windowRows(); len(spans) > 0; {
		window, parts, rest := nextWindow(spans, most)
		t := history.NewTable(window.from, window.to)
		for _, v := range s.views {
			if from, to := v.RowRange(); from >= window.to || to <= window.from {
				continue
			}
			if err := v.Table(ctx, t); err != nil {
				return nil, fmt.Errorf("rows %d to %d of run %d: %w", window.from, window.to, s.run, err)
			}
		}
		for _, sp := range parts {
			for row := sp.from; row < sp.to; row++ {
				if _, ok := t.Step(row); !ok {
					continue
				}
				var err error
				if buf, err = names.print(ctx, t, row, buf[:0]); err != nil {
					return nil, err
				}
				if bytes += int64(len(buf)); bytes > maxRowBytes {
					return nil, ballast.Errorf(ballast.TooLarge, "the rows asked for are more than %d MB together; ask for a smaller page or fewer samples", maxRowBytes>>20)
				}
				rows = append(rows, string(buf))
			}
		}
		spans = rest
	}
	return rows, nil
}

// nextWindow joins spans that are near each other into one stretch to read. It
// returns the stretch, the spans in it and those that follow.
func nextWindow(spans []span, most int64) (window span, parts, rest []span) {
	window = spans[0]
	if window.to-window.from > most {
		window.to = window.from + most
		rest = slices.Clone(spans)
		rest[0].from = window.to
		return window, []span{window}, rest
	}
	n := 1
	for ; n < len(spans); n++ {
		if next := spans[n]; next.from-window.to > windowGap || next.to-window.from > most {
			break
		}
		window.to = spans[n].to
	}
	return window, spans[:n], spans[n:]
}

// windowRows is how many rows to read at once, so that wide rows do not take
// much memory.
func (s *stream) windowRows() int64 {
	var rows, values int64
	for i := range s.segs {
		rows, values = rows+s.segs[i].Rows, values+s.segs[i].Points
	}
	for _, tail := range s.tails {
		from, to := tail.RowRange()
		rows += to - from
	}
	values += s.bytes / 4 // a value takes about that
	return max(1, min(maxWindowRows, windowValues/max(1, values/max(1, rows))))
}
