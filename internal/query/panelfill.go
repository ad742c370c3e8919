package query

import (
	"math"
	"slices"
	"sync"

	"github.com/ballast-ml/ballast/internal/history"
)

// budget gives out bytes until there are none left.
type budget struct {
	mu   sync.Mutex
	left int64
}

func newBudget(n int64) *budget { return &budget{left: n} }

func (b *budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// fillGrid takes the buckets of a shared grid.
func (r *PanelRun) fillGrid(b *history.Buckets) {
	r.allocate(ModeGrid, len(b.Buckets))
	r.Odd = make([]bool, r.N)
	r.low, r.high = math.Inf(1), math.Inf(-1)
	for i := range b.Buckets {
		k := &b.Buckets[i]
		r.setBucket(i, k)
		r.Odd[i] = k.NaN+k.Inf > 0
		if k.Count > 0 {
			r.low, r.high = min(r.low, float64(k.FirstStep)), max(r.high, float64(k.LastStep))
		}
	}
	r.Missing = r.Total == 0
}

// allocate makes room for n buckets.
func (r *PanelRun) allocate(mode string, n int) {
	r.Mode, r.N = mode, n
	r.Total, r.NaN, r.Inf = 0, 0, 0
	all := make([]float32, 4*n)
	r.Last, r.Low, r.High, r.Count = all[:n:n], all[n:2*n:2*n], all[2*n:3*n:3*n], all[3*n:]
}

// setBucket fills place i from a bucket and counts its points.
func (r *PanelRun) setBucket(i int, k *history.Bucket) {
	finite := k.Count - k.NaN - k.Inf
	r.Total, r.NaN, r.Inf = r.Total+k.Count, r.NaN+k.NaN, r.Inf+k.Inf
	r.Count[i] = float32(finite)
	if finite == 0 {
		nan := float32(math.NaN())
		r.Last[i], r.Low[i], r.High[i] = nan, nan, nan
		return
	}
	r.Last[i], r.Low[i], r.High[i] = single(k.Last), single(k.Min), single(k.Max)
}

// single is the nearest float32 that is finite.
func single(f float64) float32 {
	return float32(max(-math.MaxFloat32, min(f, math.MaxFloat32)))
}

// fillPoints takes every point of a series by step.
func (r *PanelRun) fillPoints(p *history.Points) {
	xs, ys := make([]float64, 0, p.Len()), make([]float64, 0, p.Len())
	for i, v := range p.Value {
		if p.FormAt(i) != history.JSON {
			xs, ys = append(xs, float64(p.Step[i])), append(ys, v)
		}
	}
	r.setPoints(xs, ys)
}

// setPoints takes points in any order of x.
func (r *PanelRun) setPoints(xs, ys []float64) {
	if !slices.IsSorted(xs) {
		sortPoints(xs, ys)
	}
	*r = PanelRun{Run: r.Run, Mode: ModePoints, N: len(xs), X: xs, Y: ys, Total: int64(len(xs)), Missing: len(xs) == 0}
	for _, y := range ys {
		switch {
		case y != y:
			r.NaN++
		case math.IsInf(y, 0):
			r.Inf++
		}
	}
}

// sortPoints sorts by x; points of one x keep their order.
func sortPoints(xs, ys []float64) {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	oldX, oldY := slices.Clone(xs), slices.Clone(ys)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case oldX[a] < oldX[b]:
			return -1
		case oldX[a] > oldX[b]:
			return 1
		}
		return 0
	})
	for i, o := range order {
		xs[i], ys[i] = oldX[o], oldY[o]
	}
}
