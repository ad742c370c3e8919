package history

import (
	"math"

	"github.com/ballast-ml/ballast"
)

// CutRows returns a chunk of rows from <= i < to of a chunk.
func CutRows(data []byte, from, to int) ([]byte, error) {
	c, err := OpenChunk(data)
	if err != nil {
		return nil, err
	}
	if from < 0 || to < from || to > c.rows {
		return nil, ballast.Errorf(ballast.Internal, "cut rows %d to %d of a chunk of %d rows", from, to, c.rows)
	}
	var b Builder
	if err := b.AddChunk(c, from, to); err != nil {
		return nil, damaged("a chunk of history", err)
	}
	return b.Append(nil), nil
}

// MergeChunks returns one chunk of the rows of all, in order.
func MergeChunks(chunks ...[]byte) ([]byte, error) {
	var b Builder
	for _, data := range chunks {
		c, err := OpenChunk(data)
		if err != nil {
			return nil, err
		}
		if b.rows+c.rows > MaxChunkRows {
			return nil, ballast.Errorf(ballast.Internal, "merge chunks of more than %d rows", MaxChunkRows)
		}
		if err := b.AddChunk(c, 0, c.rows); err != nil {
			return nil, damaged("a chunk of history", err)
		}
	}
	return b.Append(nil), nil
}

// AssignSteps returns the chunk with _step first, first+1, … in its rows, in
// place of what they had: the server counts where several writers share a run.
func AssignSteps(data []byte, first int64) ([]byte, error) {
	c, err := OpenChunk(data)
	if err != nil {
		return nil, err
	}
	var b Builder
	if err := b.AddChunk(c, 0, c.rows); err != nil {
		return nil, damaged("a chunk of history", err)
	}
	step := uint32(b.col([]byte("_step")))
	for i := range b.log {
		if b.log[i].col == step {
			b.log[i].col = deadCol
		}
	}
	b.cols[step].nums, b.cols[step].texts = 0, 0
	for i := range c.rows {
		b.log = append(b.log, entry{step, uint32(i) | uint32(Int)<<formShift, math.Float64bits(float64(first + int64(i)))})
		b.cols[step].nums++
	}
	return b.Append(nil), nil
}

// RowHashes appends a stable 64-bit hash of each row's content (never 0), the
// same for the same keys and values in any order: it tells a line that was
// sent again from another one. The form of a number does not count.
func (c *Chunk) RowHashes(dst []uint64) ([]uint64, error) {
	start := len(dst)
	dst = append(dst, make([]uint64, c.rows)...)
	sums := dst[start:]
	var p Points
	err := c.each(func(key []byte, e dirEntry) error {
		p.Reset("")
		if err := c.decode(e, 0, &p); err != nil {
			return err
		}
		name := hashText(key)
		for i, row := range p.Row {
			sums[row] += mix(name, p.hash(i))
		}
		return nil
	})
	if err != nil {
		return dst, damaged("a chunk of history", err)
	}
	for i := range sums {
		sums[i] = max(sums[i], 1)
	}
	return dst, nil
}

func (p *Points) hash(i int) uint64 {
	if p.FormAt(i) == JSON {
		return hashJSON(p.JSON[i])
	}
	return hashNumber(p.Value[i])
}

// FirstHash is the hash of the first row, as RowHashes gives it; 0 when there
// is none.
func (b *Builder) FirstHash() uint64 {
	if b.rows == 0 {
		return 0
	}
	var sum uint64
	for _, e := range b.log {
		switch {
		case e.col == deadCol:
		case e.row&rowMask != 0:
			return max(sum, 1)
		case Form(e.row>>formShift) == JSON:
			sum += mix(hashText(b.name(&b.cols[e.col])), hashJSON(b.text[e.bits>>32:e.bits>>32+e.bits&math.MaxUint32]))
		default:
			sum += mix(hashText(b.name(&b.cols[e.col])), hashNumber(math.Float64frombits(e.bits)))
		}
	}
	return max(sum, 1)
}
