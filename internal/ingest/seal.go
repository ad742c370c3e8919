package ingest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

// Seal makes segments of what is due of a run's tail. It may be called at any
// time, by several at once: at most one swap succeeds.
func (in *Ingest) Seal(ctx context.Context, run int64) error {
	return in.seal(ctx, run, meta.Fence{})
}

func (in *Ingest) sealJob(ctx context.Context, l queue.Lease) error {
	run, err := runOf(l)
	if err != nil {
		return err
	}
	return in.seal(ctx, run, in.fence(l))
}

func (in *Ingest) seal(ctx context.Context, run int64, f meta.Fence) error {
	for _, stream := range []ballast.Stream{ballast.History, ballast.Events} {
		for more := true; more; {
			var err error
			if more, err = in.sealStream(ctx, run, stream, f); err != nil {
				return fmt.Errorf("sealing %s of run %d: %w", stream, run, err)
			}
		}
	}
	return in.writeManifest(ctx, run)
}

// sealStream seals, folds or leaves one stream's tail. It reports whether it
// sealed a part and the rest is worth another look.
func (in *Ingest) sealStream(ctx context.Context, run int64, stream ballast.Stream, f meta.Fence) (more bool, err error) {
	s := in.opt.Seal
	v, sizes, err := in.readTail(ctx, run, stream)
	if err != nil || len(v.Tail) == 0 {
		return false, err
	}
	chunks, bytes := v.Tail, int64(0)
	for _, c := range sizes {
		bytes += c.Bytes
	}
	perKey, err := valuesPerKey(chunks)
	if err != nil {
		return false, err
	}
	switch {
	case v.Live.State.Ended(), bytes >= s.Wide, bytes >= s.Small && perKey >= widePerKey:
		if perKey >= widePerKey {
			chunks = firstPart(chunks, 4*s.Bytes)
		}
		won, err := in.sealChunks(ctx, &v, chunks, f)
		return won && len(chunks) < len(sizes), err
	case len(chunks) >= s.Chunks/4:
		return false, in.foldChunks(ctx, &v, chunks, f)
	}
	return false, nil
}

// readTail reads the part of a tail that is looked at in one go: a tail that
// has grown for long may be larger than memory. sizes are of all chunks that
// may be sealed now.
func (in *Ingest) readTail(ctx context.Context, run int64, stream ballast.Stream) (v meta.StreamView, sizes []meta.ChunkSize, err error) {
	err = in.db.Read(ctx, func(tx *meta.Tx) error {
		if v, sizes, err = tx.TailSizes(run, stream); err != nil {
			return err
		}
		hole, err := tx.OpenHoles(run, stream, in.now().Add(-in.opt.Seal.Late))
		if err != nil {
			return err
		}
		if sizes = sealable(sizes, v.Sealed, hole); len(sizes) == 0 {
			return nil
		}
		last, bytes := 0, sizes[0].Bytes
		for last+1 < len(sizes) && bytes+sizes[last+1].Bytes <= in.opt.Seal.Wide {
			last++
			bytes += sizes[last].Bytes
		}
		v.Tail, err = tx.TailPart(run, stream, sizes[0].Row0, sizes[last].Row0+1)
		return err
	})
	return v, sizes, err
}

// sealable returns the chunks that may be sealed now: not those that came late
// into a sealed hole, nor those behind a hole that may still be filled.
func sealable(chunks []meta.ChunkSize, sealed, hole int64) []meta.ChunkSize {
	for len(chunks) > 0 && chunks[0].Row0 < sealed {
		chunks = chunks[1:]
	}
	for hole >= 0 && len(chunks) > 0 && chunks[len(chunks)-1].Row0 >= hole {
		chunks = chunks[:len(chunks)-1]
	}
	return chunks
}

// firstPart returns the first chunks, up to a size: one segment holds no more,
// so that writing it needs a bounded time and memory.
func firstPart(chunks []meta.Chunk, limit int64) []meta.Chunk {
	for i, c := range chunks {
		if limit -= int64(len(c.Data)); limit < 0 && i > 0 {
			return chunks[:i]
		}
	}
	return chunks
}

// widePerKey is how many values a key must have before a segment is worth it:
// single rows of 100,000 keys would cost 16 bytes a value (ENGINE section 8).
const widePerKey = 64

// valuesPerKey is about how many values each key of the chunks has.
func valuesPerKey(chunks []meta.Chunk) (int64, error) {
	keys := map[string]struct{}{}
	values := int64(0)
	for _, c := range chunks {
		open, err := history.OpenChunk(c.Data)
		if err != nil {
			return 0, fmt.Errorf("the chunk at row %d: %w", c.Row0, err)
		}
		names := open.Keys()
		values += int64(len(names)) * int64(c.Rows)
		for _, k := range names {
			keys[k] = struct{}{}
		}
	}
	return values / max(1, int64(len(keys))), nil
}

// sealChunks writes one segment of the chunks and swaps it in. It reports
// whether that was done, or had been overtaken.
func (in *Ingest) sealChunks(ctx context.Context, v *meta.StreamView, chunks []meta.Chunk, f meta.Fence) (won bool, err error) {
	began := time.Now()
	tail, err := openTail(chunks)
	if err != nil {
		return false, err
	}
	var object bytes.Buffer
	info, err := history.WriteSegment(ctx, &object, []history.Source{history.HideSource(tail, hiddenOf(v.Erased))}, history.WriteOptions{})
	if err != nil {
		return false, err
	}
	last := chunks[len(chunks)-1]
	name := objectName(meta.HistoryPrefix, v.Run, v.Stream.String(), info.Row0, object.Bytes(), ".parquet")
	if err := in.put(ctx, name, &object, int64(object.Len()), v.Stream.String()); err != nil {
		return false, err
	}
	swap := meta.Swap{Run: v.Run, Stream: v.Stream, From: v.Sealed, To: last.Row0 + int64(last.Rows), Gen: v.Live.Gen, Chunks: len(chunks), Fence: f,
		New: in.segment(v.Run, v.Stream, 0, name, info)}
	won, err = in.swap(ctx, "sealing rows", func(tx *meta.Tx) (bool, error) { return tx.SealRows(swap) })
	if err != nil {
		return false, err
	}
	in.metrics.seal.WithLabelValues(v.Stream.String()).Observe(time.Since(began).Seconds())
	return won, in.queueCompact(ctx, v)
}

