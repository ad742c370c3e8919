package history

import (
	"hash/maphash"
	"math"
	"slices"
)

// Limits of one chunk.
const (
	MaxChunkRows  = 1 << 20
	MaxKeyBytes   = 1<<16 - 1
	MaxInt        = 1 << 53   // the largest integer stored as a number
	maxChunkBytes = 256 << 20 // decoded
)

// nan is the one NaN that is stored: it survives the way through float32.
var nan = math.Float64frombits(0x7ff8000000000000)

// Builder collects rows and encodes them as one chunk. It may be reused; it
// keeps its memory.
//
// Values are appended to one log in the order they come and sorted by key when
// the chunk is encoded: no allocation per key, whatever their number.
type Builder struct {
	seed  maphash.Seed
	slots []uint32 // open addressing: index of a column + 1
	cols  []column
	names []byte
	log   []entry
	text  []byte // JSON texts
	rows  int
	start int      // of the present row in the log
	opens []uint32 // columns that the present row opened

	stepMin, stepMax int64 // of the rows last encoded

	vals      []float64
	at        []uint32 // row | int bit, beside vals
	texts     []entry
	dir, data []byte
	body      []byte
}

type column struct {
	name, nameLen uint32
	hash          uint32
	nums, texts   uint32 // values
	row           uint32 // last row that has it, + 1
	ent           uint32 // its place in the log then
	opened        uint32 // last row in which it was a container, + 1
}

type entry struct {
	col, row uint32 // row: with the form in the top bits
	bits     uint64 // of the number, or offset<<32 | length of the text
}

const (
	formShift = 30
	rowMask   = 1<<formShift - 1
	deadCol   = math.MaxUint32
	firstSize = 256
)

// Reset empties the builder.
func (b *Builder) Reset() {
	if b.slots == nil {
		b.seed = maphash.MakeSeed()
		b.slots = make([]uint32, firstSize)
	}
	b.slots = b.slots[:firstSize]
	clear(b.slots)
	b.cols, b.names, b.log, b.text = b.cols[:0], b.names[:0], b.log[:0], b.text[:0]
	b.rows, b.start = 0, 0
}

// Size is about how many bytes of memory the builder holds.
func (b *Builder) Size() int {
	return 4*cap(b.slots) + 36*cap(b.cols) + cap(b.names) + 16*(cap(b.log)+cap(b.texts)) +
		cap(b.text) + 8*cap(b.vals) + 4*cap(b.at) + cap(b.dir) + cap(b.data) + cap(b.body)
}

// Row begins a row.
func (b *Builder) Row() {
	if b.slots == nil {
		b.Reset()
	}
	b.rows++
	b.start = len(b.log)
	b.opens = b.opens[:0]
}

// Values is the number of values in the rows begun.
func (b *Builder) Values() int { return len(b.log) }

// ClearRow takes the values of the present row back.
func (b *Builder) ClearRow() {
	for _, e := range b.log[b.start:] {
		if e.col != deadCol {
			b.count(e, -1)
			b.cols[e.col].row = 0
		}
	}
	b.log = b.log[:b.start]
	for _, c := range b.opens {
		b.cols[c].opened = 0
	}
	b.opens = b.opens[:0]
}

// Number sets a key of the present row to a number. integer says that it came
// without fraction and exponent. A key set twice keeps the last value.
func (b *Builder) Number(key []byte, v float64, integer bool) {
	if v != v {
		v = nan
	}
	form := uint32(Float)
	if integer {
		form = uint32(Int)
	}
	b.put(b.col(key), form, math.Float64bits(v))
}

// JSON sets a key of the present row to a JSON text, which must be valid.
func (b *Builder) JSON(key, text []byte) {
	bits := uint64(len(b.text))<<32 | uint64(len(text))
	b.text = append(b.text, text...)
	b.put(b.col(key), uint32(JSON), bits)
}

