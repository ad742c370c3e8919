package history

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The hash of a row is kept in the database, so it must never change: a sum,
// over the row's values, of a mix of key and value. A sum, since the SDK
// writes the keys of one and the same row in another order each time.
const (
	hashA = 0x9e3779b97f4a7c15
	hashB = 0xd6e8feb86659fd93
	hashN = 0xa0761d6478bd642f // number
	hashO = 0xe7037ed1a0b428db // object
	hashL = 0x8ebc6af09c88c6e3 // list
)

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^hashA, b^hashB)
	return hi ^ lo ^ bits.RotateLeft64(a, 23)
}

func hashText(b []byte) uint64 {
	h := uint64(len(b))
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h, binary.LittleEndian.Uint64(b))
	}
	var last [8]byte
	copy(last[:], b)
	return mix(h, binary.LittleEndian.Uint64(last[:]))
}

func hashNumber(v float64) uint64 { return mix(hashN, math.Float64bits(v)) }

// hashJSON hashes a valid JSON text without regard to the order of the names
// in objects. Texts nested deeper than maxHashDepth hash as they are written.
func hashJSON(text []byte) uint64 {
	h, _ := hashValue(text, 0)
	return h
}

const maxHashDepth = 100

func hashValue(s []byte, depth int) (h uint64, rest []byte) {
	s = skipBlank(s)
	if len(s) == 0 || depth > maxHashDepth {
		return hashText(s), nil
	}
	switch s[0] {
	case '{':
		return hashObject(s[1:], depth)
	case '[':
		return hashList(s[1:], depth)
	case '"':
		n := stringEnd(s)
		return hashText(s[:n]), s[n:]
	}
	n := 0
	for n < len(s) && s[n] != ',' && s[n] != '}' && s[n] != ']' && s[n] > ' ' {
		n++
	}
	return hashText(s[:n]), s[max(n, 1):]
}

func hashObject(s []byte, depth int) (h uint64, rest []byte) {
	h = hashO
	for s = skipBlank(s); len(s) > 0 && s[0] != '}'; s = skipBlank(s) {
		if s[0] != '"' {
			s = s[1:]
			continue
		}
		n := stringEnd(s)
		key := hashText(s[:n])
		if s = skipBlank(s[n:]); len(s) > 0 && s[0] == ':' {
			s = s[1:]
		}
		var v uint64
		v, s = hashValue(s, depth+1)
		h += mix(key, v)
	}
	return h, after(s)
}

func hashList(s []byte, depth int) (h uint64, rest []byte) {
	h = hashL
	for s = skipBlank(s); len(s) > 0 && s[0] != ']'; s = skipBlank(s) {
		if s[0] == ',' {
			s = s[1:]
			continue
		}
		var v uint64
		v, s = hashValue(s, depth+1)
		h = mix(h, v)
	}
	return h, after(s)
}

func after(s []byte) []byte {
	if len(s) == 0 {
		return nil
	}
	return s[1:]
}

func skipBlank(s []byte) []byte {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	return s
}

// stringEnd is the length of the JSON string that s starts with.
func stringEnd(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
