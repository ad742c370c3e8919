package history

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ballast-ml/ballast"
)

// Damage is a part of a segment that cannot be read.
type Damage struct {
	Key      string // "" when a whole group of keys, KeyFrom to KeyTo, is lost
	KeyFrom  string
	KeyTo    string
	RowFrom  int64
	RowTo    int64 // exclusive
	OnlyView bool  // a level of detail: the values themselves can be read
	Err      error
}

// Check reads everything of the segment that a reader may ask for and reports
// what is damaged. An error is of the store, or of yield.
func (s *Segment) Check(ctx context.Context, yield func(Damage) error) error {
	for i := range s.dir.groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		g := &s.dir.groups[i]
		k, err := s.block(ctx, g)
		if isDamage(err) {
			err = yield(Damage{KeyFrom: g.firstKey, KeyTo: g.lastKey, RowFrom: s.dir.row0, RowTo: s.dir.row0 + s.dir.rows, Err: err})
			if err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		for j := range k.series {
			if err := s.checkSeries(ctx, g, k, &k.series[j], yield); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Segment) checkSeries(ctx context.Context, g *groupRef, k *block, ref *seriesRef, yield func(Damage) error) error {
	p := Points{Key: ref.key}
	d := Damage{Key: ref.key, RowFrom: ref.state.FirstRow, RowTo: ref.rowEnd()}
	switch err := s.readAt(ctx, g, k, ref, 0, ref.n, &p); {
	case isDamage(err):
		d.Err = err
		if err := yield(d); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	for i := range ref.levels {
		l := &ref.levels[i]
		b, err := s.fetch(ctx, l.off, int64(l.zip))
		if err == nil {
			if _, err = l.decode(s.cache.unzip, b); err == nil {
				continue
			}
			err = s.damaged(err)
		}
		if !isDamage(err) {
			return err
		}
		d.OnlyView, d.Err = true, err
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}

// isDamage reports whether stored bytes are wrong, unlike a store that does
// not answer.
func isDamage(err error) bool {
	var e *ballast.Error
	return errors.As(err, &e) && e.Kind == ballast.Damaged
}

// FindDirectory finds where the directory of an object is, from the footer
// that Parquet files end with. read returns n bytes at off; size is the
// object's, in bytes.
func FindDirectory(read func(off, n int64) ([]byte, error), size int64) (off, n int64, err error) {
	const tail, key = 8, "ballast.directory"
	if size < 12 {
		return 0, 0, damaged("a segment", errShort)
	}
	end, err := read(size-tail, tail)
	if err != nil {
		return 0, 0, err
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != "PAR1" || length > size-12 {
		return 0, 0, damaged("the footer of a segment", errShort)
	}
	footer, err := read(size-tail-length, length)
	if err != nil {
		return 0, 0, err
	}
	at := bytes.Index(footer, []byte(key))
	if at < 0 || at+len(key)+2 > len(footer) {
		return 0, 0, damaged("the footer of a segment", errors.New("it does not say where the directory is"))
	}
	value := footer[at+len(key)+1:] // after the head of the pair's second field
	chars, k := binary.Uvarint(value)
	if k <= 0 || chars > uint64(len(value)-k) {
		return 0, 0, damaged("the footer of a segment", errShort)
	}
	if _, err := fmt.Sscanf(string(value[k:k+int(chars)]), "%d+%d", &off, &n); err != nil || off < 0 || n < 0 || off > size || n > size-off {
		return 0, 0, damaged("the footer of a segment", errors.New("it does not say where the directory is"))
	}
	return off, n, nil
}
