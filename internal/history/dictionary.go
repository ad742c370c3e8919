package history

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/rle"
)

// Values that were rounded repeat: 10,000 different ones need 14 bits each and
// not the 21 that a compressor's references take. A row group may have one
// dictionary for the pages of its values; each page says whether it uses it.
const (
	maxDictionary = 1 << 16
	// dictRepeats is how often 1,024 values must repeat one another for a page
	// to be tried: among 65,536 equally likely ones they do so eight times.
	dictRepeats = 8
)

// The ways of storing a page's numbers.
const (
	storePlain = iota
	storeSplit
	storeDict
)

// dictionary numbers the distinct values of a row group.
type dictionary struct {
	slots  []uint32 // open addressing: index of a value + 1
	values []uint64
	index  []int32 // of each value of the pages that were added
}

func (d *dictionary) reset() {
	if d.slots == nil {
		d.slots = make([]uint32, 4096)
	}
	clear(d.slots)
	d.values, d.index = d.values[:0], d.index[:0]
}

// add takes in a page's values and reports false when there are too many
// different ones.
func (d *dictionary) add(v []uint64) bool {
	for _, x := range v {
		i, ok := d.find(x)
		if !ok {
			return false
		}
		d.index = append(d.index, int32(i))
	}
	return true
}

func hashBits(x uint64) uint32 {
	x *= 0x9e3779b97f4a7c15
	return uint32(x >> 32)
}

func (d *dictionary) find(x uint64) (index uint32, ok bool) {
	mask := uint32(len(d.slots) - 1)
	for i := hashBits(x) & mask; ; i = (i + 1) & mask {
		at := d.slots[i]
		if at == 0 {
			if len(d.values) == maxDictionary {
				return 0, false
			}
			d.values = append(d.values, x)
			d.slots[i] = uint32(len(d.values))
			if 2*len(d.values) > len(d.slots) {
				d.grow()
			}
			return uint32(len(d.values) - 1), true
		}
		if d.values[at-1] == x {
			return at - 1, true
		}
	}
}

func (d *dictionary) grow() {
	d.slots = make([]uint32, 4*len(d.slots))
	mask := uint32(len(d.slots) - 1)
	for n, x := range d.values {
		i := hashBits(x) & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = uint32(n + 1)
	}
}

// sort puts the values in order, which makes the dictionary itself shorter.
func (d *dictionary) sort() {
	order := make([]int32, len(d.values))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if d.values[a] < d.values[b] {
			return -1
		}
		return 1 // they differ
	})
	sorted, rank := make([]uint64, len(order)), make([]int32, len(order))
	for i, at := range order {
		sorted[i], rank[at] = d.values[at], int32(i)
	}
	d.values = sorted
	for i, at := range d.index {
		d.index[i] = rank[at]
	}
}

// valuePlan says how each page of a row group stores its numbers.
type valuePlan struct {
	store []byte
	dict  *dictionary // nil: no page uses one
}

// plan decides for the pages of v. Pages whose values repeat take the
// dictionary when it makes the longest of them shorter, its share of the
// dictionary included.
func (c *pageCodec) plan(v *Points, pages []pageSet) valuePlan {
	p := valuePlan{store: make([]byte, len(pages))}
	c.dict.reset()
	var tried []int // pages that may use it
	longest, from, total := 0, 0, 0
	at, fits := 0, true
	for i := range pages {
		page := v.slice(at, at+pages[i].rows)
		at += pages[i].rows
		c.load(page.Value, page.JSON)
		split, repeats := c.sampled()
		p.store[i] = storePlain
		if split {
			p.store[i] = storeSplit
		}
		if !fits || repeats < dictRepeats {
			continue
		}
		begin := len(c.dict.index)
		if fits = c.dict.add(c.bits); !fits {
			continue
		}
		tried = append(tried, i)
		if n := len(c.bits); n > longest {
			longest, from = n, begin
			c.some = append(c.some[:0], c.bits...)
			total = c.sizeOf(p.store[i])
		}
	}
	// One that does not fit for all pages is of no use for a few.
	if !fits || len(tried) == 0 {
		return p
	}
	c.dict.sort()
	all := len(c.dict.index)
	c.indexes(c.dict.index[from:from+longest], len(c.dict.values))
	packed := len(c.zip.EncodeAll(c.raw, c.trial[:0]))
	c.plainDictionary()
	names := len(c.zip.EncodeAll(c.raw, c.trial[:0]))
	if names+packed*all/longest >= total*all/longest {
		return p
	}
	for _, i := range tried {
		p.store[i] = storeDict
	}
	p.dict = &c.dict
	return p
}