// queueCompact pushes a merge when the stream has enough segments for one.
func (in *Ingest) queueCompact(ctx context.Context, v *meta.StreamView) error {
	var segments []meta.Segment
	var ended bool
	err := in.db.Read(ctx, func(tx *meta.Tx) error {
		var err error
		ended = v.Live.State.Ended()
		segments, err = tx.SegmentList(v.Run, v.Stream)
		return err
	})
	if err != nil {
		return err
	}
	if from, to := in.mergeable(segments, ended); to > from {
		in.push(compactQueue, runName(v.Run), 0)
	}
	return nil
}

func openTail(chunks []meta.Chunk) (*history.Tail, error) {
	parts := make([]history.TailChunk, len(chunks))
	for i, c := range chunks {
		parts[i] = history.TailChunk{Row0: c.Row0, Rows: c.Rows, Data: c.Data}
	}
	return history.OpenTail(parts)
}

func (in *Ingest) segment(run int64, stream ballast.Stream, level int, name string, info history.SegmentInfo) meta.Segment {
	g := meta.Segment{Run: run, Stream: stream, Row0: info.Row0, Rows: info.Rows, Visible: info.Rows, Level: level, Store: in.opt.Store, Object: name,
		Bytes: info.Bytes, Points: info.Points, StepMin: info.StepMin, StepMax: info.StepMax, DirOff: info.DirOff, DirLen: info.DirLen}
	if len(info.Dir) <= history.MaxInlineDir {
		g.Dir = info.Dir
	}
	return g
}

// objectName is a name that is used once: the hash of the content tells what
// is in it, the random part keeps the collector, which may be about to delete
// an earlier object with the same content, from deleting this one.
func objectName(prefix string, run int64, what string, row0 int64, content []byte, suffix string) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%s%d/%s-%012d-%s-%s%s", prefix, run, what, row0, hex.EncodeToString(sum[:8]), strings.ToLower(rand.Text()[:8]), suffix)
}

// put notes an object for the collector and then stores it.
func (in *Ingest) put(ctx context.Context, name string, r io.Reader, size int64, what string) error {
	err := in.db.Write(ctx, "noting an object", func(tx *meta.Tx) error {
		return tx.NoteObject(name, in.opt.Store, size, in.now())
	})
	if err != nil {
		return err
	}
	if _, err := in.bucket.Put(ctx, name, r, size); err != nil {
		return fmt.Errorf("putting %s: %w", name, err)
	}
	in.metrics.bytes.WithLabelValues(what).Add(float64(size))
	return nil
}

// swap makes work visible. Losing it is no fault: someone else was first, or
// the rows were set aside, and the collector takes the object.
func (in *Ingest) swap(ctx context.Context, what string, fn func(*meta.Tx) (bool, error)) (won bool, err error) {
	err = in.db.Write(ctx, what, func(tx *meta.Tx) error {
		var err error
		won, err = fn(tx)
		return err
	})
	if err == nil && !won {
		in.metrics.lost.Inc()
	}
	return won, err
}

// maxFold bounds a folded chunk, in bytes.
const maxFold = 1 << 20

// foldChunks joins many small chunks of a slow run into few, without an
// object. Chunks that lie apart, around a hole, are not joined.
func (in *Ingest) foldChunks(ctx context.Context, v *meta.StreamView, chunks []meta.Chunk, f meta.Fence) error {
	began := time.Now()
	for len(chunks) > 0 {
		n, bytes, rows := 1, len(chunks[0].Data), chunks[0].Rows
		for n < len(chunks) && bytes+len(chunks[n].Data) <= maxFold && rows+chunks[n].Rows <= history.MaxChunkRows && chunks[n].Row0 == chunks[n-1].Row0+int64(chunks[n-1].Rows) {
			bytes += len(chunks[n].Data)
			rows += chunks[n].Rows
			n++
		}
		if n > 1 {
			if err := in.foldOne(ctx, v, chunks[:n], f); err != nil {
				return err
			}
		}
		chunks = chunks[n:]
	}
	in.metrics.seal.WithLabelValues("fold").Observe(time.Since(began).Seconds())
	return nil
}

func (in *Ingest) foldOne(ctx context.Context, v *meta.StreamView, chunks []meta.Chunk, f meta.Fence) error {
	parts := make([][]byte, len(chunks))
	for i, c := range chunks {
		parts[i] = c.Data
		open, err := history.OpenChunk(c.Data)
		if err != nil {
			return err
		}
		if open.Rows() != c.Rows { // a rewind cut it
			if parts[i], err = history.CutRows(c.Data, 0, c.Rows); err != nil {
				return err
			}
		}
	}
	data, err := history.MergeChunks(parts...)
	if err != nil {
		return err
	}
	_, err = in.swap(ctx, "folding rows", func(tx *meta.Tx) (bool, error) {
		return tx.FoldChunks(v.Run, v.Stream, v.Live.Gen, chunks, data, f)
	})
	return err
}
