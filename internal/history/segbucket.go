package history

import (
	"context"
	"fmt"
	"math"
)

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
		r := Steps(from, dst.Grid.End())
		r.RowTo = s.visible
		if ref.plain() {
			return s.addPlain(ctx, g, k, ref, r, dst)
		}
		p.Reset(key)
		if err := s.read(ctx, g, k, ref, r, &p); err != nil {
			return err
		}
		dst.Add(&p)
		return nil
	})
}

// plain reports whether a part is numbers only, at even rows and rising steps:
// where a value stands tells its step.
func (ref *seriesRef) plain() bool {
	return ref.rowStride > 0 && ref.stepEven && ref.stepStride > 0 && ref.hasNumbers && !ref.hasJSON
}

// addPlain adds the values of a plain part straight from its pages.
func (s *Segment) addPlain(ctx context.Context, g *groupRef, k *block, ref *seriesRef, r Range, dst *Buckets) error {
	if !ref.touches(r) {
		return nil
	}
	from, to := ref.within(k, r)
	if from >= to {
		return nil
	}
	pages, err := s.pages(ctx, g, k, ref.start+from, ref.start+to, [pageCols]bool{colValue: true})
	if err != nil {
		return err
	}
	step := ref.firstStep0 + int64(from)*ref.stepStride
	for _, pg := range pages {
		values := pg.cols[colValue].([]float64)
		if pg.from > pg.to || pg.to > len(values) {
			return s.damaged(errPage)
		}
		values = values[pg.from:pg.to]
		dst.addEven(step, ref.stepStride, values)
		step += int64(len(values)) * ref.stepStride
	}
	return nil
}

// shownUntil is the end of the last bucket of a width that no hidden value of
// the series is in; steps do not fall where there are levels.
func (s *Segment) shownUntil(ctx context.Context, key string, width int64) (int64, error) {
	end := int64(math.MaxInt64)
	if !s.cut() {
		return end, nil
	}
	err := s.parts(ctx, key, func(g *groupRef, k *block, ref *seriesRef) error {
		if end != math.MaxInt64 || ref.state.LastRow < s.visible || !ref.hasNumbers {
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
			if row >= s.visible && p.FormAt(i) != JSON { // levels know nothing of the steps of texts
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
