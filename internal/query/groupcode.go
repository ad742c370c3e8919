package query

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"github.com/ballast-ml/ballast"
)

// groupMagic starts the packed form of a grouped panel, version 1
// (docs/format/group-v1.md).
const groupMagic = "BPG1"

// columns are the single-precision columns of a line, in packed order.
func (g *GroupLine) columns() []*[]float32 {
	return []*[]float32{&g.Mean, &g.Low, &g.High, &g.Stddev, &g.Stderr, &g.Median, &g.Count}
}

// AppendBinary appends the packed form, whose columns are 8-aligned when b's
// length is a multiple of 8.
func (p *GroupPanel) AppendBinary(b []byte) ([]byte, error) {
	meta, err := json.Marshal(p)
	if err != nil {
		return nil, ballast.Wrap(ballast.Internal, err, "packing a panel of %d groups", len(p.Groups))
	}
	for len(meta)%8 != 0 {
		meta = append(meta, ' ')
	}
	b = append(b, groupMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(meta)))
	b = append(b, meta...)
	for i := range p.Groups {
		g := &p.Groups[i]
		b = appendFloat64s(b, g.X)
		for _, col := range g.columns() {
			for _, v := range *col {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			}
			if g.N%2 == 1 {
				b = append(b, 0, 0, 0, 0)
			}
		}
	}
	return b, nil
}

// DecodeGroupPanel reads the packed form. What is cut short or contradicts
// itself is Invalid.
func DecodeGroupPanel(data []byte) (*GroupPanel, error) {
	bad := ballast.Errorf(ballast.Invalid, "a packed panel of groups of %d bytes is damaged", len(data))
	if len(data) < 8 || string(data[:4]) != groupMagic {
		return nil, bad
	}
	n := int(binary.LittleEndian.Uint32(data[4:]))
	if n < 0 || n > len(data)-8 || n%8 != 0 {
		return nil, bad
	}
	var p GroupPanel
	if json.Unmarshal(data[8:8+n], &p) != nil {
		return nil, bad
	}
	c := columnReader{data: data[8+n:]}
	for i := range p.Groups {
		g := &p.Groups[i]
		if g.N < 0 || g.N > len(c.data)/8 {
			return nil, bad
		}
		g.X = c.float64s(g.N)
		for _, col := range g.columns() {
			*col = c.float32s(g.N)
		}
	}
	if c.short || len(c.data) != 0 {
		return nil, bad
	}
	return &p, nil
}
