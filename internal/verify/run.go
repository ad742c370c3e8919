package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// stream checks the segments and the tail of a stream of a run.
func (c *check) stream(ctx context.Context, p meta.RunPlace, stream ballast.Stream) error {
	var v meta.StreamView
	holes := false
	err := c.db.Read(ctx, func(tx *meta.Tx) (err error) {
		if v, err = tx.StreamView(p.ID, stream); err != nil {
			return err
		}
		holes, err = tx.HasGaps(p.ID, stream)
		return err
	})
	if err != nil {
		return err
	}
	c.cover(p, &v, holes)
	for _, g := range v.Segments {
		c.rep.Segments++
		if err := c.segment(ctx, p, g); err != nil {
			return err
		}
	}
	for _, chunk := range v.Tail {
		c.rep.Chunks++
		if err := checkChunk(chunk); err != nil {
			c.add(Finding{What: "tail", Run: p.Path, Stream: stream.String(), RowFrom: chunk.Row0, RowTo: chunk.Row0 + int64(chunk.Rows), Text: err.Error(),
				Repaired: c.chunkFromBackup(ctx, p.ID, stream, chunk)})
		}
	}
	return nil
}

// cover checks that each row is in one place, and in some.
func (c *check) cover(p meta.RunPlace, v *meta.StreamView, holes bool) {
	add := func(from, to int64, text string) {
		c.add(Finding{What: "rows", Run: p.Path, Stream: v.Stream.String(), RowFrom: from, RowTo: to, Text: text})
	}
	var parts [][2]int64
	next := int64(0)
	for _, g := range v.Segments {
		parts = append(parts, [2]int64{g.Row0, g.Row0 + g.Visible})
		if g.Row0 < next {
			add(g.Row0, next, "segment "+g.Object+" holds rows that are elsewhere too")
		}
		next = max(next, g.Row0+g.Visible)
	}
	for _, chunk := range v.Tail {
		end := chunk.Row0 + int64(chunk.Rows)
		parts = append(parts, [2]int64{chunk.Row0, end})
		if chunk.Row0 < v.Sealed { // it came late, into a hole of the sealed rows
			continue
		}
		if chunk.Row0 < next {
			add(chunk.Row0, next, "a chunk of the tail holds rows that are elsewhere too")
		}
		next = max(next, end)
	}
	if holes {
		return
	}
	slices.SortFunc(parts, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	next = 0
	for _, part := range append(parts, [2]int64{v.Rows, v.Rows}) {
		if part[0] > next {
			add(next, part[0], "rows are nowhere")
		}
		next = max(next, part[1])
	}
}

// checkChunk decodes every column of a chunk.
func checkChunk(chunk meta.Chunk) error {
	open, err := history.OpenChunk(chunk.Data)
	if err != nil {
		return err
	}
	if open.Rows() < chunk.Rows {
		return ballast.Errorf(ballast.Internal, "a chunk of %d rows is listed as one of %d", open.Rows(), chunk.Rows)
	}
	for _, key := range open.Keys() {
		if err := open.Column(key, chunk.Row0, &history.Points{Key: key}); err != nil {
			return fmt.Errorf("key %.80q: %w", key, err)
		}
	}
	return nil
}

// segment compares a segment's object with its name and its row.
func (c *check) segment(ctx context.Context, p meta.RunPlace, g meta.Segment) error {
	c.named[g.Object] = true
	n := meta.Named{Kind: "segment", Run: g.Run, Store: g.Store, Object: g.Object, Bytes: g.Bytes}
	s, err := c.sum(ctx, g.Store, g.Object)
	if err != nil {
		return err
	}
	f := Finding{What: "segment", Run: p.Path, Stream: g.Stream.String(), RowFrom: g.Row0, RowTo: g.Row0 + g.Visible, Object: g.Object, Text: s.against(n)}
	open, dirErr := c.open(ctx, g)
	switch {
	case f.Text == "" && dirErr == nil:
		return nil
	case f.Text == "": // the object is whole, so what lies beside its row is not
		f.What, f.Text = "directory", "the directory in the database: "+dirErr.Error()
		f.Repaired = c.directoryFromObject(ctx, g)
		c.add(f)
		return nil
	}
	if still, err := c.stillNamed(ctx, n); err != nil || !still {
		return err
	}
	if f.Repaired = c.fromBackup(ctx, n); f.Repaired != "" {
		c.add(f)
		return nil
	}
	hurt, lost, err := c.damages(ctx, g, open, s.absent)
	if err != nil {
		return err
	}
	if !lost {
		f.Repaired = c.rebuild(ctx, g, []history.Source{open}, "written anew from its own values, which are whole")
	}
	if f.Repaired == "" {
		f.Repaired = c.fromEarlier(ctx, g)
	}
	if f.Repaired == "" && len(hurt) > 0 {
		for _, d := range hurt {
			one := f
			one.RowFrom, one.RowTo, one.Key = d.RowFrom, min(d.RowTo, g.Row0+g.Visible), d.Key
			if d.Key == "" {
				one.Key = d.KeyFrom + "…" + d.KeyTo
			}
			one.Text = d.Err.Error()
			c.add(one)
		}
		return nil
	}
	c.add(f)
	return nil
}

// maxDamages is how many damaged parts of a segment are named.
const maxDamages = 20

// damages lists what of a segment cannot be read, and whether values are lost.
func (c *check) damages(ctx context.Context, g meta.Segment, open *history.Segment, absent bool) (all []history.Damage, lost bool, err error) {
	if absent || open == nil {
		return nil, true, nil
	}
	err = open.Check(ctx, func(d history.Damage) error {
		if !d.OnlyView {
			lost = true
			if len(all) < maxDamages {
				all = append(all, d)
			}
		}
		return nil
	})
	if err != nil && !ballast.Is(err, ballast.NotFound) && !ballast.Is(err, ballast.Invalid) && !ballast.Is(err, ballast.Unavailable) {
		return nil, true, err
	}
	return all, lost || err != nil, nil // an object that is too short cannot be read to its end
}

// open opens a segment as readers do and compares it with its row.
func (c *check) open(ctx context.Context, g meta.Segment) (*history.Segment, error) {
	s, err := ingest.OpenSegment(ctx, c.opt.Stores, g, history.NewPageCache(4<<20))
	if err != nil {
		return nil, err
	}
	if from, to := s.RowRange(); from != g.Row0 || to != g.Row0+g.Visible {
		return nil, ballast.Errorf(ballast.Internal, "the directory is of rows %d to %d, the row says %d to %d", from, to-1, g.Row0, g.Row0+g.Visible-1)
	}
	return s, nil
}

// console checks the lines of a run.
func (c *check) console(ctx context.Context, p meta.RunPlace) error {
	var v meta.ConsoleView
	err := c.db.Read(ctx, func(tx *meta.Tx) (err error) {
		v, err = tx.ConsoleView(p.ID, 0, -1)
		return err
	})
	if err != nil {
		return err
	}
	for _, chunk := range v.Chunks {
		c.rep.Chunks++
		if _, err := console.Decode(chunk.Data, chunk.Line0); err != nil {
			c.add(Finding{What: "console", Run: p.Path, Stream: "output", RowFrom: chunk.Line0, RowTo: chunk.Line0 + int64(chunk.Lines), Text: err.Error()})
		}
	}
	for _, b := range v.Blocks {
		whole := c.named[b.Object]
		c.named[b.Object] = true
		if whole {
			continue
		}
		n := meta.Named{Kind: "console", Run: p.ID, Store: b.Store, Object: b.Object, Bytes: -1}
		s, err := c.sum(ctx, b.Store, b.Object)
		if err != nil {
			return err
		}
		wrong := s.against(n)
		if wrong == "" {
			continue
		}
		if still, err := c.stillNamed(ctx, n); err != nil || !still {
			return err
		}
		if how := c.fromBackup(ctx, n); how != "" {
			c.add(Finding{What: "console", Run: p.Path, Stream: "output", Object: b.Object, Text: wrong, Repaired: how})
			continue
		}
		c.blocks(ctx, p, v.Blocks, b.Object, wrong)
	}
	return nil
}

// blocks names the blocks of a damaged object that cannot be read.
func (c *check) blocks(ctx context.Context, p meta.RunPlace, blocks []meta.ConsoleBlock, object, wrong string) {
	for _, b := range blocks {
		if b.Object != object {
			continue
		}
		data, err := c.bytes(ctx, b.Store, object, b.Off, b.Len)
		if err == nil {
			_, err = console.Decode(data, b.Line0)
		}
		if err != nil {
			if !ballast.Is(err, ballast.NotFound) {
				err = fmt.Errorf("%s; %w", wrong, err)
			}
			c.add(Finding{What: "console", Run: p.Path, Stream: "output", RowFrom: b.Line0, RowTo: b.Line0 + int64(b.Lines), Object: object, Text: err.Error()})
		}
	}
}

// bytes reads a part of an object.
func (c *check) bytes(ctx context.Context, store int, object string, off, n int64) ([]byte, error) {
	bucket := c.opt.Stores[store]
	if bucket == nil {
		return nil, ballast.Errorf(ballast.NotFound, "store %d, which holds object %s, is not set up here", store, object)
	}
	r, err := bucket.Get(ctx, object, off, n)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, ballast.Wrap(ballast.Unavailable, err, "reading %d bytes at %d of %s", n, off, object)
	}
	return b, nil
}
