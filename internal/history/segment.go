package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
)

// Fetch reads n bytes of the object at off. The result is not kept or changed.
type Fetch func(ctx context.Context, off, n int64) ([]byte, error)

// SegmentOptions say what of a segment is visible and where pages are kept.
type SegmentOptions struct {
	Name    string     // of the object, for the cache and for errors
	Visible int64      // rows with a number below are visible; 0: all
	Cache   *PageCache // nil: a small one of its own
}

// Segment reads a sealed object: a View and a Source. It is safe for
// concurrent use.
type Segment struct {
	dir     *directory
	fetch   Fetch
	name    string
	visible int64 // rows below
	cache   *PageCache
}

const (
	ownCache  = 8 << 20
	fetchGap  = 64 << 10 // bytes read for nothing rather than with another request
	fetchMost = 16 << 20
)

// OpenSegment reads the directory's top: SegmentInfo.Dir, or the object's bytes
// [DirOff, DirOff+DirLen).
func OpenSegment(dir []byte, fetch Fetch, o SegmentOptions) (*Segment, error) {
	d, err := parseDirectory(dir)
	if err != nil {
		return nil, damaged("the directory of segment "+o.Name, err)
	}
	s := &Segment{dir: d, fetch: fetch, name: o.Name, visible: d.row0 + d.rows, cache: o.Cache}
	if o.Visible > 0 {
		s.visible = min(s.visible, o.Visible)
	}
	if s.cache == nil {
		s.cache = NewPageCache(ownCache)
	}
	return s, nil
}

// RowRange implements View.
func (s *Segment) RowRange() (from, to int64) { return s.dir.row0, max(s.visible, s.dir.row0) }

// cut reports whether some rows are hidden.
func (s *Segment) cut() bool { return s.visible < s.dir.row0+s.dir.rows }

// block returns what is in a row group.
func (s *Segment) block(ctx context.Context, g *groupRef) (*block, error) {
	k := cacheKey{s.name, -1 - g.off} // no page has a negative place
	if v, ok := s.cache.get(k); ok {
		return v.(*block), nil
	}
	b, err := s.blockBytes(ctx, g)
	if err != nil {
		return nil, err
	}
	return s.openBlock(g, b)
}

func (s *Segment) openBlock(g *groupRef, b []byte) (*block, error) {
	if crc32.Checksum(b, castagnoli) != g.blockCRC {
		return nil, s.damaged(errors.New("the checksum of a directory block is wrong"))
	}
	raw, err := unzipExactly(s.cache.unzip, b, nil, int(g.blockRaw))
	if err != nil {
		return nil, s.damaged(err)
	}
	v, err := parseBlock(raw, s.dir.version)
	if err != nil {
		return nil, s.damaged(err)
	}
	s.cache.put(cacheKey{s.name, -1 - g.off}, v, int64(len(raw)+len(v.pages)*400+len(v.series)*300))
	return v, nil
}

