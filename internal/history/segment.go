package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
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
	if crc32.Checksum(b, castagnoli) != g.blockCRC {
		return nil, s.damaged(errors.New("the checksum of a directory block is wrong"))
	}
	v, err := parseBlock(b)
	if err != nil {
		return nil, s.damaged(err)
	}
	s.cache.put(k, v, 4*int64(len(b))+int64(len(v.pages))*400)
	return v, nil
}

func (s *Segment) blockBytes(ctx context.Context, g *groupRef) ([]byte, error) {
	if !s.dir.inline {
		return s.fetch(ctx, g.blockOff, g.blockLen)
	}
	if g.blockOff+g.blockLen > int64(len(s.dir.blocks)) {
		return nil, s.damaged(errShort)
	}
	return s.dir.blocks[g.blockOff : g.blockOff+g.blockLen], nil
}

func (s *Segment) damaged(err error) error { return damaged("segment "+s.name, err) }

// parts calls yield for every part of a series, in row order.
func (s *Segment) parts(ctx context.Context, key string, yield func(*groupRef, *block, *seriesRef) error) error {
	first := slices.IndexFunc(s.dir.groups, func(g groupRef) bool { return g.lastKey >= key })
	for i := max(first, 0); first >= 0 && i < len(s.dir.groups) && s.dir.groups[i].firstKey <= key; i++ {
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
	return s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		return s.read(ctx, g, k, ref, r, dst)
	})
}

// read appends the values of a part that are in a range.
func (s *Segment) read(ctx context.Context, g *groupRef, k *block, ref *seriesRef, r Range, dst *Points) error {
	st := &ref.state
	if st.FirstRow >= r.RowTo || ref.rowEnd() <= r.RowFrom || st.FirstStep >= r.StepTo || st.LastStep < r.StepFrom {
		return nil
	}
	from, to := ref.within(r)
	if from >= to {
		return nil
	}
	p := Points{Key: ref.key}
	if err := s.readAt(ctx, g, k, ref, from, to, &p); err != nil {
		return err
	}
	dst.appendRange(&p, r)
	return nil
}

// within narrows a range to places of the part, as far as its rows and steps
// are even.
func (ref *seriesRef) within(r Range) (from, to int) {
	from, to = 0, ref.n
	if ref.rowStride > 0 {
		from = max(from, placeOf(r.RowFrom, ref.state.FirstRow, ref.rowStride))
		to = min(to, placeOf(r.RowTo, ref.state.FirstRow, ref.rowStride))
	}
	if ref.stepEven && ref.stepStride > 0 {
		from = max(from, placeOf(r.StepFrom, ref.firstStep0, ref.stepStride))
		to = min(to, placeOf(r.StepTo, ref.firstStep0, ref.stepStride))
	}
	return from, to
}

// placeOf is the first i with first+i·stride >= at.
func placeOf(at, first, stride int64) int {
	if at <= first {
		return 0
	}
	if d := uint64(at) - uint64(first); d > math.MaxInt32*uint64(stride) {
		return math.MaxInt32
	} else {
		return int((d + uint64(stride) - 1) / uint64(stride))
	}
}

// readAt appends the values at places from <= i < to of a part.
func (s *Segment) readAt(ctx context.Context, g *groupRef, k *block, ref *seriesRef, from, to int, p *Points) error {
	need := [pageCols]bool{colRow: ref.rowStride == 0, colStep: !ref.stepEven, colValue: ref.hasNumbers, colInteger: ref.mixed, colJSON: ref.hasJSON}
	pages, err := s.pages(ctx, g, k, ref.start+from, ref.start+to, need)
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if need[colRow] {
			break
		}
		p.Row = append(p.Row, ref.state.FirstRow+int64(i)*ref.rowStride)
	}
	for i := from; i < to && !need[colStep]; i++ {
		p.Step = append(p.Step, ref.firstStep0+int64(i)*ref.stepStride)
	}
	for _, pg := range pages {
		pg.appendTo(ref, need, p)
	}
	return s.complete(ref, to-from, p)
}

// complete fills in what was not read and checks the lengths.
func (s *Segment) complete(ref *seriesRef, n int, p *Points) error {
	if !ref.hasNumbers {
		p.Value = slices.Grow(p.Value[:0], n)
		for range n {
			p.Value = append(p.Value, nan)
		}
	}
	p.All = ref.forms
	if ref.mixed {
		for i := range p.Form {
			if p.JSON != nil && p.JSON[i] != nil {
				p.Form[i] = JSON
			}
		}
	}
	if len(p.Row) != n || len(p.Step) != n || len(p.Value) != n || ref.mixed && len(p.Form) != n || ref.hasJSON && len(p.JSON) != n {
		return s.damaged(errPage)
	}
	for i := 1; i < n; i++ {
		if p.Row[i] <= p.Row[i-1] {
			return s.damaged(errTwice)
		}
	}
	return nil
}

// openPage is the decoded part of one page that was asked for.
type openPage struct {
	from, to int // of the page's rows
	cols     [pageCols]any
}

func (pg *openPage) appendTo(ref *seriesRef, need [pageCols]bool, p *Points) {
	if need[colRow] {
		p.Row = append(p.Row, pg.cols[colRow].([]int64)[pg.from:pg.to]...)
	}
	if need[colStep] {
		p.Step = append(p.Step, pg.cols[colStep].([]int64)[pg.from:pg.to]...)
	}
	if need[colValue] {
		p.Value = append(p.Value, pg.cols[colValue].([]float64)[pg.from:pg.to]...)
	}
	if need[colInteger] {
		bits := pg.cols[colInteger].([]byte)
		for i := pg.from; i < pg.to; i++ {
			p.Form = append(p.Form, Form(bits[i/8]>>(i%8)&1))
		}
	}
	if need[colJSON] {
		p.JSON = append(p.JSON, pg.cols[colJSON].([][]byte)[pg.from:pg.to]...)
	}
}

