package history

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

// maxPageBytes bounds a decoded page: what damaged bytes can make a reader
// allocate. The longest is one text of a body.
const maxPageBytes = 128 << 20

// The columns that our own reader reads. Parquet readers also find the key.
const (
	colRow = iota
	colStep
	colValue
	colInteger
	colJSON
	pageCols
)

// pageRef is where a page's bytes are: definition levels, then compressed
// values. The Parquet page header before them is never read.
type pageRef struct {
	off   int64 // from the group's start
	def   int   // bytes of definition levels
	zip   int   // bytes of compressed values
	raw   int   // bytes of values
	nulls int
	split bool // values are BYTE_STREAM_SPLIT
	dict  bool // values are places in the group's dictionary
	crc   uint32
}

func (r *pageRef) len() int64 { return int64(r.def + r.zip) }

// pageCodec holds an encoder's state. One goroutine uses it at a time.
type pageCodec struct {
	zip    *zstd.Encoder
	finder *zstd.Encoder // looks harder for repeats: numbers that were rounded
	ref    pageRef
	buf    []byte
	raw    []byte
	bits   []uint64 // numbers of a page
	some   []uint64
	order  []uint64
	sample []byte
	trial  []byte
	dict   dictionary
}

func newPageCodec() (*pageCodec, error) {
	zip, err := newZip(zstd.SpeedFastest)
	if err != nil {
		return nil, err
	}
	finder, err := newZip(zstd.SpeedDefault)
	return &pageCodec{zip: zip, finder: finder}, err
}

// newZip codes all literals: without that the byte planes of numbers would
// stay as they are (ENGINE section 6).
func newZip(level zstd.EncoderLevel) (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithAllLitEntropyCompression(true),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20))
}

// seal compresses raw values behind definition levels already in dst.
func (c *pageCodec) seal(dst []byte, def, nulls int, split bool) []byte {
	c.ref = pageRef{def: def, raw: len(c.raw), nulls: nulls, split: split}
	if split {
		dst = c.planes(dst)
	} else {
		dst = c.zip.EncodeAll(c.raw, dst)
	}
	c.ref.zip = len(dst) - def
	c.ref.crc = crc32.Checksum(dst, castagnoli)
	return dst
}

// planes compresses each byte plane as blocks of its own, so that each gets
// its own table; together they are one standard frame.
func (c *pageCodec) planes(dst []byte) []byte {
	out := appender{dst}
	c.zip.ResetContentSize(&out, int64(len(c.raw)))
	n := len(c.raw) / 8
	for i := range 8 {
		c.zip.Write(c.raw[i*n : (i+1)*n]) // an appender does not fail
		if i < 7 {
			c.zip.Flush()
		}
	}
	c.zip.Close()
	return out.b
}

type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

func (c *pageCodec) ints(v []int64) ([]byte, error) {
	var e delta.BinaryPackedEncoding
	raw, err := e.EncodeInt64(c.raw[:0], v)
	c.raw = raw
	c.buf = c.seal(c.buf[:0], 0, 0, false)
	return c.buf, err
}

// load takes the values where json is nil into bits.
func (c *pageCodec) load(v []float64, json [][]byte) {
	c.bits = c.bits[:0]
	for i, x := range v {
		if json == nil || json[i] == nil {
			c.bits = append(c.bits, math.Float64bits(x))
		}
	}
}

// numbers encodes the values where json is nil.
func (c *pageCodec) numbers(v []float64, json [][]byte, split bool) ([]byte, error) {
	dst, nulls, err := levels(c.buf[:0], len(v), json, false)
	if err != nil {
		return nil, err
	}
	c.load(v, json)
	c.rawNumbers(split)
	c.buf = c.sealNumbers(dst, len(dst), nulls, split)
	return c.buf, nil
}

func (c *pageCodec) rawNumbers(split bool) {
	c.raw = slices.Grow(c.raw[:0], 8*len(c.bits))[:8*len(c.bits)]
	if split {
		toPlanes(c.raw, c.bits)
		return
	}
	for i, x := range c.bits {
		binary.LittleEndian.PutUint64(c.raw[8*i:], x)
	}
}

func (c *pageCodec) sealNumbers(dst []byte, def, nulls int, split bool) []byte {
	zip := c.zip
	if !split {
		c.zip = c.finder
	}
	dst = c.seal(dst, def, nulls, split)
	c.zip = zip
	return dst
}