// openBlocks reads all blocks that are not in memory with few requests: they
// are neighbours in the object.
func (s *Segment) openBlocks(ctx context.Context) error {
	if s.dir.inline {
		return nil
	}
	for i := 0; i < len(s.dir.groups); {
		first := &s.dir.groups[i]
		end, n := first.blockOff+first.blockLen, i+1
		for n < len(s.dir.groups) && s.dir.groups[n].blockOff == end && end+s.dir.groups[n].blockLen-first.blockOff <= fetchMost {
			end += s.dir.groups[n].blockLen
			n++
		}
		if n == i+1 {
			i = n
			continue
		}
		b, err := s.fetch(ctx, first.blockOff, end-first.blockOff)
		if err != nil {
			return err
		}
		if int64(len(b)) != end-first.blockOff {
			return s.damaged(errShort)
		}
		for ; i < n; i++ {
			g := &s.dir.groups[i]
			if _, err := s.openBlock(g, b[g.blockOff-first.blockOff:][:g.blockLen]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Segment) blockBytes(ctx context.Context, g *groupRef) ([]byte, error) {
	if !s.dir.inline {
		return s.fetch(ctx, g.blockOff, g.blockLen)
	}
	if g.blockOff > int64(len(s.dir.blocks)) || g.blockLen > int64(len(s.dir.blocks))-g.blockOff {
		return nil, s.damaged(errShort)
	}
	return s.dir.blocks[g.blockOff : g.blockOff+g.blockLen], nil
}

func (s *Segment) damaged(err error) error {
	return damaged(fmt.Sprintf("segment %s (rows %d to %d)", s.name, s.dir.row0, s.dir.row0+s.dir.rows-1), err)
}

// parts calls yield for every part of a series, in row order.
func (s *Segment) parts(ctx context.Context, key string, yield func(*groupRef, *block, *seriesRef) error) error {
	first, _ := slices.BinarySearchFunc(s.dir.groups, key, func(g groupRef, key string) int { return cmp.Compare(g.lastKey, key) })
	for i := first; i < len(s.dir.groups) && s.dir.groups[i].firstKey <= key; i++ {
		g := &s.dir.groups[i]
		k, err := s.block(ctx, g)
		if err != nil {
			return err
		}
		at, ok := slices.BinarySearchFunc(k.series, key, func(r seriesRef, key string) int { return cmp.Compare(r.key, key) })
		if !ok {
			continue
		}
		if err := yield(g, k, &k.series[at]); err != nil {
			return err
		}
	}
	return nil
}

// Series implements View.
func (s *Segment) Series(ctx context.Context, key string, r Range, dst *Points) error {
	r.RowTo = min(r.RowTo, s.visible)
	n := 0
	err := s.parts(ctx, key, func(_ *groupRef, k *block, ref *seriesRef) error {
		if from, to := ref.within(k, r); ref.touches(r) && from < to {
			n += to - from
		}
		return nil
	})
	if err != nil || n == 0 {
		return err
	}
	dst.grow(n)
	return s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		return s.read(ctx, g, k, ref, r, dst)
	})
}

// each calls yield for every part of every series that wants picks, in the
// order of the object.
func (s *Segment) each(ctx context.Context, wants func(*seriesRef) bool, yield func(*groupRef, *block, *seriesRef) error) error {
	if len(s.dir.groups) > 1 && !s.known() {
		if err := s.openBlocks(ctx); err != nil {
			return err
		}
	}
	for i := range s.dir.groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		g := &s.dir.groups[i]
		k, err := s.block(ctx, g)
		if err != nil {
			return err
		}
		for j := range k.series {
			if !wants(&k.series[j]) {
				continue
			}
			if err := yield(g, k, &k.series[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// known reports whether all blocks are likely in memory.
func (s *Segment) known() bool {
	last := &s.dir.groups[len(s.dir.groups)-1]
	_, ok := s.cache.get(cacheKey{s.name, -1 - last.off})
	if ok {
		_, ok = s.cache.get(cacheKey{s.name, -1 - s.dir.groups[0].off})
	}
	return ok
}

// Table implements View.
func (s *Segment) Table(ctx context.Context, dst *Table) error {
	r := Rows(dst.from, min(dst.to, s.visible))
	wants := func(ref *seriesRef) bool {
		return ref.state.FirstRow < r.RowTo && ref.rowEnd() > r.RowFrom && dst.wants(ref.key)
	}
	return s.each(ctx, wants, func(g *groupRef, k *block, ref *seriesRef) error {
		p := Points{Key: ref.key}
		if err := s.read(ctx, g, k, ref, r, &p); err != nil {
			return err
		}
		dst.Add(&p)
		return nil
	})
}

// Catalogue implements View: from the directory, but for what is hidden.
func (s *Segment) Catalogue(ctx context.Context, dst *Catalogue) error {
	return s.each(ctx, func(ref *seriesRef) bool { return ref.state.FirstRow < s.visible }, func(g *groupRef, k *block, ref *seriesRef) error {
		if ref.rowEnd() <= s.visible {
			dst.addState(ref.key, ref.info())
			return nil
		}
		p := Points{Key: ref.key}
		if err := s.read(ctx, g, k, ref, Rows(0, s.visible), &p); err != nil {
			return err
		}
		dst.Add(&p)
		return nil
	})
}

// Values implements Source.
func (s *Segment) Values() int64 { return s.dir.points }

// Scan implements Source.
func (s *Segment) Scan(ctx context.Context, yield func(*Points) error) error {
	return s.each(ctx, func(ref *seriesRef) bool { return ref.state.FirstRow < s.visible }, func(g *groupRef, k *block, ref *seriesRef) error {
		p := Points{Key: ref.key}
		if err := s.read(ctx, g, k, ref, Rows(s.dir.row0, s.visible), &p); err != nil || p.Len() == 0 {
			return err
		}
		return yield(&p)
	})
}
