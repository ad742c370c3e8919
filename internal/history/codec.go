package history

import (
	"encoding/binary"
	"math"
)

// How the numbers of a column are stored (docs/format/chunk-v1.md). The low
// four bits of the codec byte; never renumber.
const (
	codecConst = 0
	codecInt   = 1
	codecScale = 2
	codecF32   = 3
	codecF64   = 4
	codecJSON  = 5

	codecMask = 0x0f
	allInts   = 0x10 // every value has the form Int
	someInts  = 0x20 // a bitmap follows: 1 for Int
)

var scales = [...]float64{2: 1e2, 4: 1e4, 6: 1e6}

// appendNumbers encodes values in the shortest codec that gives every one back
// bit by bit. flags and bitmap tell the forms.
func appendNumbers(dst []byte, v []float64, flags byte, bitmap []byte) []byte {
	start := len(dst)
	head := func(codec byte) {
		dst = append(dst[:start], codec|flags)
		dst = append(dst, bitmap...)
	}
	if constant(v) {
		head(codecConst)
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v[0]))
	}
	if integral(v) {
		head(codecInt)
		body := len(dst)
		if dst = appendDeltas(dst, v, 1); len(dst)-body <= 4*len(v) || !exact32(v) && len(dst)-body < 8*len(v) {
			return dst
		}
	}
	if exact32(v) {
		head(codecF32)
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(x)))
		}
		return dst
	}
	for _, digits := range [...]byte{2, 4, 6} {
		if !scaled(v, scales[digits]) {
			continue
		}
		head(codecScale)
		dst = append(dst, digits)
		body := len(dst)
		if dst = appendDeltas(dst, v, scales[digits]); len(dst)-body < 8*len(v) {
			return dst
		}
	}
	head(codecF64)
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func constant(v []float64) bool {
	first := math.Float64bits(v[0])
	for _, x := range v {
		if math.Float64bits(x) != first {
			return false
		}
	}
	return true
}

func integral(v []float64) bool { return scaled(v, 1) }

// scaled reports whether x·s is an integer within ±2^53 that gives x back bit
// by bit when divided; −0, NaN and ±Inf do not.
func scaled(v []float64, s float64) bool {
	for _, x := range v {
		y := math.RoundToEven(x * s)
		if !(math.Abs(y) <= MaxInt) || math.Float64bits(float64(int64(y))/s) != math.Float64bits(x) {
			return false
		}
	}
	return true
}

func exact32(v []float64) bool {
	for _, x := range v {
		if math.Float64bits(float64(float32(x))) != math.Float64bits(x) {
			return false
		}
	}
	return true
}

func appendDeltas(dst []byte, v []float64, s float64) []byte {
	var last int64
	for _, x := range v {
		y := int64(math.RoundToEven(x * s))
		dst = binary.AppendVarint(dst, y-last)
		last = y
	}
	return dst
}

// decodeNumbers appends n numbers; the codec byte is src[0].
func decodeNumbers(dst []float64, src []byte, n int) ([]float64, error) {
	codec := src[0]
	src = src[1:]
	if codec&someInts != 0 {
		if len(src) < (n+7)/8 {
			return dst, errShort
		}
		src = src[(n+7)/8:]
	}
	switch codec & codecMask {
	case codecConst:
		if len(src) != 8 {
			return dst, errShort
		}
		x := math.Float64frombits(binary.LittleEndian.Uint64(src))
		for range n {
			dst = append(dst, x)
		}
		return dst, nil
	case codecInt:
		return decodeDeltas(dst, src, n, 1)
	case codecScale:
		if len(src) < 1 || src[0] != 2 && src[0] != 4 && src[0] != 6 {
			return dst, errShort
		}
		return decodeDeltas(dst, src[1:], n, scales[src[0]])
	case codecF32:
		if len(src) != 4*n {
			return dst, errShort
		}
		for ; len(src) >= 4; src = src[4:] {
			dst = append(dst, float64(math.Float32frombits(binary.LittleEndian.Uint32(src))))
		}
		return dst, nil
	case codecF64:
		if len(src) != 8*n {
			return dst, errShort
		}
		for ; len(src) >= 8; src = src[8:] {
			dst = append(dst, math.Float64frombits(binary.LittleEndian.Uint64(src)))
		}
		return dst, nil
	}
	return dst, errCodec
}

func decodeDeltas(dst []float64, src []byte, n int, s float64) ([]float64, error) {
	if len(src) < n { // a varint has at least a byte
		return dst, errShort
	}
	var y int64
	for range n {
		d, k := binary.Varint(src)
		if k <= 0 {
			return dst, errShort
		}
		src = src[k:]
		y += d
		dst = append(dst, float64(y)/s)
	}
	if len(src) != 0 {
		return dst, errLong
	}
	return dst, nil
}
