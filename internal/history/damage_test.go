package history

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDamageIsFound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	info, object := seal(t, WriteOptions{PageRows: 50, GroupRows: 100}, tailOf(t, stream(t, rnd, 300, 40)))
	whole := open(t, info, object, 0)
	want := rowsOf(t, whole)
	for i := int64(4); i < info.DirOff; i += 41 {
		bad := bytes.Clone(object)
		bad[i] ^= 0x40
		s := open(t, info, bad, 0)
		from, to := whole.RowRange()
		table := NewTable(from, to)
		if err := s.Table(context.Background(), table); err != nil {
			continue
		}
		// A page header or the key column: nothing that we read.
		if diff := cmp.Diff(want, rowsOf(t, s)); diff != "" {
			t.Fatalf("damage at byte %d was read (-want +got):\n%s", i, diff)
		}
	}
	for i := info.DirOff; i < info.DirOff+info.DirLen; i++ {
		bad := bytes.Clone(object[info.DirOff : info.DirOff+info.DirLen])
		bad[i-info.DirOff] ^= 0x10
		if _, err := OpenSegment(bad, nil, SegmentOptions{}); err == nil {
			t.Errorf("a directory damaged at byte %d was opened", i-info.DirOff)
		}
	}
}

func FuzzOpenSegment(f *testing.F) {
	rnd := rand.New(rand.NewPCG(15, 16))
	info, object := seal(f, WriteOptions{PageRows: 20, GroupRows: 40}, tailOf(f, stream(f, rnd, 60, 20)))
	f.Add(object[info.DirOff:info.DirOff+info.DirLen], object)
	f.Fuzz(func(t *testing.T, dir, object []byte) {
		s, err := OpenSegment(fixCRC(dir), func(_ context.Context, off, n int64) ([]byte, error) {
			if off < 0 || n < 0 || off > int64(len(object)) || n > int64(len(object))-off {
				return nil, errShort
			}
			return object[off : off+n], nil
		}, SegmentOptions{})
		if err != nil {
			return
		}
		s.Catalogue(context.Background(), NewCatalogue())
		s.Scan(context.Background(), func(*Points) error { return nil })
	})
}

func FuzzParseBlock(f *testing.F) {
	rnd := rand.New(rand.NewPCG(15, 16))
	info, object := seal(f, WriteOptions{PageRows: 20, GroupRows: 40}, tailOf(f, stream(f, rnd, 60, 20)))
	s := open(f, info, object, 0)
	for i := range s.dir.groups {
		k, err := s.block(context.Background(), &s.dir.groups[i])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(k.append(nil, dictVersion))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseBlock(b, dictVersion)
		if err != nil {
			return
		}
		// What was parsed can be asked for, whatever it says.
		s := Segment{dir: &directory{rows: 1 << 30}, visible: 1 << 30, cache: NewPageCache(1 << 20), fetch: func(_ context.Context, _, n int64) ([]byte, error) {
			return make([]byte, min(n, 1<<16)), nil
		}}
		for i := range k.series {
			s.read(context.Background(), &groupRef{}, k, &k.series[i], Rows(3, 50), &Points{})
			s.read(context.Background(), &groupRef{}, k, &k.series[i], Steps(-5, 50), &Points{})
		}
	})
}

func FuzzPage(f *testing.F) {
	codec, err := newPageCodec()
	if err != nil {
		f.Fatal(err)
	}
	for _, json := range [][][]byte{nil, {nil, []byte("1"), nil, []byte(`"x"`), nil, nil, nil, nil, nil, nil}} {
		b, err := codec.numbers([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, math.NaN()}, json, false)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(b), codec.ref.def, codec.ref.raw, codec.ref.nulls, 10, colValue, 0)
		codec.dict.reset()
		codec.dict.add([]uint64{7, 8, 7, 9, 7, 7, 8, 8, 9, 9})
		if b, err = codec.byDictionary(codec.dict.index[:10-codec.ref.nulls], 10, json); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(b), codec.ref.def, codec.ref.raw, codec.ref.nulls, 10, colValue, 3)
		if b, err = codec.texts(json, 10); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(b), codec.ref.def, codec.ref.raw, codec.ref.nulls, 10, colJSON, 0)
	}
	b, err := codec.ints([]int64{1, 2, 3, 5, 8})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(b), 0, codec.ref.raw, 0, 5, colRow, 0)
	s := Segment{cache: NewPageCache(1)}
	f.Fuzz(func(t *testing.T, b []byte, def, raw, nulls, rows, col, dict int) {
		if def < 0 || def > len(b) || raw < 0 || raw > 1<<20 || nulls < 0 || rows < 0 || rows > 1<<16 || nulls > rows || col < 0 || col > colDict || dict < 0 || dict > maxDictionary {
			return
		}
		ref := pageRef{def: def, zip: len(b) - def, raw: raw, nulls: nulls, dict: dict > 0, crc: crc32.Checksum(b, castagnoli)}
		var scratch []byte
		values := make([]float64, dict)
		s.decode(&missing{col: col, rows: rows, ref: &ref, dict: &values}, b, &scratch)
	})
}

// fixCRC makes the directory's checksum right, so that the fuzzer gets past it.
func fixCRC(dir []byte) []byte {
	if len(dir) < 8 {
		return dir
	}
	dir = bytes.Clone(dir)
	binary.LittleEndian.PutUint32(dir[4:], crc32.Checksum(dir[8:], castagnoli))
	return dir
}
