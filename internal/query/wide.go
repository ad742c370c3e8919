package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

const (
	wideValues  = 1 << 20 // of a row group, about
	wideMinRows = 256
	wideMaxRows = 1 << 17
)

// Wide is a run's history as of one snapshot, to be written as rows with a
// column for each key (docs/design/015).
type Wide struct {
	Gen, Ver int64                // of the run
	Rows     int64                // rows below are exported; of a run that goes on: those that are sealed
	Columns  []history.WideColumn // by key, without _step
	Live     []int64              // steps of rows that are not exported, at most 1000

	s *stream
}

// OpenWide takes the snapshot.
func (q *Query) OpenWide(ctx context.Context, runID int64) (*Wide, error) {
	s, err := q.open(ctx, runID, ballast.History)
	if err != nil {
		return nil, err
	}
	w := &Wide{Gen: s.live.Gen, Ver: s.live.Ver, Rows: s.rows, s: s}
	if !s.live.State.Ended() {
		w.Ver, w.Rows = 0, 0
		for _, g := range s.segs {
			w.Rows = max(w.Rows, g.Row0+g.Visible)
		}
		if w.Live, err = s.liveSteps(ctx, w.Rows); err != nil {
			return nil, err
		}
	}
	known, err := q.streamKeys(ctx, s, ballast.History)
	if err != nil {
		return nil, err
	}
	shown := shownNames(known.Keys)
	for _, k := range known.Keys {
		if k.Key != "_step" {
			w.Columns = append(w.Columns, history.WideColumn{Key: k.Key, Name: shown[k.Key], Kind: wideKind(k.Kinds)})
		}
	}
	return w, nil
}

// liveSteps are the steps of the first rows from a row on.
func (s *stream) liveSteps(ctx context.Context, from int64) ([]int64, error) {
	const most = 1000
	if s.rows <= from {
		return nil, nil
	}
	spans, steps := s.spans(), []int64{}
	var p history.Points
	if err := s.series(ctx, "_step", history.Rows(from, s.rows), &p); err != nil {
		return nil, err
	}
	steps = append(steps, p.Step[:min(most, p.Len())]...)
	if len(steps) == 0 && countRows(spans) > 0 {
		steps = append(steps, from) // rows without a step count as their number
	}
	return steps, nil
}

// wideKind is the type that holds all kinds of values; null fits each.
func wideKind(kinds []history.KindCount) history.WideKind {
	kind, found := history.WideJSON, false
	for _, k := range kinds {
		var one history.WideKind
		switch k.Kind {
		case "null":
			continue
		case "number":
			one = history.WideNumber
		case "string":
			one = history.WideText
		case "bool":
			one = history.WideBool
		default:
			return history.WideJSON
		}
		if found && one != kind {
			return history.WideJSON
		}
		kind, found = one, true
	}
	return kind
}

// GroupRows is how many rows of so many columns are read at once.
func (w *Wide) GroupRows(columns int) int64 {
	return max(wideMinRows, min(wideMaxRows, wideValues/int64(columns+1)))
}

// Group reads rows from <= row < to. Rows are those that have any key of the
// run, so that files with other columns have the same rows.
func (w *Wide) Group(ctx context.Context, from, to int64, cols []history.WideColumn) (*history.WideGroup, error) {
	g := &history.WideGroup{Values: make([]history.Points, len(cols))}
	at := map[int64]int64{} // steps by row
	add := func(p *history.Points) {
		for i, row := range p.Row {
			at[row] = p.Step[i]
		}
	}
	var step history.Points
	if err := w.read(ctx, "_step", from, to, &step); err != nil {
		return nil, err
	}
	add(&step)
	for i, c := range cols {
		if err := w.read(ctx, c.Key, from, to, &g.Values[i]); err != nil {
			return nil, err
		}
		add(&g.Values[i])
	}
	if int64(len(at)) < to-from && len(cols) < len(w.Columns) { // the other files' rows
		for _, c := range w.Columns {
			var p history.Points
			if err := w.read(ctx, c.Key, from, to, &p); err != nil {
				return nil, err
			}
			add(&p)
		}
	}
	for row := range at {
		g.Rows = append(g.Rows, row)
	}
	slices.Sort(g.Rows)
	for _, row := range g.Rows {
		g.Steps = append(g.Steps, at[row])
	}
	return g, nil
}

func (w *Wide) read(ctx context.Context, key string, from, to int64, p *history.Points) error {
	p.Key = key
	if err := w.s.series(ctx, key, history.Rows(from, to), p); err != nil {
		return fmt.Errorf("exporting rows %d to %d: %w", from, to, err)
	}
	return nil
}
