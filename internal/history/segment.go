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
	v, err := parseBlock(raw)
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

func (s *Segment) damaged(err error) error { return damaged("segment "+s.name, err) }

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

// read appends the values of a part that are in a range.
func (s *Segment) read(ctx context.Context, g *groupRef, k *block, ref *seriesRef, r Range, dst *Points) error {
	if !ref.touches(r) {
		return nil
	}
	st := &ref.state
	from, to := ref.within(k, r)
	if from >= to {
		return nil
	}
	start := dst.Len()
	if err := s.readAt(ctx, g, k, ref, from, to, dst); err != nil {
		return err
	}
	// The places are exact where rows are even and all steps are wanted.
	if ref.rowStride == 0 && (st.FirstRow < r.RowFrom || st.LastRow >= r.RowTo) || st.FirstStep < r.StepFrom || st.LastStep >= r.StepTo {
		dst.keep(start, r)
	}
	return nil
}

// touches reports whether the part can have values in a range.
func (ref *seriesRef) touches(r Range) bool {
	st := &ref.state
	return st.FirstRow < r.RowTo && ref.rowEnd() > r.RowFrom && st.FirstStep < r.StepTo && st.LastStep >= r.StepFrom
}

// within narrows a range to places of the part: exactly where its rows and
// steps are even, else to the pages that can have them.
func (ref *seriesRef) within(k *block, r Range) (from, to int) {
	from, to = 0, ref.n
	if ref.rowStride > 0 {
		from = max(from, placeOf(r.RowFrom, ref.state.FirstRow, ref.rowStride))
		to = min(to, placeOf(r.RowTo, ref.state.FirstRow, ref.rowStride))
	} else {
		first, last := ref.pagesOf(k, r)
		from, to = max(from, first), min(to, last)
	}
	if ref.stepEven && ref.stepStride > 0 {
		from = max(from, placeOf(r.StepFrom, ref.firstStep0, ref.stepStride))
		to = min(to, placeOf(r.StepTo, ref.firstStep0, ref.stepStride))
	}
	return from, to
}

