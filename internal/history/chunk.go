package history

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/klauspost/compress/s2"
)

const (
	chunkMagic = 0xB1
	chunkS2    = 1
	chunkHead  = 6
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errShort = errors.New("data end early")
	errLong  = errors.New("data go on past their end")
	errCodec = errors.New("the encoding is unknown")
	errTwice = errors.New("a row has two values of one key")
)

// damaged is the error for stored bytes that cannot be what was written.
func damaged(what string, cause error) error {
	return ballast.Wrap(ballast.Damaged, cause, "%s is damaged", what)
}

// Chunk reads an encoded chunk (docs/format/chunk-v1.md). It holds no memory
// but the bytes it was opened on.
type Chunk struct {
	rows, cols int
	dir, data  []byte
}

type dirEntry struct {
	vals   int
	sparse bool
	data   []byte
}

// SameChunk reports whether a damaged chunk is a whole one but for its damage:
// of the same length, with the same checksum, or the same bytes below it.
func SameChunk(damaged, whole []byte) bool {
	if len(damaged) != len(whole) || len(whole) <= chunkHead {
		return false
	}
	return bytes.Equal(damaged[2:chunkHead], whole[2:chunkHead]) || bytes.Equal(damaged[chunkHead:], whole[chunkHead:])
}

// OpenChunk checks the checksum and the directory of a chunk. The chunk
// refers to data, which must not change.
func OpenChunk(data []byte) (*Chunk, error) {
	if len(data) < chunkHead || data[0] != chunkMagic || data[1]&^chunkS2 != 0 {
		return nil, damaged("a chunk of history", errors.New("it does not start as one of version 1"))
	}
	if crc32.Checksum(data[chunkHead:], castagnoli) != binary.LittleEndian.Uint32(data[2:]) {
		return nil, damaged("a chunk of history", errors.New("its checksum is wrong"))
	}
	body := data[chunkHead:]
	if data[1]&chunkS2 != 0 {
		var err error
		if body, err = unpack(body); err != nil {
			return nil, damaged("a chunk of history", err)
		}
	}
	c, err := parseChunk(body)
	if err != nil {
		return nil, damaged("a chunk of history", err)
	}
	return c, nil
}

func unpack(body []byte) ([]byte, error) {
	n, err := s2.DecodedLen(body)
	if err != nil {
		return nil, err
	}
	if !packable(n, len(body)) {
		return nil, errLong
	}
	return s2.Decode(make([]byte, n), body)
}

// packable bounds what a few damaged bytes can make a reader allocate; the
// writer keeps to it.
func packable(plain, packed int) bool {
	return plain <= maxChunkBytes && plain/1024 <= packed
}

func parseChunk(b []byte) (*Chunk, error) {
	rows, n := binary.Uvarint(b)
	if n <= 0 || rows > MaxChunkRows {
		return nil, errShort
	}
	b = b[n:]
	cols, n := binary.Uvarint(b)
	if n <= 0 || len(b) < n+4 {
		return nil, errShort
	}
	dirLen := binary.LittleEndian.Uint32(b[n:])
	b = b[n+4:]
	if uint64(dirLen) > uint64(len(b)) || cols > uint64(dirLen) {
		return nil, errShort
	}
	c := &Chunk{rows: int(rows), cols: int(cols), dir: b[:dirLen], data: b[dirLen:]}
	return c, c.each(func([]byte, dirEntry) error { return nil })
}

// each calls yield for every entry of the directory.
func (c *Chunk) each(yield func(key []byte, e dirEntry) error) error {
	dir, data := c.dir, c.data
	for range c.cols {
		key, e, d, err := c.entry(dir, data)
		if err != nil {
			return err
		}
		if err := yield(key, e); err != nil {
			return err
		}
		dir, data = d, data[len(e.data):]
	}
	if len(dir) != 0 || len(data) != 0 {
		return errLong
	}
	return nil
}

func (c *Chunk) entry(dir, data []byte) (key []byte, e dirEntry, rest []byte, err error) {
	n, k := binary.Uvarint(dir)
	if k <= 0 || n > uint64(len(dir)-k) {
		return nil, e, nil, errShort
	}
	key, dir = dir[k:k+int(n)], dir[k+int(n):]
	vals, k := binary.Uvarint(dir)
	if k <= 0 || vals>>1 > uint64(c.rows) || vals>>1 == 0 {
		return nil, e, nil, errShort
	}
	e.vals, e.sparse, dir = int(vals>>1), vals&1 != 0, dir[k:]
	if !e.sparse && e.vals != c.rows {
		return nil, e, nil, errShort
	}
	n, k = binary.Uvarint(dir)
	if k <= 0 || n > uint64(len(data)) || n == 0 {
		return nil, e, nil, errShort
	}
	e.data = data[:n]
	return key, e, dir[k:], nil
}