// sizeOf is how long c.some is when it is stored in one of the other ways.
func (c *pageCodec) sizeOf(store byte) int {
	kept := c.bits
	c.bits = c.some
	defer func() { c.bits = kept }()
	c.rawNumbers(store == storeSplit)
	c.trial = c.sealNumbers(c.trial[:0], 0, 0, store == storeSplit)
	return len(c.trial)
}

// indexes writes places in the dictionary as Parquet does: the width in bits,
// then runs.
func (c *pageCodec) indexes(list []int32, values int) error {
	width := max(1, bits.Len(uint(values-1)))
	e := rle.Encoding{BitWidth: width}
	packed, err := e.EncodeInt32(nil, list)
	c.raw = append(append(c.raw[:0], byte(width)), packed...)
	return err
}

func (c *pageCodec) plainDictionary() {
	c.raw = c.raw[:0]
	for _, x := range c.dict.values {
		c.raw = binary.LittleEndian.AppendUint64(c.raw, x)
	}
}

// byDictionary encodes a page's numbers as places in the dictionary; list are
// those that the page's numbers have.
func (c *pageCodec) byDictionary(list []int32, rows int, json [][]byte) ([]byte, error) {
	dst, nulls, err := levels(c.buf[:0], rows, json, false)
	if err != nil {
		return nil, err
	}
	if err := c.indexes(list, len(c.dict.values)); err != nil {
		return nil, err
	}
	c.buf = c.seal(dst, len(dst), nulls, false)
	c.ref.dict = true
	return c.buf, nil
}

var errDictionary = errors.New("a page points beyond its dictionary")

// decodeIndexed undoes byDictionary.
func (r *pageRef) decodeIndexed(def, raw []byte, n int, dict []float64) ([]float64, error) {
	defined, err := r.decodeDefined(def, n)
	if err != nil {
		return nil, err
	}
	m := n - r.nulls
	if len(raw) < 1 || raw[0] == 0 || raw[0] > 16 {
		return nil, errPage
	}
	v := make([]float64, 0, n)
	if v, err = lookUp(v, raw[1:], uint(raw[0]), m, dict); err != nil {
		return nil, err
	}
	return spread(v, defined, n), nil
}

// lookUp appends the m values that runs of Parquet's hybrid encoding point to.
func lookUp(v []float64, b []byte, width uint, m int, dict []float64) ([]float64, error) {
	mask := uint64(1)<<width - 1
	for len(v) < m {
		head, k := binary.Uvarint(b)
		if k <= 0 || head>>1 == 0 {
			return nil, errPage
		}
		b = b[k:]
		n := m - len(v)
		if head&1 == 0 { // one value, repeated
			size := int(width+7) / 8
			if len(b) < size {
				return nil, errPage
			}
			at := uint64(b[0])
			if size == 2 {
				at |= uint64(b[1]) << 8
			}
			if at >= uint64(len(dict)) {
				return nil, errDictionary
			}
			b = b[size:]
			for range min(uint64(n), head>>1) {
				v = append(v, dict[at])
			}
			continue
		}
		groups := head >> 1 // of eight values, packed
		if groups > uint64(len(b)) || groups*uint64(width) > uint64(len(b)) {
			return nil, errPage
		}
		packed := b[:groups*uint64(width)]
		b = b[len(packed):]
		var bits uint64
		var have uint
		for i := 0; n > 0 && uint64(i) < 8*groups; i++ {
			for have < width {
				bits |= uint64(packed[0]) << have
				packed, have = packed[1:], have+8
			}
			at := bits & mask
			if at >= uint64(len(dict)) {
				return nil, errDictionary
			}
			v = append(v, dict[at])
			bits, have, n = bits>>width, have-width, n-1
		}
	}
	return v, nil
}

func decodeDictionary(raw []byte) []float64 {
	v := make([]float64, len(raw)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return v
}
