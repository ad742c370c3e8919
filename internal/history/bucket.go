package history

import "math"

// Bucket sums up the numbers of a range of steps. First, Last, Min, Max and
// Sum are over finite values in row order and NaN when there are none.
type Bucket struct {
	FirstStep, LastStep        int64 // lowest and highest step that occurs
	Count, NaN, Inf            int64 // all numbers; NaNs; infinities
	First, Last, Min, Max, Sum float64
}

// add takes in one number that comes after those before.
func (b *Bucket) add(step int64, v float64) {
	if b.Count == 0 {
		*b = Bucket{FirstStep: step, LastStep: step, First: nan, Last: nan, Min: nan, Max: nan, Sum: nan}
	}
	b.Count++
	b.FirstStep, b.LastStep = min(b.FirstStep, step), max(b.LastStep, step)
	switch {
	case v != v:
		b.NaN++
	case math.IsInf(v, 0):
		b.Inf++
	case b.First != b.First:
		b.First, b.Last, b.Min, b.Max, b.Sum = v, v, v, v, v
	default:
		b.Last = v
		b.Min, b.Max = min(b.Min, v), max(b.Max, v)
		b.Sum += v
	}
}

// merge takes in a bucket whose rows come after those before.
func (b *Bucket) merge(o Bucket) {
	switch {
	case o.Count == 0:
		return
	case b.Count == 0:
		*b = o
		return
	}
	b.Count, b.NaN, b.Inf = b.Count+o.Count, b.NaN+o.NaN, b.Inf+o.Inf
	b.FirstStep, b.LastStep = min(b.FirstStep, o.FirstStep), max(b.LastStep, o.LastStep)
	switch {
	case o.First != o.First:
	case b.First != b.First:
		b.First, b.Last, b.Min, b.Max, b.Sum = o.First, o.Last, o.Min, o.Max, o.Sum
	default:
		b.Last = o.Last
		b.Min, b.Max = min(b.Min, o.Min), max(b.Max, o.Max)
		b.Sum += o.Sum
	}
}

// Buckets are the buckets of one series on a grid.
type Buckets struct {
	Grid    Grid
	Buckets []Bucket // one for each of the grid; Count 0 where nothing is
}

// NewBuckets returns empty buckets.
func NewBuckets(g Grid) *Buckets { return &Buckets{Grid: g, Buckets: make([]Bucket, g.N)} }

// Add adds numbers; JSON values and steps outside the grid are skipped.
func (b *Buckets) Add(p *Points) {
	end := b.Grid.End()
	var from, to int64 // steps of the last bucket, which mostly is the next one's
	var at *Bucket
	for i, step := range p.Step {
		if p.All == JSON && p.Form == nil || p.Form != nil && p.Form[i] == JSON {
			continue
		}
		if at == nil || step < from || step >= to {
			if step < b.Grid.Start || step >= end {
				continue
			}
			n := (step - b.Grid.Start) / b.Grid.Width
			from = b.Grid.Start + n*b.Grid.Width
			to, at = from+b.Grid.Width, &b.Buckets[n]
		}
		at.add(step, p.Value[i])
	}
}

// mergeAt adds a bucket of a level of detail, which lies within one of the
// grid's.
func (b *Buckets) mergeAt(o Bucket) {
	if o.FirstStep >= b.Grid.Start && o.FirstStep < b.Grid.End() {
		b.Buckets[(o.FirstStep-b.Grid.Start)/b.Grid.Width].merge(o)
	}
}
