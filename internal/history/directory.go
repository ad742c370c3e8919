package history

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// The directory of a segment (docs/format/history-v1.md): the top names the
// row groups and where the block of each is; a block says where the pages and
// the series of its group are. A short directory holds its blocks itself.
const (
	dirMagic    = "BSD1"
	dirVersion  = 1
	dictVersion = 2 // groups may have a dictionary of values
)

// MaxInlineDir is the longest directory that belongs into SQL.
const MaxInlineDir = 64 << 10

type directory struct {
	version    byte
	row0, rows int64
	points     int64
	keys       int
	stepMin    int64
	stepMax    int64
	groups     []groupRef
	blocks     []byte // inline
	inline     bool
}

type groupRef struct {
	off, len          int64
	firstKey, lastKey string
	blockOff          int64 // in the object, or in the inline blocks
	blockLen          int64
	blockRaw          int64 // bytes when it is decompressed
	blockCRC          uint32
}

// block is what is in one row group.
type block struct {
	dict   pageRef // of values; raw 0: there is none
	pages  []pageSet
	series []seriesRef
}

// pageSet is one page of every column; they hold the same rows. Columns that
// can be told without their pages, such as even rows, are not listed.
type pageSet struct {
	rows      int
	firstRow  int64 // of its first value; kept when rows or steps are listed
	firstStep int64
	has       [pageCols]bool
	col       [pageCols]pageRef
}

// seriesRef is a series, or its part, in a row group.
type seriesRef struct {
	key        string
	start, n   int // its place among the group's rows
	state      keyState
	rowStride  int64 // 0: rows are irregular and have to be read
	stepStride int64
	stepEven   bool // steps are first + i*stepStride
	firstStep0 int64
	lastForm   Form
	forms      Form // of all values where mixed is false
	mixed      bool
	hasJSON    bool
	hasNumbers bool
	levels     []levelRef // with the first part of a series
}

// rowEnd is the first row beyond the series.
func (s *seriesRef) rowEnd() int64 { return s.state.LastRow + 1 }

// needs says which columns have to be read for the series.
func (s *seriesRef) needs() [pageCols]bool {
	return [pageCols]bool{colRow: s.rowStride == 0, colStep: !s.stepEven, colValue: s.hasNumbers, colInteger: s.mixed, colJSON: s.hasJSON}
}

func (d *directory) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, dirMagic+"\x00\x00\x00\x00"...)
	dst = append(dst, d.version, bit(d.inline))
	for _, v := range []int64{d.row0, d.rows, d.points, int64(d.keys)} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	dst = binary.AppendVarint(binary.AppendVarint(dst, d.stepMin), d.stepMax)
	dst = binary.AppendUvarint(dst, uint64(len(d.groups)))
	for i := range d.groups {
		g := &d.groups[i]
		for _, v := range []int64{g.off, g.len, g.blockOff, g.blockLen, g.blockRaw} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		dst = binary.LittleEndian.AppendUint32(dst, g.blockCRC)
		dst = appendString(dst, g.firstKey)
		same := samePrefix(g.firstKey, g.lastKey)
		dst = appendString(binary.AppendUvarint(dst, uint64(same)), g.lastKey[same:])
	}
	dst = append(dst, d.blocks...)
	binary.LittleEndian.PutUint32(dst[start+4:], crc32.Checksum(dst[start+8:], castagnoli))
	return dst
}

func samePrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func parseDirectory(b []byte) (*directory, error) {
	if len(b) < 10 || string(b[:4]) != dirMagic || b[8] != dirVersion && b[8] != dictVersion {
		return nil, errors.New("it does not start as one of version 1 or 2")
	}
	if crc32.Checksum(b[8:], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, errors.New("its checksum is wrong")
	}
	r := reader{b: b[10:]}
	d := &directory{version: b[8], inline: b[9] == 1, row0: r.int(), rows: r.int(), points: r.int(), keys: int(r.int()), stepMin: r.varint(), stepMax: r.varint()}
	n := r.int()
	if n > int64(len(r.b)) || d.row0 > maxRow || d.rows > maxRow {
		return nil, errShort
	}
	d.groups = make([]groupRef, n)
	for i := range d.groups {
		g := &d.groups[i]
		*g = groupRef{off: r.int(), len: r.int(), blockOff: r.int(), blockLen: r.int(), blockRaw: r.int(), blockCRC: r.u32(), firstKey: r.string()}
		same := r.int()
		if same > int64(len(g.firstKey)) {
			return nil, errShort
		}
		g.lastKey = g.firstKey[:same] + r.string()
		if r.err == nil && (g.off > maxObject || g.len > maxObject || g.blockOff > maxObject || g.blockLen > maxBlock || g.blockRaw > maxBlock) {
			return nil, errLong
		}
	}
	d.blocks = r.b
	return d, r.err
}

// Bounds of what a damaged directory can ask for.
const (
	maxRow    = 1 << 56
	maxObject = 1 << 48
	maxBlock  = 256 << 20
)

