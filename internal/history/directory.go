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
	dirMagic   = "BSD1"
	dirVersion = 1
)

// MaxInlineDir is the longest directory that belongs into SQL.
const MaxInlineDir = 64 << 10

type directory struct {
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
	blockCRC          uint32
}

// block is what is in one row group.
type block struct {
	pages  []pageSet
	series []seriesRef
}

// pageSet is one page of every column; they hold the same rows.
type pageSet struct {
	rows int
	col  [pageCols]pageRef
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
	forms      Form // of all values where mixed is false
	mixed      bool
	hasJSON    bool
	hasNumbers bool
	levels     []levelRef // with the first part of a series
}

// rowEnd is the first row beyond the series.
func (s *seriesRef) rowEnd() int64 { return s.state.LastRow + 1 }

func (d *directory) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, dirMagic+"\x00\x00\x00\x00"...)
	dst = append(dst, dirVersion, flag(d.inline))
	for _, v := range []int64{d.row0, d.rows, d.points, int64(d.keys)} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	dst = binary.AppendVarint(binary.AppendVarint(dst, d.stepMin), d.stepMax)
	dst = binary.AppendUvarint(dst, uint64(len(d.groups)))
	for i := range d.groups {
		g := &d.groups[i]
		for _, v := range []int64{g.off, g.len, g.blockOff, g.blockLen} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		dst = binary.LittleEndian.AppendUint32(dst, g.blockCRC)
		dst = appendString(appendString(dst, g.firstKey), g.lastKey)
	}
	dst = append(dst, d.blocks...)
	binary.LittleEndian.PutUint32(dst[start+4:], crc32.Checksum(dst[start+8:], castagnoli))
	return dst
}

func parseDirectory(b []byte) (*directory, error) {
	if len(b) < 10 || string(b[:4]) != dirMagic || b[8] != dirVersion {
		return nil, errors.New("it does not start as one of version 1")
	}
	if crc32.Checksum(b[8:], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, errors.New("its checksum is wrong")
	}
	r := reader{b: b[10:]}
	d := &directory{inline: b[9] == 1, row0: r.int(), rows: r.int(), points: r.int(), keys: int(r.int()), stepMin: r.varint(), stepMax: r.varint()}
	n := r.int()
	if n > int64(len(r.b)) {
		return nil, errShort
	}
	d.groups = make([]groupRef, n)
	for i := range d.groups {
		d.groups[i] = groupRef{off: r.int(), len: r.int(), blockOff: r.int(), blockLen: r.int(), blockCRC: r.u32(), firstKey: r.string(), lastKey: r.string()}
		if g := &d.groups[i]; d.inline && r.err == nil && (g.blockOff > int64(len(b)) || g.blockLen > int64(len(b))) {
			return nil, errShort
		}
	}
	d.blocks = r.b
	return d, r.err
}

func (k *block) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(k.pages)))
	for i := range k.pages {
		p := &k.pages[i]
		dst = binary.AppendUvarint(dst, uint64(p.rows))
		for c := range p.col {
			r := &p.col[c]
			for _, v := range []int64{r.off, int64(r.def), int64(r.zip), int64(r.raw), int64(r.nulls)} {
				dst = binary.AppendUvarint(dst, uint64(v))
			}
			dst = append(dst, flag(r.split))
			dst = binary.LittleEndian.AppendUint32(dst, r.crc)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(k.series)))
	for i := range k.series {
		dst = k.series[i].append(dst)
	}
	return dst
}

func (s *seriesRef) append(dst []byte) []byte {
	st := &s.state
	dst = appendString(dst, s.key)
	dst = append(dst, flag(s.stepEven)|flag(s.mixed)<<1|flag(s.hasJSON)<<2|flag(s.hasNumbers)<<3|flag(st.Monotonic)<<4|byte(s.forms)<<5)
	for _, v := range []int64{int64(s.start), int64(s.n), st.FirstRow, st.LastRow, s.rowStride} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	for _, v := range []int64{s.firstStep0, s.stepStride, st.FirstStep, st.LastStep} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = appendFloat(appendFloat(dst, st.first), st.last)
	dst = appendString(dst, string(st.Last))
	dst = append(dst, flag(st.Last != nil))
	dst = binary.AppendUvarint(dst, uint64(len(st.Kinds)))
	for _, k := range st.Kinds {
		dst = binary.AppendUvarint(appendString(dst, k.Kind), uint64(k.Count))
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.levels)))
	for _, l := range s.levels {
		for _, v := range []int64{l.width, l.buckets, l.off, int64(l.zip), int64(l.raw)} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		dst = binary.LittleEndian.AppendUint32(dst, l.crc)
	}
	return dst
}

func parseBlock(b []byte) (*block, error) {
	r := reader{b: b}
	n := r.int()
	if n > int64(len(r.b)) {
		return nil, errShort
	}
	k := &block{pages: make([]pageSet, n)}
	total := 0
	for i := range k.pages {
		p := &k.pages[i]
		if p.rows = int(r.int()); p.rows > MaxChunkRows || p.rows < 0 {
			return nil, errLong
		}
		total += p.rows
		for c := range p.col {
			p.col[c] = pageRef{off: r.int(), def: int(r.int()), zip: int(r.int()), raw: int(r.int()), nulls: int(r.int()), split: r.byte() == 1, crc: r.u32()}
			if q := &p.col[c]; q.def > maxPageBytes || q.zip > maxPageBytes || q.raw > maxPageBytes || q.nulls > p.rows {
				return nil, errLong
			}
		}
	}
	if n = r.int(); n > int64(len(r.b)) {
		return nil, errShort
	}
	k.series = make([]seriesRef, n)
	for i := range k.series {
		s := &k.series[i]
		s.parse(&r)
		if r.err != nil {
			return nil, r.err
		}
		if s.n <= 0 || s.start < 0 || s.n > total || s.start > total-s.n {
			return nil, errLong
		}
	}
	if r.err == nil && len(r.b) != 0 {
		r.err = errLong
	}
	return k, r.err
}

func (s *seriesRef) parse(r *reader) {
	st := &s.state
	s.key = r.string()
	f := r.byte()
	s.stepEven, s.mixed, s.hasJSON, s.hasNumbers, st.Monotonic, s.forms = f&1 != 0, f&2 != 0, f&4 != 0, f&8 != 0, f&16 != 0, Form(f>>5)
	s.start, s.n, st.FirstRow, st.LastRow, s.rowStride = int(r.int()), int(r.int()), r.int(), r.int(), r.int()
	s.firstStep0, s.stepStride, st.FirstStep, st.LastStep = r.varint(), r.varint(), r.varint(), r.varint()
	st.first, st.last = r.float(), r.float()
	last := r.string()
	if r.byte() == 1 {
		st.Last = []byte(last)
	}
	st.Key, st.Count = s.key, int64(s.n)
	n := r.int()
	if n > int64(len(r.b)) {
		r.err = errShort
		return
	}
	for range n {
		st.Kinds = append(st.Kinds, KindCount{r.string(), r.int()})
	}
	if n = r.int(); n > int64(len(r.b)) {
		r.err = errShort
		return
	}
	for range n {
		l := levelRef{width: r.int(), buckets: r.int(), off: r.int(), zip: int(r.int()), raw: int(r.int()), crc: r.u32()}
		if l.zip > maxPageBytes || l.raw > maxPageBytes || l.width <= 0 {
			r.err = errLong
		}
		s.levels = append(s.levels, l)
	}
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
