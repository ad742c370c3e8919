package history

import (
	"encoding/binary"
	"math"

	"github.com/klauspost/compress/zstd"
)

// Which series have levels of detail, and how many (ENGINE section 7).
const (
	minLevelPoints  = 512
	minPerBucket    = 192
	fewLevelBuckets = 512 // the coarsest level has at most so many
	manyBuckets     = 1 << 17
)

// levelRef is where a level of detail is.
type levelRef struct {
	width, buckets int64
	off            int64
	zip, raw       int
	crc            uint32
}

// levelBuilder sums up a series in buckets of the finest width, as long as its
// steps do not fall. Where steps lie so far apart that these are many, with
// few points each, it goes on with wider ones.
type levelBuilder struct {
	buckets []Bucket
	width   int64
	at      int64 // index of the last bucket on the axis
	points  int64
	broken  bool // steps fall: no levels
}

func (l *levelBuilder) reset() { *l = levelBuilder{buckets: l.buckets[:0], width: firstWidth} }

func (l *levelBuilder) add(p *Points) {
	if l.broken {
		return
	}
	var from, to int64 // steps of the last bucket
	if len(l.buckets) > 0 {
		from = l.at * l.width
		to = from + l.width
	}
	for i, step := range p.Step {
		if p.All == JSON && p.Form == nil || p.Form != nil && p.Form[i] == JSON {
			continue
		}
		if step >= to || step < from || len(l.buckets) == 0 {
			if len(l.buckets) >= manyBuckets && l.points < minPerBucket*int64(len(l.buckets)) {
				l.widen()
			}
			at := floorDiv(step, l.width)
			if len(l.buckets) > 0 && at < l.at {
				l.broken = true
				return
			}
			if len(l.buckets) == 0 || at > l.at {
				l.buckets = append(l.buckets, Bucket{})
			}
			l.at, from = at, at*l.width
			to = from + l.width
		}
		l.points++
		l.buckets[len(l.buckets)-1].add(step, p.Value[i])
	}
}

// widen makes the buckets at most half as many.
func (l *levelBuilder) widen() {
	for n := len(l.buckets); len(l.buckets) > n/2 && l.width < maxWidth; {
		l.width *= widthRatio
		l.buckets = coarser(l.buckets, l.width)
	}
	l.at = floorDiv(l.buckets[len(l.buckets)-1].FirstStep, l.width)
}

// each calls yield for every level that is kept, the finest first.
func (l *levelBuilder) each(yield func(width int64, b []Bucket)) {
	if l.broken || l.points < minLevelPoints {
		return
	}
	b := l.buckets
	for width := l.width; ; width *= widthRatio {
		if l.points >= minPerBucket*int64(len(b)) {
			yield(width, b)
			if len(b) <= fewLevelBuckets {
				return
			}
		}
		if len(b) == 1 || width > maxWidth/widthRatio {
			return
		}
		b = coarser(b, width*widthRatio)
	}
}

// coarser merges buckets into wider ones.
func coarser(b []Bucket, width int64) []Bucket {
	var out []Bucket
	last := int64(math.MinInt64)
	for i := range b {
		at := floorDiv(b[i].FirstStep, width)
		if len(out) == 0 || at != last {
			out = append(out, Bucket{})
			last = at
		}
		out[len(out)-1].merge(b[i])
	}
	return out
}

// appendLevel encodes buckets: whole numbers, then columns as byte planes.
func appendLevel(dst []byte, b []Bucket) []byte {
	last := int64(0)
	for i := range b {
		dst = binary.AppendVarint(dst, b[i].FirstStep-last)
		dst = binary.AppendUvarint(dst, uint64(b[i].LastStep-b[i].FirstStep))
		dst = binary.AppendUvarint(dst, uint64(b[i].Count))
		dst = binary.AppendUvarint(dst, uint64(b[i].NaN))
		dst = binary.AppendUvarint(dst, uint64(b[i].Inf))
		last = b[i].FirstStep
	}
	for _, col := range bucketColumns {
		dst = appendPlanes(dst, b, col)
	}
	return dst
}

var bucketColumns = [...]func(*Bucket) *float64{
	func(b *Bucket) *float64 { return &b.First },
	func(b *Bucket) *float64 { return &b.Last },
	func(b *Bucket) *float64 { return &b.Min },
	func(b *Bucket) *float64 { return &b.Max },
	func(b *Bucket) *float64 { return &b.Sum },
}

// appendPlanes writes one column: 4 or 8, the bytes of a value, then the
// values' lowest bytes, and so on.
func appendPlanes(dst []byte, b []Bucket, col func(*Bucket) *float64) []byte {
	size := 4
	for i := range b {
		if v := *col(&b[i]); math.Float64bits(float64(float32(v))) != math.Float64bits(v) {
			size = 8
			break
		}
	}
	dst = append(dst, byte(size))
	for k := range size {
		for i := range b {
			v := *col(&b[i])
			bits := math.Float64bits(v)
			if size == 4 {
				bits = uint64(math.Float32bits(float32(v)))
			}
			dst = append(dst, byte(bits>>(8*k)))
		}
	}
	return dst
}

// decodeLevel reads n buckets.
func decodeLevel(raw []byte, n int64) ([]Bucket, error) {
	if n < 0 || n > int64(len(raw)) {
		return nil, errPage
	}
	r := reader{b: raw}
	b := make([]Bucket, n)
	last := int64(0)
	for i := range b {
		b[i].FirstStep = last + r.varint()
		b[i].LastStep = b[i].FirstStep + r.int()
		b[i].Count, b[i].NaN, b[i].Inf = r.int(), r.int(), r.int()
		last = b[i].FirstStep
	}
	for _, col := range bucketColumns {
		size := int(r.byte())
		planes := r.bytes(int64(size) * n)
		if r.err != nil || size != 4 && size != 8 {
			return nil, errPage
		}
		for i := range b {
			var bits uint64
			for k := range size {
				bits |= uint64(planes[k*len(b)+i]) << (8 * k)
			}
			if size == 4 {
				*col(&b[i]) = float64(math.Float32frombits(uint32(bits)))
			} else {
				*col(&b[i]) = math.Float64frombits(bits)
			}
		}
	}
	if r.err != nil || len(r.b) != 0 {
		return nil, errPage
	}
	return b, nil
}

// level decodes a level's bytes.
func (l *levelRef) decode(unzip *zstd.Decoder, b []byte) ([]Bucket, error) {
	ref := pageRef{zip: l.zip, raw: l.raw, crc: l.crc}
	_, raw, err := ref.unpack(unzip, b, nil)
	if err != nil {
		return nil, err
	}
	return decodeLevel(raw, l.buckets)
}