// missing is a page that has to be fetched.
type missing struct {
	page *openPage
	col  int
	rows int
	ref  *pageRef
	off  int64 // in the object
}

// pages returns the needed columns of a group's rows from <= i < to.
func (s *Segment) pages(ctx context.Context, g *groupRef, k *block, from, to int, need [pageCols]bool) ([]*openPage, error) {
	var all []*openPage
	var todo []missing
	at := 0
	for i := range k.pages {
		set := &k.pages[i]
		if at < to && at+set.rows > from {
			pg := &openPage{from: max(from-at, 0), to: min(to-at, set.rows)}
			for c := range need {
				if !need[c] {
					continue
				}
				off := g.off + set.col[c].off
				if v, ok := s.cache.get(cacheKey{s.name, off}); ok {
					pg.cols[c] = v
				} else {
					todo = append(todo, missing{pg, c, set.rows, &set.col[c], off})
				}
			}
			all = append(all, pg)
		}
		at += set.rows
	}
	slices.SortFunc(todo, func(a, b missing) int { return cmp.Compare(a.off, b.off) })
	for len(todo) > 0 {
		n := 1
		end := todo[0].off + todo[0].ref.len()
		for n < len(todo) && todo[n].off-end <= fetchGap && todo[n].off+todo[n].ref.len()-todo[0].off <= fetchMost {
			end = todo[n].off + todo[n].ref.len()
			n++
		}
		if err := s.fetchPages(ctx, todo[:n], end); err != nil {
			return nil, err
		}
		todo = todo[n:]
	}
	return all, nil
}

// fetchPages reads neighbouring pages with one request and decodes them.
func (s *Segment) fetchPages(ctx context.Context, todo []missing, end int64) error {
	start := todo[0].off
	b, err := s.fetch(ctx, start, end-start)
	if err != nil {
		return err
	}
	if int64(len(b)) != end-start {
		return s.damaged(errShort)
	}
	for _, m := range todo {
		v, bytes, err := s.decode(m.ref, m.col, m.rows, b[m.off-start:m.off-start+m.ref.len()])
		if err != nil {
			return s.damaged(fmt.Errorf("page at %d: %w", m.off, err))
		}
		m.page.cols[m.col] = v
		s.cache.put(cacheKey{s.name, m.off}, v, bytes)
	}
	return nil
}

func (s *Segment) decode(ref *pageRef, col, rows int, b []byte) (v any, bytes int64, err error) {
	def, raw, err := ref.unpack(s.cache.unzip, b)
	if err != nil {
		return nil, 0, err
	}
	switch col {
	case colValue:
		v, err = ref.decodeNumbers(def, raw, rows)
		return v, 8 * int64(rows), err
	case colInteger:
		if len(raw) != (rows+7)/8 {
			err = errPage
		}
		return raw, int64(len(raw)), err
	case colJSON:
		v, err = ref.decodeTexts(def, raw, rows)
		return v, int64(len(raw)) + 24*int64(rows), err
	}
	v, err = decodeInts(raw, rows)
	return v, 8 * int64(rows), err
}

// Buckets implements View: from a level of detail where one fits the grid and
// no row is hidden, otherwise from raw values.
func (s *Segment) Buckets(ctx context.Context, key string, dst *Buckets) error {
	raw := s.cut() || dst.Grid.Level == 0
	first := true
	return s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		if first && !raw {
			l := ref.levelFor(dst.Grid)
			if l == nil {
				raw = true
			} else if err := s.addLevel(ctx, l, dst); err != nil {
				return err
			}
		}
		first = false
		if !raw {
			return nil // the level holds the whole series
		}
		p := Points{Key: key}
		r := Steps(dst.Grid.Start, dst.Grid.End())
		r.RowTo = s.visible
		if err := s.read(ctx, g, k, ref, r, &p); err != nil {
			return err
		}
		dst.Add(&p)
		return nil
	})
}

// levelFor is the coarsest level whose buckets fit into the grid's.
func (ref *seriesRef) levelFor(g Grid) *levelRef {
	for i := len(ref.levels) - 1; i >= 0; i-- {
		if l := &ref.levels[i]; l.width <= g.Level && g.Width%l.width == 0 {
			return l
		}
	}
	return nil
}

func (s *Segment) addLevel(ctx context.Context, l *levelRef, dst *Buckets) error {
	k := cacheKey{s.name, l.off}
	v, ok := s.cache.get(k)
	if !ok {
		b, err := s.fetch(ctx, l.off, int64(l.zip))
		if err != nil {
			return err
		}
		buckets, err := l.decode(s.cache.unzip, b)
		if err != nil {
			return s.damaged(fmt.Errorf("level of detail at %d: %w", l.off, err))
		}
		s.cache.put(k, buckets, 80*int64(len(buckets)))
		v = buckets
	}
	for _, b := range v.([]Bucket) {
		dst.mergeAt(b)
	}
	return nil
}

// each calls yield for every part of every series that wants picks, in the
// order of the object.
func (s *Segment) each(ctx context.Context, wants func(*seriesRef) bool, yield func(*groupRef, *block, *seriesRef) error) error {
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
			state := ref.state
			state.Kinds = slices.Clone(state.Kinds)
			dst.addState(ref.key, &state)
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
