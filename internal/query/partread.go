package query

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/klauspost/compress/s2"
)

const (
	bundleVersion = 1
	bundleHead    = 5       // version, checksum
	maxBundle     = 1 << 28 // what a bundle may unfold to, bytes
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errDamagedPart = errors.New("a part of the stored run table is damaged")
	errLostColumn  = errors.New("a column is too large for the stored run table")
)

// sealBundle compresses a bundle and puts its head before it.
func sealBundle(content []byte) []byte {
	b := make([]byte, bundleHead, bundleHead+s2.MaxEncodedLen(len(content)))
	packed := s2.Encode(b[bundleHead:cap(b)], content)
	b[0] = bundleVersion
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(packed, castagnoli))
	return append(b, packed...)
}

// openBundle calls each for the columns of a bundle; body is each's to keep.
func openBundle(b []byte, each func(name string, body []byte)) error {
	if len(b) < bundleHead || b[0] != bundleVersion || binary.LittleEndian.Uint32(b[1:]) != crc32.Checksum(b[bundleHead:], castagnoli) {
		return errDamagedPart
	}
	if n, err := s2.DecodedLen(b[bundleHead:]); err != nil || n > maxBundle {
		return errDamagedPart
	}
	content, err := s2.Decode(nil, b[bundleHead:])
	if err != nil {
		return errDamagedPart
	}
	in := partReader{b: content}
	for len(in.b) > 0 {
		name, body := in.bytes(), in.bytes()
		if in.bad {
			return errDamagedPart
		}
		each(string(name), body)
	}
	return nil
}

// partReader reads an encoded column; bad is set at the first fault.
type partReader struct {
	b   []byte
	bad bool
}

func (r *partReader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count reads a number of things of which each takes at least a byte.
func (r *partReader) count() int {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *partReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *partReader) byte() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *partReader) bytes() []byte { return r.take(r.count()) }

// eachCell calls fn for each row of an encoded column that has something, in
// order; rows is how many the part has. A text is the same string for each row
// that has it, and shares memory with body, as documents do.
func eachCell(body []byte, rows int, fn func(row int, v value)) error {
	if rows < 0 || rows > meta.PartRuns {
		return errDamagedPart
	}
	in := partReader{b: body}
	form := in.byte()
	if form == lostColumn {
		return errLostColumn
	}
	if in.bad || form > someRows {
		return errDamagedPart
	}
	at := make([]int, rows)
	if form == someRows {
		at = at[:min(in.count(), rows)]
	}
	last := -1
	for i := range at {
		if last++; form == someRows {
			last += int(min(in.number(), meta.PartRuns))
		}
		at[i] = last
	}
	if len(at) == 0 || last >= rows || in.bad {
		return errDamagedPart
	}
	cells, err := readCells(&in, len(at))
	if err != nil {
		return err
	}
	for i, row := range at {
		v, err := cells.next(&in, cells.kinds[i])
		if err != nil {
			return err
		}
		fn(row, v)
	}
	return nil
}

// partCells is what stands before the documents of a column.
type partCells struct {
	kinds []kind
	nums  []byte   // of numbers, times and booleans, that are still to come
	texts []string // the different ones
	refs  []uint64 // of texts that are still to come
}

// readCells reads the head of n cells.
func readCells(in *partReader, n int) (*partCells, error) {
	c := &partCells{kinds: make([]kind, n)}
	one, numbers, texts := in.byte(), 0, 0
	for i := range c.kinds {
		k := one
		if one == mixedKinds {
			k = in.byte()
		}
		if k == byte(missing) || k > byte(object) {
			return nil, errDamagedPart
		}
		switch c.kinds[i] = kind(k); kind(k) {
		case number, moment, boolean:
			numbers++
		case text:
			texts++
		}
	}
	c.nums = in.take(8 * numbers)
	c.texts = make([]string, in.count())
	for i := range c.texts {
		c.texts[i] = string(in.bytes())
	}
	c.refs = make([]uint64, texts)
	for i := range c.refs {
		if c.refs[i] = in.number(); c.refs[i] >= uint64(len(c.texts)) {
			return nil, errDamagedPart
		}
	}
	if in.bad {
		return nil, errDamagedPart
	}
	return c, nil
}

// next is the value of the next cell, which has a kind.
func (c *partCells) next(in *partReader, k kind) (value, error) {
	v := value{kind: k}
	switch k {
	case number, moment, boolean:
		v.num = math.Float64frombits(binary.LittleEndian.Uint64(c.nums))
		c.nums = c.nums[8:]
	case text:
		v.str = c.texts[c.refs[0]]
		c.refs = c.refs[1:]
	case list, object:
		doc, err := parseJSON(string(in.bytes()))
		if err != nil || doc.kind != k {
			return v, errDamagedPart
		}
		return doc, nil
	}
	return v, nil
}