// Rows is the number of rows.
func (c *Chunk) Rows() int { return c.rows }

// Keys returns every key once, in stored order.
func (c *Chunk) Keys() []string {
	keys := make([]string, 0, c.cols)
	var last []byte
	c.each(func(key []byte, _ dirEntry) error { // checked when it was opened
		if len(keys) == 0 || string(last) != string(key) {
			keys, last = append(keys, string(key)), key
		}
		return nil
	})
	return keys
}

// Column appends the values of one key; row numbers count from row0. The JSON
// texts share the chunk's memory.
func (c *Chunk) Column(key string, row0 int64, dst *Points) error {
	return c.column(key, row0, c.rows, dst)
}

func (c *Chunk) column(key string, row0 int64, visible int, dst *Points) error {
	start := dst.Len()
	if err := c.values(key, row0, dst); err != nil {
		return damaged("a chunk of history", err)
	}
	if dst.Len() == start {
		return nil
	}
	for dst.Len() > start && dst.Row[dst.Len()-1] >= row0+int64(visible) {
		dst.truncate(dst.Len() - 1)
	}
	steps, err := c.Steps(row0, nil)
	if err != nil {
		return err
	}
	for _, row := range dst.Row[start:] {
		dst.Step = append(dst.Step, steps[row-row0])
	}
	return nil
}

// values appends rows, values and forms, not steps. Numbers and others of a
// key are neighbours in the directory.
func (c *Chunk) values(key string, row0 int64, dst *Points) error {
	dir, data := c.dir, c.data
	first := -1
	for range c.cols {
		name, e, d, err := c.entry(dir, data)
		if err != nil {
			return err
		}
		if string(name) == key {
			start := dst.Len()
			if err := c.decode(e, row0, dst); err != nil {
				return err
			}
			if first >= 0 {
				return dst.merge(first, start)
			}
			first = start
		} else if first >= 0 {
			return nil
		}
		dir, data = d, data[len(e.data):]
	}
	return nil
}

// Steps appends the step of every row: its _step, or its row number when it
// has none.
func (c *Chunk) Steps(row0 int64, dst []int64) ([]int64, error) {
	start := len(dst)
	for i := range c.rows {
		dst = append(dst, row0+int64(i))
	}
	var p Points
	if err := c.values("_step", 0, &p); err != nil {
		return dst, damaged("a chunk of history", err)
	}
	for i, row := range p.Row {
		if s, ok := stepOf(p.Value[i]); ok && p.FormAt(i) != JSON {
			dst[start+int(row)] = s
		}
	}
	return dst, nil
}

// stepOf is the step that a value of _step means.
func stepOf(v float64) (int64, bool) {
	if !(math.Abs(v) <= MaxInt) {
		return 0, false
	}
	return int64(math.Floor(v)), true
}

// decode appends the rows and values of an entry.
func (c *Chunk) decode(e dirEntry, row0 int64, dst *Points) error {
	src := e.data
	start := dst.Len()
	dst.Row = slices.Grow(dst.Row, e.vals)
	if !e.sparse {
		for i := range e.vals {
			dst.Row = append(dst.Row, row0+int64(i))
		}
	} else {
		row := int64(-1)
		for range e.vals {
			d, k := binary.Uvarint(src)
			if k <= 0 {
				return errShort
			}
			src = src[k:]
			if row += int64(d) + 1; d >= uint64(c.rows) || row >= int64(c.rows) {
				return errLong
			}
			dst.Row = append(dst.Row, row0+row)
		}
	}
	if len(src) == 0 {
		return errShort
	}
	var err error
	if src[0]&codecMask == codecJSON {
		return dst.addTexts(start, src[1:], e.vals)
	}
	if src[0]&someInts != 0 && len(src) < 1+(e.vals+7)/8 {
		return errShort
	}
	dst.addForms(start, src, e.vals)
	dst.Value, err = decodeNumbers(slices.Grow(dst.Value, e.vals), src, e.vals)
	return err
}