func (b *Builder) put(c int, form uint32, bits uint64) {
	col := &b.cols[c]
	e := entry{uint32(c), uint32(b.rows-1) | form<<formShift, bits}
	if col.row == uint32(b.rows) {
		b.count(b.log[col.ent], -1)
		b.log[col.ent] = e
	} else {
		col.row, col.ent = uint32(b.rows), uint32(len(b.log))
		b.log = append(b.log, e)
	}
	if form == uint32(JSON) {
		col.texts++
	} else {
		col.nums++
	}
}

func (b *Builder) count(e entry, by int) {
	if Form(e.row>>formShift) == JSON {
		b.cols[e.col].texts += uint32(by)
	} else {
		b.cols[e.col].nums += uint32(by)
	}
}

// Has reports whether the present row has the key, and whether it was opened
// as a container of nested keys.
func (b *Builder) Has(key []byte) (value, container bool) {
	c := &b.cols[b.col(key)]
	return c.row == uint32(b.rows), c.opened == uint32(b.rows)
}

// Open notes that the present row has an object at key whose names follow as
// nested keys.
func (b *Builder) Open(key []byte) {
	c := b.col(key)
	b.cols[c].opened = uint32(b.rows)
	b.opens = append(b.opens, uint32(c))
}

// Forget takes back the present row's value of key and all that is nested in
// it: it costs a look at every value of the row.
func (b *Builder) Forget(key []byte) {
	for i, e := range b.log[b.start:] {
		if e.col == deadCol {
			continue
		}
		name := b.name(&b.cols[e.col])
		if len(name) < len(key) || string(name[:len(key)]) != string(key) || len(name) > len(key) && name[len(key)] != '.' {
			continue
		}
		b.count(e, -1)
		b.cols[e.col].row = 0
		b.log[b.start+i].col = deadCol
	}
}

func (b *Builder) name(c *column) []byte { return b.names[c.name : c.name+c.nameLen] }

// col finds or adds a column. Keys come in random order, so there is nothing
// to guess: one hash and mostly one look.
func (b *Builder) col(key []byte) int {
	h := uint32(maphash.Bytes(b.seed, key))
	mask := uint32(len(b.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := b.slots[i]
		if s == 0 {
			return b.addCol(key, h, i)
		}
		if c := &b.cols[s-1]; c.hash == h && string(b.name(c)) == string(key) {
			return int(s - 1)
		}
	}
}

func (b *Builder) addCol(key []byte, h, slot uint32) int {
	b.cols = append(b.cols, column{name: uint32(len(b.names)), nameLen: uint32(len(key)), hash: h})
	b.names = append(b.names, key...)
	b.slots[slot] = uint32(len(b.cols))
	if 2*len(b.cols) > len(b.slots) {
		b.growSlots()
	}
	return len(b.cols) - 1
}

func (b *Builder) growSlots() {
	n := 4 * len(b.slots)
	b.slots = slices.Grow(b.slots[:0], n)[:n]
	clear(b.slots)
	mask := uint32(n - 1)
	for c := range b.cols {
		i := b.cols[c].hash & mask
		for b.slots[i] != 0 {
			i = (i + 1) & mask
		}
		b.slots[i] = uint32(c + 1)
	}
}

// AddChunk appends rows from <= i < to of a chunk.
func (b *Builder) AddChunk(c *Chunk, from, to int) error {
	if b.slots == nil {
		b.Reset()
	}
	base := b.rows - from
	var p Points
	err := c.each(func(key []byte, e dirEntry) error {
		p.Reset("")
		if err := c.decode(e, 0, &p); err != nil {
			return err
		}
		col := b.col(key)
		for i, row := range p.Row {
			if row < int64(from) || row >= int64(to) {
				continue
			}
			b.rows = base + int(row) + 1
			if p.FormAt(i) == JSON {
				b.putText(col, p.JSON[i])
			} else {
				b.put(col, uint32(p.FormAt(i)), math.Float64bits(p.Value[i]))
			}
		}
		return nil
	})
	b.rows = base + to
	b.start = len(b.log)
	return err
}

func (b *Builder) putText(col int, text []byte) {
	bits := uint64(len(b.text))<<32 | uint64(len(text))
	b.text = append(b.text, text...)
	b.put(col, uint32(JSON), bits)
}
