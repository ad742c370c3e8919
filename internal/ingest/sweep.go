package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

// SweepTails pushes jobs for every run that has something to seal, fold,
// merge or take out of segments, and writes manifests that are due: what a lost
// message, or a crash, missed.
func (in *Ingest) SweepTails(ctx context.Context) error {
	var tails, consoles []int64
	var merges []meta.StreamRef
	var erasures []int64
	now, s := in.now(), in.opt.Seal
	err := in.db.Read(ctx, func(tx *meta.Tx) error {
		var err error
		if tails, err = tx.SealDue(meta.SealRule{Bytes: s.Bytes, Chunks: s.Chunks, Ended: s.Ended, Age: s.Age, AgeBytes: s.Small}, now, sweepRuns); err != nil {
			return err
		}
		if consoles, err = tx.ConsoleDue(consoleMod, now.Add(-s.Ended), sweepRuns); err != nil {
			return err
		}
		if merges, err = tx.CompactDue(s.Merge, s.Levels, sweepRuns); err != nil {
			return err
		}
		erasures, err = tx.ErasuresDue(sweepRuns)
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range tails {
		if err := in.pushNow(ctx, sealQueue, run); err != nil {
			return err
		}
	}
	for _, run := range consoles {
		if err := in.pushNow(ctx, consoleQueue, run); err != nil {
			return err
		}
	}
	for _, m := range merges {
		if err := in.pushNow(ctx, compactQueue, m.Run); err != nil {
			return err
		}
	}
	for _, run := range erasures {
		if err := in.pushNow(ctx, compactQueue, run); err != nil {
			return err
		}
	}
	return in.sweepManifests(ctx)
}

func (in *Ingest) pushNow(ctx context.Context, name string, run int64) error {
	if err := in.queue.Push(ctx, queue.Job{Queue: name, Name: runName(run)}); err != nil {
		return err
	}
	in.Rouse(name)
	return nil
}

// readiness is since when the store has answered without a break.
type readiness struct {
	mu          sync.Mutex
	since, last time.Time
}

// heard notes whether the store answers now and returns for how long it has
// without a break. A machine that slept did not listen.
func (r *readiness) heard(now time.Time, ok bool) time.Duration {
	now = now.Round(0) // the monotonic clock stands still while a machine sleeps
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !ok:
		r.since = time.Time{}
		return 0
	case r.since.IsZero() || now.Sub(r.last) > maxSilence || now.Before(r.last):
		r.since = now
	}
	r.last = now
	return now.Sub(r.since)
}

// maxSilence is how long a sweep may be late before we count as not having
// listened.
const maxSilence = time.Minute

// SweepStates ends runs that have been silent for long. A run is silent only
// while we could have heard it: nothing counts as crashed until the server was
// ready for as long without a break.
func (in *Ingest) SweepStates(ctx context.Context) error {
	now := in.now()
	err := in.noteHeard(ctx)
	if err == nil {
		err = in.db.Ping(ctx)
	}
	if listened := in.ready.heard(now, err == nil); err != nil || listened < in.opt.CrashAfter {
		return err
	}
	var runs []int64
	err = in.db.Write(ctx, "ending silent runs", func(tx *meta.Tx) error {
		runs, err = tx.SweepStates(now.Add(-in.opt.CrashAfter), now, sweepRuns)
		return err
	})
	if err != nil {
		in.ready.heard(now, false) // what servers heard meanwhile is not stored either
		return err
	}
	for _, run := range runs {
		in.log.Info("a run fell silent and counts as ended", "run", run)
		in.metrics.silent.Inc()
		in.push(sealQueue, runName(run), in.opt.Seal.Ended)
		in.push(consoleQueue, runName(run), in.opt.Seal.Ended)
	}
	return nil
}

// collectPage is how many objects a transaction of the collector looks at.
const collectPage = 200

// exportsFor is how long an exported history that nobody asks for is kept.
const exportsFor = 48 * time.Hour

// Collect deletes objects that no row has named for the time of grace,
// manifests of runs that were purged, and rows that were set aside, invitations
// and links that ended, longer ago than the undelete window.
func (in *Ingest) Collect(ctx context.Context) error {
	if err := in.Purge(ctx); err != nil {
		return err
	}
	if err := in.sweepManifests(ctx); err != nil {
		return err
	}
	err := in.db.Write(ctx, "dropping rows set aside", func(tx *meta.Tx) error { return tx.DropAside(in.now().Add(-in.opt.Undelete)) })
	if err == nil {
		err = in.db.Write(ctx, "dropping exports", func(tx *meta.Tx) error { return tx.DropExports(in.now().Add(-exportsFor)) })
	}
	if err == nil { // until then, who follows one is told that it ended
		err = in.db.Write(ctx, "dropping invitations and links that ended", func(tx *meta.Tx) error { return tx.DropLapsed(in.now().Add(-in.opt.Undelete)) })
	}
	if err != nil {
		return err
	}
	for after := ""; ; {
		var garbage []meta.Object
		err := in.db.Write(ctx, "looking for garbage", func(tx *meta.Tx) error {
			garbage = nil
			held, err := tx.ObjectsHeld(in.now())
			if err != nil || held {
				after = ""
				return err
			}
			garbage, after, err = tx.Garbage(in.now().Add(-in.opt.Grace), after, collectPage)
			return err
		})
		if err != nil {
			return err
		}
		if err := in.deleteObjects(ctx, garbage); err != nil {
			return err
		}
		if after == "" {
			return nil
		}
	}
}

func (in *Ingest) deleteObjects(ctx context.Context, garbage []meta.Object) error {
	var gone []string
	for _, o := range garbage {
		bucket := in.opt.Stores[o.Store]
		if bucket == nil {
			in.log.Warn("an object to collect is in a store that is not configured", "object", o.Name, "store", o.Store)
			continue
		}
		if err := bucket.Delete(ctx, o.Name); err != nil {
			in.log.Warn("deleting an object failed, it is tried again", "object", o.Name, "error", err)
			continue
		}
		gone = append(gone, o.Name)
	}
	if len(gone) == 0 {
		return nil
	}
	in.metrics.collected.Add(float64(len(gone)))
	return in.db.Write(ctx, "forgetting objects", func(tx *meta.Tx) error { return tx.ForgetObjects(gone) })
}
