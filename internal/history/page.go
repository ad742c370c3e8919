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
// allocate. The longest is one line's text of 10 MiB, some times over.
const maxPageBytes = 512 << 20

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
	crc   uint32
}

func (r *pageRef) len() int64 { return int64(r.def + r.zip) }

// pageCodec holds an encoder's state. One goroutine uses it at a time.
type pageCodec struct {
	zip *zstd.Encoder
	ref pageRef
	buf []byte
	raw []byte
}

func newPageCodec() (*pageCodec, error) {
	// Without entropy coding of all literals the byte planes of numbers would
	// stay as they are (ENGINE section 6).
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithAllLitEntropyCompression(true),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20))
	return &pageCodec{zip: zip}, err
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

// numbers encodes the values where json is nil.
func (c *pageCodec) numbers(v []float64, json [][]byte) ([]byte, error) {
	dst, nulls, err := levels(c.buf[:0], len(v), func(i int) bool { return json == nil || json[i] == nil })
	if err != nil {
		return nil, err
	}
	def := len(dst)
	split := c.splits(v, json)
	n := len(v) - nulls
	c.raw = slices.Grow(c.raw[:0], 8*n)[:8*n]
	at := 0
	for i, x := range v {
		if json != nil && json[i] != nil {
			continue
		}
		bits := math.Float64bits(x)
		if !split {
			binary.LittleEndian.PutUint64(c.raw[8*at:], bits)
		} else {
			for k := range 8 {
				c.raw[k*n+at] = byte(bits >> (8 * k))
			}
		}
		at++
	}
	c.buf = c.seal(dst, def, nulls, split)
	return c.buf, nil
}

// splits decides how a page's numbers are stored: byte planes suit noise,
// plain suits values that repeat or were rounded. It tries some of them both
// ways.
func (c *pageCodec) splits(v []float64, json [][]byte) bool {
	const sample = 1024
	plain := make([]byte, 0, 8*sample)
	for i := 0; i < len(v) && len(plain) < 8*sample; i++ {
		if json == nil || json[i] == nil {
			plain = binary.LittleEndian.AppendUint64(plain, math.Float64bits(v[i]))
		}
	}
	n := len(plain) / 8
	if n < 64 {
		return false
	}
	plane, split := make([]byte, n), 0
	for k := range 8 {
		for i := range n {
			plane[i] = plain[8*i+k]
		}
		split += len(c.zip.EncodeAll(plane, nil))
	}
	return split < len(c.zip.EncodeAll(plain, nil))
}

func (c *pageCodec) integers(forms []Form, all Form) []byte {
	c.raw = slices.Grow(c.raw[:0], (len(forms)+7)/8)[:(len(forms)+7)/8]
	clear(c.raw)
	for i, f := range forms {
		if f == Int {
			c.raw[i/8] |= 1 << (i % 8)
		}
	}
	c.buf = c.seal(c.buf[:0], 0, 0, false)
	return c.buf
}

func (c *pageCodec) texts(json [][]byte, n int) ([]byte, error) {
	dst, nulls, err := levels(c.buf[:0], n, func(i int) bool { return json != nil && json[i] != nil })
	if err != nil {
		return nil, err
	}
	def := len(dst)
	c.raw = c.raw[:0]
	for _, t := range json {
		if t != nil {
			c.raw = binary.LittleEndian.AppendUint32(c.raw, uint32(len(t)))
			c.raw = append(c.raw, t...)
		}
	}
	c.buf = c.seal(dst, def, nulls, false)
	return c.buf, nil
}

// levels appends definition levels of n values, one bit each.
func levels(dst []byte, n int, defined func(int) bool) (_ []byte, nulls int, err error) {
	list := make([]uint8, n)
	for i := range list {
		if defined(i) {
			list[i] = 1
		} else {
			nulls++
		}
	}
	if nulls == 0 || nulls == n {
		dst = binary.AppendUvarint(dst, uint64(n)<<1)
		return append(dst, list[0]), nulls, nil
	}
	e := rle.Encoding{BitWidth: 1}
	out, err := e.EncodeLevels(nil, list)
	return append(dst, out...), nulls, err
}

// --- decoding

var errPage = errors.New("a page is not what the directory says")

// unpackPage checks a page's bytes and decompresses its values.
func (r *pageRef) unpack(unzip *zstd.Decoder, b []byte) (def, raw []byte, err error) {
	if int64(len(b)) != r.len() || crc32.Checksum(b, castagnoli) != r.crc {
		return nil, nil, errors.New("the checksum of a page is wrong")
	}
	raw, err = unzip.DecodeAll(b[r.def:], make([]byte, 0, min(r.raw, 64*len(b)+1024)))
	if err == nil && len(raw) != r.raw {
		err = errPage
	}
	return b[:r.def], raw, err
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
	v := make([]float64, n)
	at := 0
	for i := range v {
		if defined != nil && defined[i] == 0 {
			v[i] = nan
			continue
		}
		var bits uint64
		if !r.split {
			bits = binary.LittleEndian.Uint64(raw[8*at:])
		} else {
			for k := range 8 {
				bits |= uint64(raw[k*m+at]) << (8 * k)
			}
		}
		v[i] = math.Float64frombits(bits)
		at++
	}
	return v, nil
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
