package ingest

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
)

func (in *Ingest) consoleJob(ctx context.Context, l queue.Lease) error {
	run, err := runOf(l)
	if err != nil {
		return err
	}
	if err := in.sealConsole(ctx, run, in.fence(l)); err != nil {
		return fmt.Errorf("folding the console of run %d: %w", run, err)
	}
	return nil
}

// SealConsole folds the versions of a run's console and moves lines that are
// older than the rewrite window into blocks.
func (in *Ingest) SealConsole(ctx context.Context, run int64) error {
	return in.sealConsole(ctx, run, meta.Fence{})
}

func (in *Ingest) sealConsole(ctx context.Context, run int64, f meta.Fence) error {
	began := time.Now()
	var v meta.ConsoleView
	err := in.db.Read(ctx, func(tx *meta.Tx) error {
		var err error
		v, err = tx.ConsoleView(run, 0, -1)
		return err
	})
	if err != nil || len(v.Chunks) == 0 {
		return err
	}
	p, err := in.planConsole(&v)
	if err != nil {
		return err
	}
	if len(p.blocks) == 0 && len(p.chunks) == len(v.Chunks) || len(p.chunks) > len(v.Chunks) {
		return nil // nothing to gain
	}
	s := meta.ConsoleSwap{Run: run, Gen: v.Gen, Fence: f, Old: v.Chunks, Chunks: p.chunks, Blocks: p.blocks}
	if len(p.blocks) > 0 {
		s.Object = objectName(meta.ConsolePrefix, run, "log", p.blocks[0].Line0, p.object.Bytes(), ".blk")
		s.Bytes = int64(p.object.Len())
		if err := in.put(ctx, s.Object, &p.object, s.Bytes, "console"); err != nil {
			return err
		}
	}
	_, err = in.swap(ctx, "folding console lines", func(tx *meta.Tx) (bool, error) { return tx.SwapConsole(s) })
	in.metrics.seal.WithLabelValues("console").Observe(time.Since(began).Seconds())
	return err
}

// consolePlan is what the versions of a console become.
type consolePlan struct {
	chunks []meta.ConsoleChunk
	blocks []meta.ConsoleBlock
	object bytes.Buffer
}

// planConsole cuts the lines as they stand in three: rewrites of lines in
// blocks stay versions; lines up to the rewrite window become blocks, when
// there are enough for one; the rest is folded.
func (in *Ingest) planConsole(v *meta.ConsoleView) (*consolePlan, error) {
	versions := make([]console.Version, len(v.Chunks))
	for i, c := range v.Chunks {
		versions[i] = console.Version{Line0: c.Line0, Lines: c.Lines, Data: c.Data}
	}
	runs, err := console.Overlay(versions)
	if err != nil {
		return nil, err
	}
	sealed := int64(0)
	for _, b := range v.Blocks {
		sealed = max(sealed, b.Line0+int64(b.Lines))
	}
	until := v.Lines
	if !v.Ended {
		until = max(0, v.Lines-in.opt.Seal.Window)
	}
	if until-sealed < int64(in.opt.Seal.BlockOf) {
		until = sealed
	}
	p := &consolePlan{}
	for _, lines := range runs {
		for len(lines) > 0 {
			first, n := lines[0].Number, int64(len(lines))
			switch {
			case first < sealed:
				n = min(n, sealed-first)
				p.keep(lines[:n])
			case first < until:
				n = min(n, until-first, int64(in.opt.Seal.BlockOf))
				p.block(lines[:n], v.Seq, in.opt.Store)
			default:
				p.keep(lines)
			}
			lines = lines[n:]
		}
	}
	return p, nil
}

func (p *consolePlan) keep(lines []console.Line) {
	p.chunks = append(p.chunks, meta.ConsoleChunk{Line0: lines[0].Number, Lines: len(lines), Data: console.Encode(lines)})
}

func (p *consolePlan) block(lines []console.Line, seq int64, store int) {
	data := console.EncodeBlock(lines)
	b := meta.ConsoleBlock{Line0: lines[0].Number, Lines: len(lines), Seq: seq, Store: store, Off: int64(p.object.Len()), Len: int64(len(data))}
	b.Levels, b.TimeMin, b.TimeMax = console.Extent(lines)
	p.object.Write(data)
	p.blocks = append(p.blocks, b)
}
