package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"crypto/rand"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

// maxMerged bounds a merged segment, in points: 24 M, about 100 MB.
const maxMerged = 32 << 20

func (in *Ingest) compactJob(ctx context.Context, l queue.Lease) error {
	run, err := runOf(l)
	if err != nil {
		return err
	}
	return in.compact(ctx, run, l)
}

// Compact merges what is due of a run's segments.
func (in *Ingest) Compact(ctx context.Context, run int64) error {
	return in.compact(ctx, run, queue.Lease{})
}

func (in *Ingest) compact(ctx context.Context, run int64, l queue.Lease) error {
	if err := in.erase(ctx, run, in.fence(l)); err != nil {
		return fmt.Errorf("taking deleted values out of segments of run %d: %w", run, err)
	}
	for _, stream := range []ballast.Stream{ballast.History, ballast.Events} {
		for more := true; more; {
			var err error
			if more, err = in.compactOnce(ctx, run, stream, in.fence(l)); err != nil {
				return fmt.Errorf("merging segments of %s of run %d: %w", stream, run, err)
			}
			in.pause(ctx)
		}
	}
	return in.writeManifest(ctx, run)
}

// mergeable returns which segments [from, to) are to become one: as many of
// one level as a merge takes, or, when the run has ended, all neighbours that
// together stay below the largest size. Segments are in row order.
func (in *Ingest) mergeable(s []meta.Segment, ended bool) (from, to int) {
	for i := 0; i < len(s); {
		j, points := i, int64(0)
		for j < len(s) && s[j].Level == s[i].Level && j-i < in.opt.Seal.Merge && points+s[j].Points <= maxMerged {
			points += s[j].Points
			j++
		}
		if j-i >= in.opt.Seal.Merge && s[i].Level < in.opt.Seal.Levels {
			return i, j
		}
		i = max(j, i+1)
	}
	if !ended {
		return 0, 0
	}
	for i := 0; i < len(s); {
		j, points := i, int64(0)
		for j < len(s) && s[j].Level < in.opt.Seal.Levels && points+s[j].Points <= maxMerged {
			points += s[j].Points
			j++
		}
		if j-i >= 2 {
			return i, j
		}
		i = max(j, i+1)
	}
	return 0, 0
}

// compactOnce does one merge and reports whether there was one to do.
func (in *Ingest) compactOnce(ctx context.Context, run int64, stream ballast.Stream, f meta.Fence) (bool, error) {
	began := time.Now()
	var v meta.StreamView
	err := in.db.Read(ctx, func(tx *meta.Tx) error {
		var err error
		if v, err = tx.Counters(run, stream); err != nil {
			return err
		}
		v.Segments, err = tx.Segments(run, stream)
		return err
	})
	if err != nil {
		return false, err
	}
	from, to := in.mergeable(v.Segments, v.Live.State.Ended())
	if to <= from {
		return false, nil
	}
	old := v.Segments[from:to]
	level := 0
	sources := make([]history.Source, len(old))
	for i, g := range old {
		level = max(level, g.Level)
		open, err := OpenSegment(ctx, in.opt.Stores, g, nil)
		if err != nil {
			return false, err
		}
		sources[i] = history.HideSource(open, hiddenOf(v.Erased))
	}
	name, info, err := in.writeMerged(ctx, run, stream, old[0].Row0, sources)
	if err != nil {
		return false, err
	}
	merged := in.segment(run, stream, levelOf(level, info.Points), name, info)
	won, err := in.swap(ctx, "merging segments", func(tx *meta.Tx) (bool, error) {
		return tx.MergeSegments(meta.Swap{Run: run, Stream: stream, Gen: v.Live.Gen, Fence: f, New: merged, Old: old})
	})
	in.metrics.seal.WithLabelValues("compact").Observe(time.Since(began).Seconds())
	return won && err == nil, err
}

// levelOf is the level of a merged segment. A small one stays on its level, so
// that the many short lives of a run that is resumed again and again do not
// leave segments that nothing merges any more.
func levelOf(level int, points int64) int {
	if points >= growUp<<(3*level) {
		return level + 1
	}
	return level
}

// growUp is how many points a segment of level 1 has at least; each level above
// has eight times as many.
const growUp = 512 << 10

// writeMerged writes a large object by way of a temporary file.
func (in *Ingest) writeMerged(ctx context.Context, run int64, stream ballast.Stream, row0 int64, sources []history.Source) (string, history.SegmentInfo, error) {
	file, err := os.CreateTemp("", "ballast-merge-")
	if err != nil {
		return "", history.SegmentInfo{}, fmt.Errorf("merging needs a temporary file: %w", err)
	}
	defer file.Close()
	// Without a name nothing is left of it, however the process ends.
	if err := os.Remove(file.Name()); err != nil {
		return "", history.SegmentInfo{}, fmt.Errorf("merging needs a temporary file: %w", err)
	}
	sum := sha256.New()
	info, err := history.WriteSegment(ctx, in.paced(ctx, io.MultiWriter(file, sum)), sources, history.WriteOptions{})
	if err != nil {
		return "", info, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", info, err
	}
	name := fmt.Sprintf("%s%d/%s-%012d-%s-%s.parquet", meta.HistoryPrefix, run, stream, row0, hex.EncodeToString(sum.Sum(nil)[:8]), strings.ToLower(rand.Text()[:8]))
	return name, info, in.put(ctx, name, file, info.Bytes, "compact")
}

// OpenSegment opens a listed segment in its store.
func OpenSegment(ctx context.Context, stores map[int]blob.Bucket, g meta.Segment, cache *history.PageCache) (*history.Segment, error) {
	bucket := stores[g.Store]
	if bucket == nil {
		return nil, ballast.Errorf(ballast.Unavailable, "segment %s is in store %d, which is not configured", g.Object, g.Store)
	}
	fetch := func(ctx context.Context, off, n int64) ([]byte, error) {
		r, err := bucket.Get(ctx, g.Object, off, n)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, ballast.Wrap(ballast.Unavailable, err, "reading %d bytes at %d of %s", n, off, g.Object)
		}
		return b, nil
	}
	dir := g.Dir
	if dir == nil {
		var err error
		if dir, err = fetch(ctx, g.DirOff, g.DirLen); err != nil {
			return nil, err
		}
	}
	return history.OpenSegment(dir, fetch, history.SegmentOptions{Name: g.Object, Visible: g.Row0 + g.Visible, Cache: cache})
}