func (k *block) append(dst []byte, version byte) []byte {
	if version >= dictVersion {
		dst = binary.AppendUvarint(dst, uint64(k.dict.raw/8))
		if k.dict.raw > 0 {
			dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(k.dict.off)), uint64(k.dict.zip))
			dst = binary.LittleEndian.AppendUint32(dst, k.dict.crc)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(k.pages)))
	for i := range k.pages {
		dst = k.pages[i].append(dst)
	}
	dst = binary.AppendUvarint(dst, uint64(len(k.series)))
	for i := range k.series {
		dst = k.series[i].append(dst)
	}
	return dst
}

func (p *pageSet) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(p.rows))
	var mask byte
	for c, has := range p.has {
		mask |= bit(has) << c
	}
	dst = append(dst, mask)
	if p.has[colRow] || p.has[colStep] {
		dst = binary.AppendVarint(binary.AppendUvarint(dst, uint64(p.firstRow)), p.firstStep)
	}
	for c := range p.col {
		if p.has[c] {
			dst = p.col[c].append(dst, c, p.rows)
		}
	}
	return dst
}

func (p *pageSet) parse(r *reader) {
	if p.rows = int(r.int()); p.rows > MaxChunkRows || p.rows < 0 {
		r.fail()
		return
	}
	mask := r.byte()
	for c := range p.has {
		p.has[c] = mask>>c&1 != 0
	}
	if p.has[colRow] || p.has[colStep] {
		p.firstRow, p.firstStep = r.int(), r.varint()
	}
	for c := range p.col {
		if p.has[c] {
			p.col[c].parse(r, c, p.rows)
		}
	}
}

// append writes what cannot be told from the column and the number of rows.
func (r *pageRef) append(dst []byte, col, rows int) []byte {
	some := r.nulls > 0 && r.nulls < rows
	all := r.nulls > 0 && !some
	dst = binary.AppendUvarint(dst, uint64(r.off))
	dst = append(dst, bit(r.split)|bit(some)<<1|bit(all)<<2|bit(r.dict)<<3)
	if some {
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(r.nulls)), uint64(r.def))
	}
	if col == colRow || col == colStep || col == colJSON || r.dict {
		dst = binary.AppendUvarint(dst, uint64(r.raw))
	}
	dst = binary.AppendUvarint(dst, uint64(r.zip))
	return binary.LittleEndian.AppendUint32(dst, r.crc)
}

func (r *pageRef) parse(b *reader, col, rows int) {
	r.off = b.int()
	f := b.byte()
	r.split, r.dict = f&1 != 0, f&8 != 0
	if col == colValue || col == colJSON {
		r.def = evenLevels(rows)
	}
	switch {
	case f&2 != 0:
		r.nulls, r.def = int(b.int()), int(b.int())
	case f&4 != 0:
		r.nulls = rows
	}
	if r.nulls > rows || r.def > maxPageBytes {
		b.fail()
		return
	}
	switch {
	case r.dict:
		if r.raw = int(b.int()); col != colValue || r.split || r.raw > 4*rows+1024 {
			b.fail()
		}
	case col == colValue:
		r.raw = 8 * (rows - r.nulls)
	case col == colInteger:
		r.raw = (rows + 7) / 8
	case col == colJSON:
		r.raw = int(b.int())
	default:
		// Deltas of 64 bits and their headers: a page of rows or steps is
		// no longer than this.
		if r.raw = int(b.int()); r.raw > 9*rows+1024 {
			b.fail()
		}
	}
	r.zip, r.crc = int(b.int()), b.u32()
	if r.raw > maxPageBytes || r.zip > maxPageBytes || r.off > maxObject {
		b.fail()
	}
}

// parseDictionary reads where the dictionary of a block is.
func (k *block) parseDictionary(r *reader) {
	n := r.int()
	if n == 0 {
		return
	}
	k.dict = pageRef{off: r.int(), zip: int(r.int()), crc: r.u32()}
	if n > maxDictionary || k.dict.zip > maxPageBytes || k.dict.off > maxObject {
		r.fail()
		return
	}
	k.dict.raw = 8 * int(n)
}

func parseBlock(b []byte, version byte) (*block, error) {
	r := reader{b: b}
	k := &block{}
	if version >= dictVersion {
		k.parseDictionary(&r)
	}
	n := r.int()
	if n > int64(len(r.b)) {
		return nil, errShort
	}
	k.pages = make([]pageSet, n)
	total := 0
	for i := range k.pages {
		k.pages[i].parse(&r)
		total += k.pages[i].rows
	}
	if n = r.int(); n > int64(len(r.b)) {
		return nil, errShort
	}
	k.series = make([]seriesRef, n)
	start := 0
	for i := range k.series {
		s := &k.series[i]
		if s.parse(&r); r.err != nil {
			return nil, r.err
		}
		if s.start = start; s.n > total-start {
			return nil, errLong
		}
		start += s.n
	}
	if r.err == nil && len(r.b) != 0 {
		r.err = errLong
	}
	return k, r.err
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