// toPlanes writes the lowest bytes of all, then the next, and so on: eight
// values at a time, as a square of bytes that is turned over by exchanging
// squares of four, two and one. Written out it takes half the time of loops.
func toPlanes(dst []byte, bits []uint64) {
	const four, two, one = 0x00000000ffffffff, 0x0000ffff0000ffff, 0x00ff00ff00ff00ff
	n, i := len(bits), 0
	p0, p1, p2, p3 := dst[:n], dst[n:2*n], dst[2*n:3*n], dst[3*n:4*n]
	p4, p5, p6, p7 := dst[4*n:5*n], dst[5*n:6*n], dst[6*n:7*n], dst[7*n:8*n]
	for ; i+8 <= n; i += 8 {
		v := bits[i : i+8]
		v0, v4 := exchange(v[0], v[4], four, 32)
		v1, v5 := exchange(v[1], v[5], four, 32)
		v2, v6 := exchange(v[2], v[6], four, 32)
		v3, v7 := exchange(v[3], v[7], four, 32)
		v0, v2 = exchange(v0, v2, two, 16)
		v1, v3 = exchange(v1, v3, two, 16)
		v4, v6 = exchange(v4, v6, two, 16)
		v5, v7 = exchange(v5, v7, two, 16)
		v0, v1 = exchange(v0, v1, one, 8)
		v2, v3 = exchange(v2, v3, one, 8)
		v4, v5 = exchange(v4, v5, one, 8)
		v6, v7 = exchange(v6, v7, one, 8)
		le := binary.LittleEndian
		le.PutUint64(p0[i:], v0)
		le.PutUint64(p1[i:], v1)
		le.PutUint64(p2[i:], v2)
		le.PutUint64(p3[i:], v3)
		le.PutUint64(p4[i:], v4)
		le.PutUint64(p5[i:], v5)
		le.PutUint64(p6[i:], v6)
		le.PutUint64(p7[i:], v7)
	}
	for ; i < n; i++ {
		for k := range 8 {
			dst[k*n+i] = byte(bits[i] >> (8 * k))
		}
	}
}

// exchange swaps the high parts of a with the low parts of b.
func exchange(a, b, low uint64, shift uint) (uint64, uint64) {
	return a&low | b&low<<shift, a>>shift&low | b&^low
}

// sampled says how a page's numbers should be stored: byte planes suit noise,
// plain suits values that repeat or were rounded. It looks at 1,024 values from
// all over the page, since short series share pages, and counts how many of
// them repeat another. Where almost none does there is nothing for plain to
// find; else both are estimated, planes by their entropy.
func (c *pageCodec) sampled() (split bool, repeats int) {
	const runs, run = 8, 128
	if len(c.bits) < 64 {
		return false, 0
	}
	c.some = c.some[:0]
	if n := len(c.bits); n > runs*run {
		for i := range runs {
			at := i * (n - run) / (runs - 1)
			c.some = append(c.some, c.bits[at:at+run]...)
		}
	} else {
		c.some = append(c.some, c.bits...)
	}
	n := len(c.some)
	c.order = append(c.order[:0], c.some...)
	slices.Sort(c.order)
	for i := 1; i < n; i++ {
		if c.order[i] == c.order[i-1] {
			repeats++
		}
	}
	if 64*repeats < n {
		return true, repeats
	}
	c.sample = slices.Grow(c.sample[:0], 8*n)[:8*n]
	for i, x := range c.some {
		binary.LittleEndian.PutUint64(c.sample[8*i:], x)
	}
	c.trial = c.finder.EncodeAll(c.sample, c.trial[:0])
	return planeBytes(c.some) < float64(len(c.trial)), repeats
}

// planeBytes estimates how long byte planes are when each is coded with a
// table of its own.
func planeBytes(v []uint64) float64 {
	const table = 24 // about what a table takes
	total := 0.0
	for k := range 8 {
		var count [256]int32
		for _, x := range v {
			count[byte(x>>(8*k))]++
		}
		if bits := float64(len(v)) * entropy(&count, len(v)); bits > 0 {
			total += min(bits/8+table, float64(len(v)))
		}
	}
	return total
}

// entropy is in bits a value.
func entropy(count *[256]int32, n int) float64 {
	e := 0.0
	for _, k := range count {
		if k > 0 {
			e += float64(k) * math.Log2(float64(k))
		}
	}
	return math.Log2(float64(n)) - e/float64(n)
}

func (c *pageCodec) integers(forms []Form, all Form, n int) []byte {
	c.raw = slices.Grow(c.raw[:0], (n+7)/8)[:(n+7)/8]
	clear(c.raw)
	for i := range n {
		if forms == nil && all == Int || forms != nil && forms[i] == Int {
			c.raw[i/8] |= 1 << (i % 8)
		}
	}
	c.buf = c.seal(c.buf[:0], 0, 0, false)
	return c.buf
}

func (c *pageCodec) texts(json [][]byte, n int) ([]byte, error) {
	dst, nulls, err := levels(c.buf[:0], n, json, true)
	if err != nil {
		return nil, err
	}
	c.raw = c.raw[:0]
	for _, t := range json {
		if t != nil {
			c.raw = binary.LittleEndian.AppendUint32(c.raw, uint32(len(t)))
			c.raw = append(c.raw, t...)
		}
	}
	c.buf = c.seal(dst, len(dst), nulls, false)
	return c.buf, nil
}

// levels appends definition levels of n values, one bit each: of texts those
// that json has, of numbers the others.
func levels(dst []byte, n int, json [][]byte, texts bool) (_ []byte, nulls int, err error) {
	list := make([]uint8, 0, n)
	for _, t := range json {
		if (t != nil) == texts {
			list = append(list, 1)
		} else {
			list = append(list, 0)
			nulls++
		}
	}
	if json == nil && texts {
		nulls = n
	}
	if nulls == 0 || nulls == n {
		dst = binary.AppendUvarint(dst, uint64(n)<<1)
		return append(dst, bit(nulls == 0)), nulls, nil
	}
	e := rle.Encoding{BitWidth: 1}
	out, err := e.EncodeLevels(nil, list)
	return append(dst, out...), nulls, err
}

