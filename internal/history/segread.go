package history

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

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
	off  int64      // in the object
	dict *[]float64 // of the group's values; that of colDict is to be filled
}

// colDict stands for the dictionary of a group's values, which lies before
// the pages that use it and so is decoded before them.
const colDict = pageCols

// askDictionary finds the dictionary in the cache or adds it to what is to be
// fetched.
func (s *Segment) askDictionary(g *groupRef, k *block, todo []missing, dict *[]float64) []missing {
	off := g.off + k.dict.off
	if v, ok := s.cache.get(cacheKey{s.name, off}); ok {
		*dict = v.([]float64)
		return todo
	}
	return append(todo, missing{col: colDict, ref: &k.dict, off: off, dict: dict})
}

// pages returns the needed columns of a group's rows from <= i < to.
func (s *Segment) pages(ctx context.Context, g *groupRef, k *block, from, to int, need [pageCols]bool) ([]*openPage, error) {
	var all []*openPage
	var todo []missing
	var dict []float64 // of the group's values, once it is here
	asked := false
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
					if set.col[c].dict && !asked {
						asked = true
						todo = s.askDictionary(g, k, todo, &dict)
					}
					todo = append(todo, missing{page: pg, col: c, rows: set.rows, ref: &set.col[c], off: off, dict: &dict})
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
	scratch, _ := s.cache.scratch.Get().(*[]byte)
	if scratch == nil {
		scratch = new([]byte)
	}
	defer s.cache.scratch.Put(scratch)
	for _, m := range todo {
		page := b[m.off-start:]
		if m.ref.len() > int64(len(page)) {
			return s.damaged(errPage) // two pages overlap
		}
		v, bytes, err := s.decode(&m, page[:m.ref.len()], scratch)
		if err != nil {
			return s.damaged(fmt.Errorf("page at %d: %w", m.off, err))
		}
		if m.col == colDict {
			*m.dict = v.([]float64)
		} else {
			m.page.cols[m.col] = v
		}
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
	case colDict:
		dict := decodeDictionary(raw)
		return dict, 8 * int64(len(dict)), nil
	case colValue:
		if m.ref.dict {
			v, err = m.ref.decodeIndexed(def, raw, m.rows, *m.dict)
		} else {
			v, err = m.ref.decodeNumbers(def, raw, m.rows)
		}
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
