package console

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// The bytes of a chunk: docs/format/console-v1.md.
const (
	magic     = 0xC1
	flagS2    = 1
	flagZstd  = 2
	headBytes = 6

	hasTime    = 1 << 3
	hasLabel   = 1 << 4
	hasUpdates = 1 << 5

	maxChunk = 256 << 20 // what a chunk may unfold to
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode encodes consecutive lines, whose numbers are not kept, as what a
// request brought: quickly.
func Encode(lines []Line) []byte {
	body := appendLines(nil, lines)
	head := make([]byte, headBytes, headBytes+s2.MaxEncodedLen(len(body)))
	packed := s2.Encode(head[headBytes:cap(head)], body)
	if len(packed) >= len(body) {
		return seal(append(head, body...), 0)
	}
	return seal(head[:headBytes+len(packed)], flagS2)
}

// EncodeBlock encodes lines to be kept for long: small.
func EncodeBlock(lines []Line) []byte {
	body := appendLines(nil, lines)
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil { // only for wrong options
		return seal(append(make([]byte, headBytes), body...), 0)
	}
	defer w.Close()
	return seal(w.EncodeAll(body, make([]byte, headBytes)), flagZstd)
}

func seal(b []byte, flags byte) []byte {
	b[0], b[1] = magic, flags
	binary.LittleEndian.PutUint32(b[2:], crc32.Checksum(b[headBytes:], castagnoli))
	return b
}

func appendLines(b []byte, lines []Line) []byte {
	b = binary.AppendUvarint(b, uint64(len(lines)))
	labels := map[string]int{}
	last := int64(0)
	for _, l := range lines {
		head := uint64(min(l.Level, Other))
		if !l.Time.IsZero() {
			head |= hasTime
		}
		if l.Label != "" {
			head |= hasLabel
		}
		if l.Updates > 0 {
			head |= hasUpdates
		}
		b = binary.AppendUvarint(b, head)
		if !l.Time.IsZero() {
			us := l.Time.UnixMicro()
			b = binary.AppendVarint(b, us-last)
			last = us
		}
		if l.Label != "" {
			n, known := labels[l.Label]
			if !known {
				n = len(labels)
				labels[l.Label] = n
			}
			b = binary.AppendUvarint(b, uint64(n))
			if !known {
				b = appendText(b, l.Label)
			}
		}
		if l.Updates > 0 {
			b = binary.AppendUvarint(b, uint64(l.Updates))
		}
		b = appendText(b, l.Text)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Decode reads a chunk or a block; its first line gets number line0. Damage is
// an Internal error that says what is wrong.
func Decode(data []byte, line0 int64) ([]Line, error) {
	body, err := open(data)
	if err != nil {
		return nil, err
	}
	r := reader{b: body}
	n := r.uvarint()
	if n > uint64(len(body)) { // a line takes at least two bytes
		return nil, damaged("%d lines in %d bytes", n, len(body))
	}
	lines := make([]Line, 0, n)
	var labels []string
	last := int64(0)
	for i := range n {
		head := r.uvarint()
		l := Line{Number: line0 + int64(i), Level: Level(head & 7)}
		if head&hasTime != 0 {
			last += r.varint()
			l.Time = time.UnixMicro(last).UTC()
		}
		if head&hasLabel != 0 {
			k := r.uvarint()
			if k == uint64(len(labels)) {
				labels = append(labels, r.text())
			}
			if k >= uint64(len(labels)) {
				return nil, damaged("label %d of %d", k, len(labels))
			}
			l.Label = labels[k]
		}
		if head&hasUpdates != 0 {
			l.Updates = int(min(r.uvarint(), math.MaxInt32))
		}
		l.Text = r.text()
		if r.bad {
			return nil, damaged("it ends within line %d of %d", i, n)
		}
		lines = append(lines, l)
	}
	if len(r.b) != 0 {
		return nil, damaged("%d bytes follow the last line", len(r.b))
	}
	return lines, nil
}

func open(data []byte) ([]byte, error) {
	if len(data) < headBytes || data[0] != magic {
		return nil, damaged("%d bytes without its mark", len(data))
	}
	body := data[headBytes:]
	if got, want := crc32.Checksum(body, castagnoli), binary.LittleEndian.Uint32(data[2:]); got != want {
		return nil, damaged("checksum %08x, stored %08x", got, want)
	}
	switch data[1] {
	case 0:
		return body, nil
	case flagS2:
		if n, err := s2.DecodedLen(body); err != nil || n > maxChunk {
			return nil, damaged("s2 of %d bytes", n)
		}
		out, err := s2.Decode(nil, body)
		if err != nil {
			return nil, damaged("s2: %v", err)
		}
		return out, nil
	case flagZstd:
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxChunk))
		if err != nil {
			return nil, fmt.Errorf("opening a zstd decoder: %w", err)
		}
		defer d.Close()
		out, err := d.DecodeAll(body, nil)
		if err != nil {
			return nil, damaged("zstd: %v", err)
		}
		return out, nil
	}
	return nil, damaged("flags %#x are not known to this version", data[1])
}

func damaged(format string, args ...any) error {
	return ballast.Errorf(ballast.Internal, "a console chunk is damaged: "+format, args...)
}

// reader reads the fields of a body; bad is set when it ends early.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