// evenLevels is the length of n equal definition levels: one run.
func evenLevels(n int) int {
	return len(binary.AppendUvarint(nil, uint64(n)<<1)) + 1
}

// --- decoding

var errPage = errors.New("a page is not what the directory says")

// unpack checks a page's bytes and decompresses its values into scratch.
func (r *pageRef) unpack(unzip *zstd.Decoder, b, scratch []byte) (def, raw []byte, err error) {
	if int64(len(b)) != r.len() || crc32.Checksum(b, castagnoli) != r.crc {
		return nil, nil, errors.New("the checksum of a page is wrong")
	}
	raw, err = unzipExactly(unzip, b[r.def:], scratch, r.raw)
	return b[:r.def], raw, err
}

// unzipExactly decompresses a frame of n bytes. A frame of 256 bytes or more
// must say so itself, so that a damaged one cannot ask for more memory; the
// decoder stops at the capacity that it is given.
func unzipExactly(unzip *zstd.Decoder, b, scratch []byte, n int) ([]byte, error) {
	var head zstd.Header
	if err := head.Decode(b); err != nil {
		return nil, err
	}
	if head.HasFCS && head.FrameContentSize != uint64(n) || !head.HasFCS && n >= 256 {
		return nil, errPage
	}
	raw, err := unzip.DecodeAll(b, slices.Grow(scratch[:0], n))
	if err == nil && len(raw) != n {
		err = errPage
	}
	return raw, err
}

func decodeInts(raw []byte, n int) ([]int64, error) {
	var e delta.BinaryPackedEncoding
	v, err := e.DecodeInt64(make([]int64, 0, n), raw)
	if err == nil && len(v) != n {
		err = errPage
	}
	return v, err
}

// decodeDefined returns which of n values are defined; nil: all.
func (r *pageRef) decodeDefined(def []byte, n int) ([]uint8, error) {
	if r.nulls == 0 {
		return nil, nil
	}
	if r.nulls < 0 || r.nulls > n {
		return nil, errPage
	}
	if r.nulls == n {
		return make([]uint8, n), nil
	}
	e := rle.Encoding{BitWidth: 1}
	list, err := e.DecodeLevels(make([]uint8, 0, n+8), def)
	if err != nil {
		return nil, err
	}
	if len(list) < n {
		return nil, errPage
	}
	list = list[:n]
	nulls := 0
	for _, d := range list {
		if d == 0 {
			nulls++
		}
	}
	if nulls != r.nulls {
		return nil, errPage
	}
	return list, nil
}

func (r *pageRef) decodeNumbers(def, raw []byte, n int) ([]float64, error) {
	defined, err := r.decodeDefined(def, n)
	if err != nil {
		return nil, err
	}
	m := n - r.nulls
	if len(raw) != 8*m {
		return nil, errPage
	}
	v := make([]float64, m, n)
	if r.split {
		fromPlanes(v, raw)
	} else {
		for i := range v {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return spread(v, defined, n), nil
}

// spread puts values, whose capacity is n, at the places that are defined.
func spread(v []float64, defined []uint8, n int) []float64 {
	if defined == nil {
		return v
	}
	m := len(v)
	v = v[:n]
	for i, at := n-1, m-1; i >= 0; i-- { // from the end, so that nothing is overwritten
		if defined[i] == 0 {
			v[i] = nan
			continue
		}
		v[i] = v[at]
		at--
	}
	return v
}

// fromPlanes undoes toPlanes.
func fromPlanes(dst []float64, planes []byte) {
	n := len(dst)
	p0, p1, p2, p3 := planes[:n], planes[n:2*n], planes[2*n:3*n], planes[3*n:4*n]
	p4, p5, p6, p7 := planes[4*n:5*n], planes[5*n:6*n], planes[6*n:7*n], planes[7*n:8*n]
	for i := range dst {
		dst[i] = math.Float64frombits(uint64(p0[i]) | uint64(p1[i])<<8 | uint64(p2[i])<<16 | uint64(p3[i])<<24 |
			uint64(p4[i])<<32 | uint64(p5[i])<<40 | uint64(p6[i])<<48 | uint64(p7[i])<<56)
	}
}

func (r *pageRef) decodeTexts(def, raw []byte, n int) ([][]byte, error) {
	defined, err := r.decodeDefined(def, n)
	if err != nil {
		return nil, err
	}
	texts := make([][]byte, n)
	for i := range texts {
		if defined != nil && defined[i] == 0 {
			continue
		}
		if len(raw) < 4 {
			return nil, errPage
		}
		size := binary.LittleEndian.Uint32(raw)
		if raw = raw[4:]; uint64(size) > uint64(len(raw)) {
			return nil, errPage
		}
		texts[i], raw = raw[:size:size], raw[size:]
	}
	if len(raw) != 0 {
		return nil, errPage
	}
	return texts, nil
}
