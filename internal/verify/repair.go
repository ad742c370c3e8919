package verify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// fromBackup puts an object back as the backup has it, when what the backup
// has is what was stored. It returns what was done, "" for nothing.
func (c *check) fromBackup(ctx context.Context, n meta.Named) string {
	bucket := c.opt.Stores[n.Store]
	if c.opt.Ingest == nil || c.opt.Backup == nil || bucket == nil {
		return ""
	}
	body, err := c.opt.Backup(ctx, n.Store, n.Object)
	if err != nil {
		return ""
	}
	m, h := md5.Sum(body), sha256.Sum256(body)
	s := sum{bytes: int64(len(body)), md5: m[:], sha: h[:]}
	if s.against(n) != "" {
		return ""
	}
	if _, err := bucket.Put(ctx, n.Object, bytes.NewReader(body), int64(len(body))); err != nil {
		c.opt.Log.Warn("putting an object back from the backup", "object", n.Object, "error", err)
		return ""
	}
	c.revive(ctx, n.Run)
	return "put back from the backup"
}

// chunkFromBackup stores a chunk of a tail as the backup has it, when that is
// whole and what is here is the same but for its damage. A chunk that was sealed
// or made part of a longer one since the backup is another.
func (c *check) chunkFromBackup(ctx context.Context, run int64, stream ballast.Stream, hurt meta.Chunk) string {
	if c.opt.Ingest == nil || c.opt.BackupChunk == nil {
		return ""
	}
	kept, err := c.opt.BackupChunk(ctx, run, stream, hurt.Row0)
	if err != nil || kept.Rows != hurt.Rows || checkChunk(kept) != nil || !history.SameChunk(hurt.Data, kept.Data) {
		return ""
	}
	put := false
	err = c.db.Write(ctx, "putting a chunk of a tail back", func(tx *meta.Tx) (err error) {
		put, err = tx.SetChunk(run, stream, hurt, kept.Data)
		return err
	})
	if err != nil || !put {
		c.opt.Log.Warn("putting a chunk of a tail back from the backup", "run", run, "row", hurt.Row0, "changed meanwhile", err == nil, "error", err)
		return ""
	}
	c.revive(ctx, run)
	return "put back from the backup"
}

// directoryFromObject stores the directory that a whole object has at its end.
func (c *check) directoryFromObject(ctx context.Context, g meta.Segment) string {
	if c.opt.Ingest == nil {
		return ""
	}
	dir, err := c.bytes(ctx, g.Store, g.Object, g.DirOff, g.DirLen)
	if err != nil {
		return ""
	}
	whole := g
	whole.Dir = dir
	if _, err := c.open(ctx, whole); err != nil {
		return ""
	}
	if err := c.db.Write(ctx, "storing a directory again", func(tx *meta.Tx) error { return tx.SetSegmentDir(g, dir) }); err != nil {
		c.opt.Log.Warn("storing a segment's directory again", "object", g.Object, "error", err)
		return ""
	}
	c.revive(ctx, g.Run)
	return "taken from the object"
}

// revive has the jobs done again that were given up since they met the damage.
// The repair stands without it: an operator may replay them.
func (c *check) revive(ctx context.Context, run int64) {
	if err := c.opt.Ingest.Revive(ctx, run); err != nil {
		c.opt.Log.Warn("replaying the jobs of a run that was repaired; do it with \"ballast admin jobs replay\"", "run", run, "error", err)
	}
}

// rebuild writes a segment anew.
func (c *check) rebuild(ctx context.Context, g meta.Segment, from []history.Source, how string) string {
	if c.opt.Ingest == nil {
		return ""
	}
	if err := c.opt.Ingest.Rebuild(ctx, g, from); err != nil {
		c.opt.Log.Warn("writing a segment anew", "object", g.Object, "error", err)
		return ""
	}
	c.revive(ctx, g.Run)
	return how
}

// fromEarlier rebuilds a segment from those that it was merged of, as long as
// the collector has not taken them.
func (c *check) fromEarlier(ctx context.Context, g meta.Segment) string {
	bucket := c.opt.Stores[g.Store]
	if c.opt.Ingest == nil || bucket == nil {
		return ""
	}
	// Where rows were set aside, what lies in the store may be of those.
	if gen, err := c.generation(ctx, g); err != nil || gen != 0 || g.Visible != g.Rows {
		return ""
	}
	parts := c.earlier(ctx, bucket, g)
	next, end := g.Row0, g.Row0+g.Visible
	var chosen []history.Source
	for _, s := range parts {
		from, to := s.RowRange()
		if from != next || to > end {
			continue
		}
		chosen = append(chosen, s)
		next = to
	}
	if next != end {
		return ""
	}
	return c.rebuild(ctx, g, chosen, fmt.Sprintf("written anew from the %d segments that it was merged of", len(chosen)))
}

// earlier opens the whole segments of the same stream that lie in the store
// beside a damaged one, by their first row, the longest first.
func (c *check) earlier(ctx context.Context, bucket blob.Bucket, g meta.Segment) []*history.Segment {
	prefix := fmt.Sprintf("%s%d/%s-", meta.HistoryPrefix, g.Run, g.Stream)
	listed, err := bucket.List(ctx, prefix, "", 10_000)
	if err != nil {
		return nil
	}
	var all []*history.Segment
	for _, o := range listed {
		if o.Name == g.Object {
			continue
		}
		s, err := c.sum(ctx, g.Store, o.Name)
		if err != nil || s.against(meta.Named{Object: o.Name, Bytes: -1}) != "" {
			continue
		}
		off, n, err := history.FindDirectory(func(off, n int64) ([]byte, error) { return c.bytes(ctx, g.Store, o.Name, off, n) }, o.Bytes)
		if err != nil {
			continue
		}
		one := meta.Segment{Run: g.Run, Stream: g.Stream, Store: g.Store, Object: o.Name, DirOff: off, DirLen: n}
		if open, err := ingest.OpenSegment(ctx, c.opt.Stores, one, history.NewPageCache(1<<20)); err == nil {
			all = append(all, open)
		}
	}
	slices.SortFunc(all, func(a, b *history.Segment) int {
		af, at := a.RowRange()
		bf, bt := b.RowRange()
		return cmp.Or(cmp.Compare(af, bf), cmp.Compare(bt, at))
	})
	return all
}

// generation is how often rows of a segment's run were set aside.
func (c *check) generation(ctx context.Context, g meta.Segment) (gen int64, err error) {
	err = c.db.Read(ctx, func(tx *meta.Tx) error {
		v, err := tx.Counters(g.Run, g.Stream)
		gen = v.Live.Gen
		return err
	})
	return gen, err
}
