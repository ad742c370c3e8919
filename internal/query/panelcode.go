package query

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"github.com/ballast-ml/ballast"
)

// panelMagic starts the packed form of a panel, version 1
// (docs/format/panel-v1.md).
const panelMagic = "BPN1"

// AppendBinary appends the packed form, whose columns are 8-aligned when b's
// length is a multiple of 8.
func (p *Panel) AppendBinary(b []byte) ([]byte, error) {
	meta, err := json.Marshal(p)
	if err != nil {
		return nil, ballast.Wrap(ballast.Internal, err, "packing a panel of %d runs", len(p.Runs))
	}
	for len(meta)%8 != 0 {
		meta = append(meta, ' ')
	}
	start := len(b)
	b = append(b, panelMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(meta)))
	b = append(b, meta...)
	pad := func() {
		for (len(b)-start)%8 != 0 {
			b = append(b, 0)
		}
	}
	for i := range p.Runs {
		r := &p.Runs[i]
		switch r.Mode {
		case ModeGrid:
			valid := make([]bool, r.N)
			for j, c := range r.Count {
				valid[j] = c > 0
			}
			b = appendBits(b, valid)
			pad()
			b = appendBits(b, r.Odd)
			pad()
		case ModeBuckets:
			b = appendFloat64s(b, r.X)
		default:
			b = appendFloat64s(appendFloat64s(b, r.X), r.Y)
			continue
		}
		for _, col := range [][]float32{r.Last, r.Low, r.High, r.Count} {
			for _, v := range col {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			}
			pad()
		}
	}
	return b, nil
}

// appendBits appends a bitmap, the first bit lowest.
func appendBits(b []byte, bits []bool) []byte {
	at := len(b)
	b = append(b, make([]byte, (len(bits)+7)/8)...)
	for i, on := range bits {
		if on {
			b[at+i/8] |= 1 << (i % 8)
		}
	}
	return b
}

func appendFloat64s(b []byte, col []float64) []byte {
	for _, v := range col {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// DecodePanel reads the packed form. What is cut short or contradicts itself is
// Invalid.
func DecodePanel(data []byte) (*Panel, error) {
	bad := ballast.Errorf(ballast.Invalid, "a packed panel of %d bytes is damaged", len(data))
	if len(data) < 8 || string(data[:4]) != panelMagic {
		return nil, bad
	}
	n := int(binary.LittleEndian.Uint32(data[4:]))
	if n < 0 || n > len(data)-8 || n%8 != 0 {
		return nil, bad
	}
	var p Panel
	if json.Unmarshal(data[8:8+n], &p) != nil {
		return nil, bad
	}
	c := columnReader{data: data[8+n:]}
	for i := range p.Runs {
		r := &p.Runs[i]
		if r.N < 0 || r.N > len(data) {
			return nil, bad
		}
		switch r.Mode {
		case ModeGrid:
			c.take((r.N + 7) / 8) // which are valid: Count says so too
			r.Odd = c.bits(r.N)
		case ModeBuckets:
			r.X = c.float64s(r.N)
		case ModePoints:
			r.X, r.Y = c.float64s(r.N), c.float64s(r.N)
			continue
		default:
			return nil, bad
		}
		r.Last, r.Low, r.High, r.Count = c.float32s(r.N), c.float32s(r.N), c.float32s(r.N), c.float32s(r.N)
	}
	if c.short || len(c.data) != 0 {
		return nil, bad
	}
	return &p, nil
}

// columnReader takes padded columns from the front of data.
type columnReader struct {
	data  []byte
	short bool
}

// take returns n bytes and skips their padding.
func (c *columnReader) take(n int) []byte {
	padded := (n + 7) &^ 7
	if padded > len(c.data) {
		c.short = true
		return make([]byte, n)
	}
	b := c.data[:n]
	c.data = c.data[padded:]
	return b
}

func (c *columnReader) bits(n int) []bool {
	b, bits := c.take((n+7)/8), make([]bool, n)
	for i := range bits {
		bits[i] = b[i/8]>>(i%8)&1 != 0
	}
	return bits
}

func (c *columnReader) float32s(n int) []float32 {
	b, col := c.take(4*n), make([]float32, n)
	for i := range col {
		col[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return col
}

func (c *columnReader) float64s(n int) []float64 {
	b, col := c.take(8*n), make([]float64, n)
	for i := range col {
		col[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return col
}
