package history

// Bucket sums up the numbers of a range of steps. First, Last, Min, Max and
// Sum are over finite values in row order and NaN when there are none.
type Bucket struct {
	FirstStep, LastStep        int64 // lowest and highest step that occurs
	Count, NaN, Inf            int64 // all numbers; NaNs; infinities
	First, Last, Min, Max, Sum float64
}

// Buckets are the buckets of one series on a grid.
type Buckets struct {
	Grid    Grid
	Buckets []Bucket // one for each of the grid; Count 0 where nothing is
}

// NewBuckets returns empty buckets.
func NewBuckets(g Grid) *Buckets { panic("TODO") }

// Add adds numbers; JSON values and steps outside the grid are skipped.
func (b *Buckets) Add(p *Points) { panic("TODO") }
