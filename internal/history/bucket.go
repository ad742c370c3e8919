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

// addEven adds numbers at the steps first, first+stride and so on, all within
// the grid.
func (b *Buckets) addEven(first, stride int64, v []float64) {
	for len(v) > 0 {
		if first < b.Grid.Start || first >= b.Grid.End() {
			first, v = first+stride, v[1:]
			continue
		}
		i := (first - b.Grid.Start) / b.Grid.Width
		end := b.Grid.Start + (i+1)*b.Grid.Width
		n := min(int64(len(v)), (end-first+stride-1)/stride)
		b.Buckets[i].addRun(first, first+(n-1)*stride, v[:n])
		first, v = first+n*stride, v[n:]
	}
}

// addRun takes in numbers that come after those before, at rising steps.
func (b *Bucket) addRun(first, last int64, v []float64) {
	k := Bucket{FirstStep: first, LastStep: last, Count: int64(len(v)), First: nan, Last: nan, Min: nan, Max: nan, Sum: nan}
	low, high, sum, finite := math.Inf(1), math.Inf(-1), 0.0, 0
	for _, x := range v {
		if x-x != 0 { // NaN or infinite
			if x != x {
				k.NaN++
			} else {
				k.Inf++
			}
			continue
		}
		if finite == 0 {
			k.First, sum = x, x
		} else {
			sum += x
		}
		finite++
		k.Last = x
		if x < low || x == 0 && low == 0 && math.Signbit(x) {
			low = x
		}
		if x > high || x == 0 && high == 0 && !math.Signbit(x) {
			high = x
		}
	}
	if finite > 0 {
		k.Min, k.Max, k.Sum = low, high, sum
	}
	b.merge(k)
}

// mergeAt adds a bucket of a level of detail, which lies within one of the
// grid's.
func (b *Buckets) mergeAt(o Bucket) {
	if o.FirstStep >= b.Grid.Start && o.FirstStep < b.Grid.End() {
		b.Buckets[(o.FirstStep-b.Grid.Start)/b.Grid.Width].merge(o)
	}
}
