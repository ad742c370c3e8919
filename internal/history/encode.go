package history

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"

	"github.com/klauspost/compress/s2"
)

// Append encodes the rows as one chunk. The builder stays as it is.
func (b *Builder) Append(dst []byte) []byte {
	b.transpose()
	entries := b.columns()
	names := len(b.dir)
	body := binary.AppendUvarint(b.body[:0], uint64(b.rows))
	body = binary.AppendUvarint(body, uint64(entries))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(b.dir)))
	body = append(append(body, b.dir...), b.data...)
	b.body = body

	start := len(dst)
	dst = slices.Grow(dst, chunkHead+len(body))
	dst = append(dst, chunkMagic, 0, 0, 0, 0, 0)
	// Names compress well, numbers do not: pack only where names are most.
	if packed := b.pack(body, names); packed != nil {
		dst[start+1] = chunkS2
		dst = append(dst, packed...)
	} else {
		dst = append(dst, body...)
	}
	binary.LittleEndian.PutUint32(dst[start+2:], crc32.Checksum(dst[start+chunkHead:], castagnoli))
	return dst
}

func (b *Builder) pack(body []byte, names int) []byte {
	if 2*names <= len(body) || len(body) < 1024 {
		return nil
	}
	packed := s2.Encode(nil, body)
	if len(packed) >= len(body) || !packable(len(body), len(packed)) {
		return nil
	}
	return packed
}

// transpose sorts the log by column, keeping row order: numbers into vals and
// at, texts into texts.
func (b *Builder) transpose() {
	nums, texts := 0, 0
	next := make([]struct{ num, text int }, len(b.cols))
	for c := range b.cols {
		next[c].num, next[c].text = nums, texts
		nums += int(b.cols[c].nums)
		texts += int(b.cols[c].texts)
	}
	b.vals = slices.Grow(b.vals[:0], nums)[:nums]
	b.at = slices.Grow(b.at[:0], nums)[:nums]
	b.texts = slices.Grow(b.texts[:0], texts)[:texts]
	for _, e := range b.log {
		if e.col == deadCol {
			continue
		}
		p := &next[e.col]
		if Form(e.row>>formShift) == JSON {
			b.texts[p.text] = e
			p.text++
		} else {
			b.vals[p.num], b.at[p.num] = math.Float64frombits(e.bits), e.row
			p.num++
		}
	}
}

// columns writes directory and data and returns the number of entries.
func (b *Builder) columns() (entries int) {
	b.dir, b.data = b.dir[:0], b.data[:0]
	b.stepMin, b.stepMax = math.MaxInt64, math.MinInt64
	num, text := 0, 0
	for c := range b.cols {
		col := &b.cols[c]
		if n := int(col.nums); n > 0 {
			start := len(b.data)
			if string(b.name(col)) == "_step" {
				b.stepMin, b.stepMax = stepRange(b.vals[num : num+n])
			}
			b.numbers(b.vals[num:num+n], b.at[num:num+n])
			b.entry(col, n, len(b.data)-start)
			num += n
			entries++
		}
		if n := int(col.texts); n > 0 {
			start := len(b.data)
			b.jsons(b.texts[text : text+n])
			b.entry(col, n, len(b.data)-start)
			text += n
			entries++
		}
	}
	return entries
}

func (b *Builder) entry(col *column, vals, size int) {
	b.dir = binary.AppendUvarint(b.dir, uint64(col.nameLen))
	b.dir = append(b.dir, b.name(col)...)
	sparse := uint64(0)
	if vals != b.rows {
		sparse = 1
	}
	b.dir = binary.AppendUvarint(b.dir, uint64(vals)<<1|sparse)
	b.dir = binary.AppendUvarint(b.dir, uint64(size))
}

func (b *Builder) numbers(v []float64, at []uint32) {
	ints := 0
	row := int64(-1)
	for _, a := range at {
		ints += int(a >> formShift & 1)
		if len(at) != b.rows {
			b.data, row = appendGap(b.data, row, a)
		}
	}
	var flags byte
	var bitmap []byte
	switch ints {
	case 0:
	case len(at):
		flags = allInts
	default:
		flags = someInts
		bitmap = make([]byte, (len(at)+7)/8)
		for i, a := range at {
			bitmap[i/8] |= byte(a>>formShift&1) << (i % 8)
		}
	}
	b.data = appendNumbers(b.data, v, flags, bitmap)
}

func (b *Builder) jsons(list []entry) {
	row := int64(-1)
	for _, e := range list {
		if len(list) != b.rows {
			b.data, row = appendGap(b.data, row, e.row)
		}
	}
	b.data = append(b.data, codecJSON)
	for _, e := range list {
		text := b.text[e.bits>>32 : e.bits>>32+e.bits&math.MaxUint32]
		b.data = binary.AppendUvarint(b.data, uint64(len(text)))
		b.data = append(b.data, text...)
	}
}

// appendGap writes how many rows lie between the last row and this one.
func appendGap(dst []byte, last int64, at uint32) ([]byte, int64) {
	row := int64(at & rowMask)
	return binary.AppendUvarint(dst, uint64(row-last-1)), row
}

// StepRange returns the lowest and the highest _step of the rows that were
// last encoded; min > max when none has one.
func (b *Builder) StepRange() (lowest, highest int64) { return b.stepMin, b.stepMax }

func stepRange(v []float64) (lowest, highest int64) {
	lowest, highest = math.MaxInt64, math.MinInt64
	for _, x := range v {
		if s, ok := stepOf(x); ok {
			lowest, highest = min(lowest, s), max(highest, s)
		}
	}
	return lowest, highest
}
