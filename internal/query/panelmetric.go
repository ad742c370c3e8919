package query

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

// rawRows is up to how many rows a panel over another metric joins row by row;
// larger runs pair buckets of steps when x only grows.
const rawRows = 100_000

// xAxis says where x comes from and which of it counts.
type xAxis struct {
	key       string
	shift     float64 // is taken off
	low, high float64 // range of x after the shift
}

func (a xAxis) has(x float64) bool {
	return x >= a.low && x <= a.high && !math.IsInf(x, 0) // false for NaN
}

// axisOf returns the x axis of a request for one run.
func axisOf(pr PanelRequest, r *panelRun) xAxis {
	a := xAxis{key: pr.X, low: math.Inf(-1), high: math.Inf(1)}
	if pr.X == "_absolute_runtime" {
		a.key, a.shift = "_timestamp", float64(r.created.UnixMicro())/1e6
	}
	if pr.Min != nil {
		a.low = *pr.Min
	}
	if pr.Max != nil {
		a.high = *pr.Max
	}
	return a
}

// panelByMetric fills a panel whose x is a time or a metric: points where a
// run has few, buckets of its own where it has many.
func (q *Query) panelByMetric(ctx context.Context, pr PanelRequest, p *Panel, runs []panelRun) error {
	return q.each(ctx, runs, func(ctx context.Context, r *panelRun) error {
		s, err := q.reopen(ctx, pr, r)
		if err != nil || r.low > r.high {
			return err
		}
		axis := axisOf(pr, r)
		if pr.y != nil || pr.x != nil {
			return q.bucketFormula(ctx, pr, s, axis, r.out)
		}
		if strings.ContainsAny(axis.key, `.\`) {
			stored, err := q.storedKeys(ctx, s, pr.Stream, []string{axis.key})
			if err != nil {
				return err
			}
			axis.key = stored[0]
		}
		return q.firstFound(ctx, s, pr.Stream, pr.Key, func(key string) (bool, error) {
			pr := pr
			pr.Key = key
			if r.rows > rawRows {
				if ok, err := q.pairBuckets(ctx, pr, s, axis, r); ok || err != nil {
					return ok, err
				}
			}
			err := s.bucketByMetric(ctx, pr, axis, r.out)
			return r.out.Total > 0, err
		})
	})
}

// bucketByMetric joins x and y row by row.
func (s *stream) bucketByMetric(ctx context.Context, pr PanelRequest, axis xAxis, out *PanelRun) error {
	return bucketPairs(func(fn func(x, y float64)) error {
		return s.join(ctx, []string{pr.Key, axis.key}, history.All(), func(j *joined) error {
			y, isNumber := j.value(0)
			x, hasX := j.value(1)
			if x -= axis.shift; isNumber && hasX && axis.has(x) {
				fn(x, y)
			}
			return nil
		})
	}, pr.Buckets, out)
}

// bucketFormula computes x, y or both row by row, where a row has all metrics
// that they name.
func (q *Query) bucketFormula(ctx context.Context, pr PanelRequest, s *stream, axis xAxis, out *PanelRun) error {
	fy, fx := pr.y, pr.x
	if fy == nil {
		fy = nameFormula(pr.Key)
	}
	byStep := fx == nil && axis.key == "_step"
	if fx == nil && !byStep {
		fx = nameFormula(axis.key)
	}
	names, n := slices.Clone(fy.keys), len(fy.keys)
	if !byStep {
		names = append(names, fx.keys...)
	}
	if len(names) == 0 {
		return ballast.Errorf(ballast.Invalid, "the expression names no metric")
	}
	keys, err := q.storedKeys(ctx, s, pr.Stream, names)
	if err != nil {
		return err
	}
	values := make([]float64, len(keys))
	return bucketPairs(func(fn func(x, y float64)) error {
		return s.join(ctx, keys, history.All(), func(j *joined) error {
			for k := range keys {
				v, isNumber := j.value(k)
				if !isNumber {
					return nil
				}
				values[k] = v
			}
			x := float64(j.step)
			if !byStep {
				x = fx.eval(values[n:]) - axis.shift
			}
			if axis.has(x) {
				fn(x, fy.eval(values[:n]))
			}
			return nil
		})
	}, pr.Buckets, out)
}

// bucketPairs fills a run from pairs of x and y, which each gives in the same
// order each time: points where there are few, else buckets.
func bucketPairs(each func(fn func(x, y float64)) error, buckets int, out *PanelRun) error {
	var xs, ys []float64
	low, high, n := math.Inf(1), math.Inf(-1), 0
	err := each(func(x, y float64) {
		low, high = min(low, x), max(high, x)
		if n++; n <= fewPoints {
			xs, ys = append(xs, x), append(ys, y)
		}
	})
	if err != nil {
		return err
	}
	if n < fewPoints {
		out.setPoints(xs, ys)
		return nil
	}
	b := newXBuckets(low, high, buckets)
	if err := each(b.add); err != nil {
		return err
	}
	b.fill(out)
	return nil
}

// xBuckets are equal buckets of x.
type xBuckets struct {
	low, scale float64
	x          []float64 // of the last point
	buckets    []history.Bucket
}

func newXBuckets(low, high float64, n int) *xBuckets {
	b := &xBuckets{low: low, x: make([]float64, n), buckets: make([]history.Bucket, n)}
	if high > low {
		b.scale = float64(n) / (high - low)
	}
	return b
}

func (b *xBuckets) add(x, y float64) {
	i := min(int((x-b.low)*b.scale), len(b.buckets)-1)
	k := &b.buckets[i]
	k.Count++
	switch {
	case y != y:
		k.NaN++
	case math.IsInf(y, 0):
		k.Inf++
	default:
		if k.Count-k.NaN-k.Inf == 1 {
			k.Min, k.Max = y, y
		}
		k.Last, k.Min, k.Max = y, min(k.Min, y), max(k.Max, y)
		b.x[i] = x
		return
	}
	if k.Count == k.NaN+k.Inf {
		b.x[i] = x
	}
}

// fill gives a run the buckets that hold something.
func (b *xBuckets) fill(out *PanelRun) {
	n := 0
	for i := range b.buckets {
		if b.buckets[i].Count > 0 {
			b.buckets[n], b.x[n] = b.buckets[i], b.x[i]
			n++
		}
	}
	out.allocate(ModeBuckets, n)
	out.X, out.Missing = b.x[:n], n == 0
	for i := range n {
		out.setBucket(i, &b.buckets[i])
	}
}

// pairBuckets reads x and y on one grid of steps, from levels of detail, and
// pairs them bucket by bucket. ok is false where that would not be exact to a
// bucket: x does not only grow, or is not there where y is.
func (q *Query) pairBuckets(ctx context.Context, pr PanelRequest, s *stream, axis xAxis, r *panelRun) (ok bool, err error) {
	low, high := r.low, r.high
	if pr.Min != nil || pr.Max != nil {
		x, err := s.buckets(ctx, axis.key, history.NewGrid(low, high, MaxPanelBuckets))
		if err != nil || !grows(x) {
			return false, err
		}
		low, high = stepsOf(x, axis)
		if low > high {
			return false, nil
		}
	}
	grid := history.NewGrid(low, high, pr.Buckets)
	x, err := s.buckets(ctx, axis.key, grid)
	if err != nil || !grows(x) {
		return false, err
	}
	y, err := s.buckets(ctx, pr.Key, grid)
	if err != nil {
		return false, err
	}
	n := 0
	xs := make([]float64, grid.N)
	for i := range y.Buckets {
		if y.Buckets[i].Count == 0 {
			continue
		}
		if x.Buckets[i].Count < y.Buckets[i].Count {
			return false, nil
		}
		at := x.Buckets[i].Last - axis.shift
		// A bucket at the edge of a range may reach beyond it by a bucket.
		if axis.has(at) || axis.has(x.Buckets[i].First-axis.shift) {
			y.Buckets[n], xs[n] = y.Buckets[i], at
			n++
		}
	}
	var total int64
	for i := range n {
		total += y.Buckets[i].Count
	}
	if total < fewPoints {
		return false, nil
	}
	(&xBuckets{x: xs[:n], buckets: y.Buckets[:n]}).fill(r.out)
	return true, nil
}

// grows reports whether the values never fall, as far as buckets tell, and are
// all finite.
func grows(b *history.Buckets) bool {
	last := math.Inf(-1)
	for i := range b.Buckets {
		k := &b.Buckets[i]
		if k.Count == 0 {
			continue
		}
		if k.NaN+k.Inf > 0 || k.Min < last || k.First != k.Min || k.Last != k.Max {
			return false
		}
		last = k.Max
	}
	return true
}

// stepsOf returns the steps of the buckets of x that touch the axis's range.
func stepsOf(x *history.Buckets, axis xAxis) (low, high int64) {
	low, high = math.MaxInt64, math.MinInt64
	for i := range x.Buckets {
		k := &x.Buckets[i]
		if k.Count > 0 && k.Max-axis.shift >= axis.low && k.Min-axis.shift <= axis.high {
			low, high = min(low, k.FirstStep), max(high, k.LastStep)
		}
	}
	return low, high
}
