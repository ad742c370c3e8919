package ingest

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// hiddenOf says what erasures hide.
func hiddenOf(erased []meta.Erasure) []history.Hidden {
	all := make([]history.Hidden, len(erased))
	for i, e := range erased {
		all[i] = history.HideKeys(e.Keys, e.RowTo, e.StepFrom, e.StepTo)
	}
	return all
}

// erase writes the segments of a run's history anew that hold values which
// were deleted, so that their space is freed. Chunks of the tail lose them when
// they are sealed. It may be broken off anywhere: values are hidden until no
// segment and no chunk holds them.
func (in *Ingest) erase(ctx context.Context, run int64, f meta.Fence) error {
	var v meta.StreamView
	err := in.db.Read(ctx, func(tx *meta.Tx) (err error) {
		if v, err = tx.Counters(run, ballast.History); err != nil || len(v.Erased) == 0 {
			return err
		}
		v.Segments, err = tx.Segments(run, ballast.History)
		return err
	})
	if err != nil || len(v.Erased) == 0 {
		return err
	}
	hidden := hiddenOf(v.Erased)
	for i, g := range v.Segments {
		now, won, err := in.eraseSegment(ctx, g, hidden, v.Live.Gen, f)
		if err != nil || !won { // the sweep comes again
			return err
		}
		v.Segments[i] = now
		in.pause(ctx)
	}
	return in.db.Write(ctx, "noting that values were deleted", func(tx *meta.Tx) error { return tx.ErasuresCarriedOut(v, f) })
}

// eraseSegment returns the segment that has the visible rows of one without
// what is hidden: the same when it has nothing of that. It reports false when
// the segment changed meanwhile.
func (in *Ingest) eraseSegment(ctx context.Context, g meta.Segment, hidden []history.Hidden, gen int64, f meta.Fence) (meta.Segment, bool, error) {
	open, err := OpenSegment(ctx, in.opt.Stores, g, nil)
	if err != nil {
		return g, false, err
	}
	if found, err := history.HasHidden(ctx, open, hidden); err != nil || !found {
		return g, err == nil, err
	}
	began := time.Now()
	name, info, err := in.writeMerged(ctx, g.Run, g.Stream, g.Row0, []history.Source{history.HideSource(open, hidden)})
	if err != nil {
		return g, false, err
	}
	without := in.segment(g.Run, g.Stream, g.Level, name, info)
	won, err := in.swap(ctx, "putting a segment without deleted values in place", func(tx *meta.Tx) (bool, error) {
		return tx.MergeSegments(meta.Swap{Run: g.Run, Stream: g.Stream, Gen: gen, Fence: f, New: without, Old: []meta.Segment{g}})
	})
	in.metrics.seal.WithLabelValues("erase").Observe(time.Since(began).Seconds())
	return without, won && err == nil, err
}