// pagesOf narrows a range of rows by the first row of each page.
func (ref *seriesRef) pagesOf(k *block, r Range) (from, to int) {
	to = ref.n
	at := 0
	for i := range k.pages {
		set := &k.pages[i]
		// Only pages that start within the series tell of its rows.
		if at >= ref.start && at < ref.start+ref.n && set.has[colRow] {
			if set.firstRow <= r.RowFrom {
				from = at - ref.start
			}
			if set.firstRow >= r.RowTo {
				return from, at - ref.start
			}
		}
		at += set.rows
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
func (s *Segment) readAt(ctx context.Context, g *groupRef, k *block, ref *seriesRef, from, to int, dst *Points) error {
	need := ref.needs()
	pages, err := s.pages(ctx, g, k, ref.start+from, ref.start+to, need)
	if err != nil {
		return err
	}
	n, start := to-from, dst.Len()
	dst.grow(n)
	if ref.hasJSON && dst.JSON == nil {
		dst.JSON = make([][]byte, start, start+n)
	}
	if !ref.mixed {
		dst.addForm(start, n, ref.forms)
	} else {
		dst.spread(start)
	}
	for _, pg := range pages {
		pg.appendTo(need, dst)
	}
	for i := from; i < to && !need[colRow]; i++ {
		dst.Row = append(dst.Row, ref.state.FirstRow+int64(i)*ref.rowStride)
	}
	for i := from; i < to && !need[colStep]; i++ {
		dst.Step = append(dst.Step, ref.firstStep0+int64(i)*ref.stepStride)
	}
	for i := 0; i < n && !need[colValue]; i++ {
		dst.Value = append(dst.Value, nan)
	}
	if dst.JSON != nil && !need[colJSON] {
		dst.JSON = append(dst.JSON, make([][]byte, n)...)
	}
	return s.check(dst, start, n)
}

// check makes sure that n values were appended and their rows ascend.
func (s *Segment) check(p *Points, start, n int) error {
	end := start + n
	if len(p.Row) != end || len(p.Step) != end || len(p.Value) != end || p.Form != nil && len(p.Form) != end || p.JSON != nil && len(p.JSON) != end {
		return s.damaged(errPage)
	}
	for i := start + 1; i < end; i++ {
		if p.Row[i] <= p.Row[i-1] {
			return s.damaged(errTwice)
		}
	}
	if p.Form == nil && p.All != JSON {
		return nil
	}
	for i := start; i < end; i++ {
		if p.FormAt(i) == JSON && (p.JSON == nil || p.JSON[i] == nil) {
			return s.damaged(errPage)
		}
	}
	return nil
}

// openPage is the decoded part of one page that was asked for.
type openPage struct {
	from, to int // of the page's rows
	cols     [pageCols]any
}

func (pg *openPage) appendTo(need [pageCols]bool, p *Points) {
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
	if !need[colJSON] {
		return
	}
	texts := pg.cols[colJSON].([][]byte)[pg.from:pg.to]
	p.JSON = append(p.JSON, texts...)
	if need[colInteger] {
		forms := p.Form[len(p.Form)-len(texts):]
		for i, t := range texts {
			if t != nil {
				forms[i] = JSON
			}
		}
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
				if !set.has[c] {
					return nil, s.damaged(errPage)
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
	var scratch []byte
	for _, m := range todo {
		page := b[m.off-start:]
		if m.ref.len() > int64(len(page)) {
			return s.damaged(errPage) // two pages overlap
		}
		v, bytes, err := s.decode(&m, page[:m.ref.len()], &scratch)
		if err != nil {
			return s.damaged(fmt.Errorf("page at %d: %w", m.off, err))
		}
		m.page.cols[m.col] = v
		s.cache.put(cacheKey{s.name, m.off}, v, bytes)
	}
	return nil
}

// decode returns a column's values; scratch is reused where they do not keep
// the decompressed bytes.
func (s *Segment) decode(m *missing, b []byte, scratch *[]byte) (v any, bytes int64, err error) {
	keeps := m.col == colJSON || m.col == colInteger
	if keeps {
		scratch = new([]byte)
	}
	def, raw, err := m.ref.unpack(s.cache.unzip, b, *scratch)
	if err != nil {
		return nil, 0, err
	}
	*scratch = raw
	switch m.col {
	case colValue:
		v, err = m.ref.decodeNumbers(def, raw, m.rows)
		return v, 8 * int64(m.rows), err
	case colInteger:
		if len(raw) != (m.rows+7)/8 {
			err = errPage
		}
		return raw, int64(len(raw)), err
	case colJSON:
		v, err = m.ref.decodeTexts(def, raw, m.rows)
		return v, int64(len(raw)) + 24*int64(m.rows), err
	}
	v, err = decodeInts(raw, m.rows)
	return v, 8 * int64(m.rows), err
}

// Buckets implements View: from a level of detail where one fits the grid,
// otherwise from raw values. Where rows are hidden the level serves the
// buckets that end before the first hidden value.
func (s *Segment) Buckets(ctx context.Context, key string, dst *Buckets) error {
	from := dst.Grid.Start // raw values are read from this step on
	first := true
	var p Points
	return s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		if l := ref.levelFor(dst.Grid); first && l != nil {
			shown, err := s.shownUntil(ctx, key, l.width)
			if err == nil {
				err = s.addLevel(ctx, l, shown, dst)
			}
			if err != nil {
				return err
			}
			from = max(from, shown)
		}
		first = false
		if from >= dst.Grid.End() {
			return nil
		}
		p.Reset(key)
		r := Steps(from, dst.Grid.End())
		r.RowTo = s.visible
		if err := s.read(ctx, g, k, ref, r, &p); err != nil {
			return err
		}
		dst.Add(&p)
		return nil
	})
}

// shownUntil is the end of the last bucket of a width that no hidden value of
// the series is in; steps do not fall where there are levels.
func (s *Segment) shownUntil(ctx context.Context, key string, width int64) (int64, error) {
	end := int64(math.MaxInt64)
	if !s.cut() {
		return end, nil
	}
	err := s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		if end != math.MaxInt64 || ref.state.LastRow < s.visible {
			return nil
		}
		from, to := ref.within(k, Rows(s.visible, math.MaxInt64))
		var p Points
		// Even rows give the place; else it is in the first page there.
		if ref.rowStride > 0 {
			to = from + 1
		} else {
			to = min(to, from+k.longestPage())
		}
		if err := s.readAt(ctx, g, k, ref, from, to, &p); err != nil {
			return err
		}
		for i, row := range p.Row {
			if row >= s.visible {
				end = floorDiv(p.Step[i], width) * width
				break
			}
		}
		if end == math.MaxInt64 {
			end = floorDiv(ref.state.FirstStep, width) * width // be careful
		}
		return nil
	})
	return end, err
}

func (k *block) longestPage() int {
	n := 1
	for i := range k.pages {
		n = max(n, k.pages[i].rows)
	}
	return n
}

// levelFor is the coarsest level whose buckets fit into the grid's.
func (ref *seriesRef) levelFor(g Grid) *levelRef {
	for i := len(ref.levels) - 1; i >= 0 && g.Level > 0; i-- {
		if l := &ref.levels[i]; g.Width%l.width == 0 {
			return l
		}
	}
	return nil
}

// addLevel adds the buckets of a level that end at step `until` or before.
func (s *Segment) addLevel(ctx context.Context, l *levelRef, until int64, dst *Buckets) error {
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
		s.cache.put(k, buckets, 88*int64(len(buckets)))
		v = buckets
	}
	for _, b := range v.([]Bucket) {
		if b.FirstStep < until {
			dst.mergeAt(b)
		}
	}
	return nil
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
