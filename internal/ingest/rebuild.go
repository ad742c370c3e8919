package ingest

import (
	"context"
	"fmt"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Revive makes the jobs of a run that were given up due again: what they failed
// at was repaired.
func (in *Ingest) Revive(ctx context.Context, run int64) error {
	for _, name := range []string{sealQueue, consoleQueue, compactQueue} {
		err := in.queue.Replay(ctx, name, runName(run))
		if err == nil {
			in.log.Info("a job that was given up is due again", "queue", name, "job", runName(run))
			in.Rouse(name)
		} else if !ballast.Is(err, ballast.NotFound) {
			return err
		}
	}
	return nil
}

// Rebuild writes the visible rows of a segment anew, from sources that hold
// them, and puts the new segment in its place. The old object stays for the
// collector's grace. A Conflict says that the segment changed meanwhile.
func (in *Ingest) Rebuild(ctx context.Context, old meta.Segment, sources []history.Source) error {
	var v meta.StreamView
	err := in.db.Read(ctx, func(tx *meta.Tx) (err error) {
		v, err = tx.Counters(old.Run, old.Stream)
		return err
	})
	if err != nil {
		return err
	}
	name, info, err := in.writeMerged(ctx, old.Run, old.Stream, old.Row0, sources)
	if err != nil {
		return fmt.Errorf("writing segment %s anew: %w", old.Object, err)
	}
	if info.Row0 != old.Row0 || info.Rows != old.Visible {
		return ballast.Errorf(ballast.Internal, "writing segment %s anew gave rows %d to %d, the run has %d to %d there", old.Object, info.Row0, info.Row0+info.Rows-1, old.Row0, old.Row0+old.Visible-1)
	}
	if old.Visible == old.Rows && info.Points != old.Points {
		return ballast.Errorf(ballast.Internal, "writing segment %s anew gave %d values, it had %d: the sources are of other rows", old.Object, info.Points, old.Points)
	}
	level := min(old.Level, in.opt.Seal.Levels)
	won, err := in.swap(ctx, "putting a repaired segment in place", func(tx *meta.Tx) (bool, error) {
		return tx.MergeSegments(meta.Swap{Run: old.Run, Stream: old.Stream, Gen: v.Live.Gen, New: in.segment(old.Run, old.Stream, level, name, info), Old: []meta.Segment{old}})
	})
	if err == nil && !won {
		return ballast.Errorf(ballast.Conflict, "segment %s changed while it was repaired: run doctor again", old.Object)
	}
	return err
}
