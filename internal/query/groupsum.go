package query

import (
	"math"
	"slices"
)

// sumUp fills a group's line from the lines of its members.
func (g *GroupLine) sumUp(p *GroupPanel, members []int, lines []runLine) {
	buckets := 0
	for _, m := range members {
		l := &lines[m]
		if l.total == 0 {
			g.Missing++
			continue
		}
		g.Runs++
		g.Total, g.NaN, g.Inf = g.Total+l.total, g.NaN+l.nan, g.Inf+l.inf
		buckets = len(l.value)
	}
	values := make([]float64, 0, g.Runs)
	for i := range buckets {
		low, high := math.Inf(1), math.Inf(-1)
		values = values[:0]
		for _, m := range members {
			if l := &lines[m]; l.total > 0 && l.value[i] == l.value[i] {
				values = append(values, l.value[i])
				low, high = min(low, l.low[i]), max(high, l.high[i])
			}
		}
		if len(values) > 0 {
			g.add(min(p.Start+float64(i+1)*p.Width-p.edge(), p.Max), low, high, values)
		}
	}
	g.N = len(g.X)
}

// edge is how far before its end a bucket is drawn: at its last step.
func (p *GroupPanel) edge() float64 {
	if p.X == "_step" {
		return 1
	}
	return 0
}

// add appends a place. It sorts values.
func (g *GroupLine) add(x, low, high float64, values []float64) {
	n := float64(len(values))
	mean, deviation := meanOf(values), 0.0
	if n > 1 {
		for _, v := range values {
			deviation += (v - mean) * (v - mean) / (n - 1)
		}
		deviation = math.Sqrt(deviation)
	}
	slices.Sort(values)
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = values[middle-1] + (median-values[middle-1])/2
	}
	g.X = append(g.X, x)
	g.Mean, g.Median = append(g.Mean, single(mean)), append(g.Median, single(median))
	g.Low, g.High = append(g.Low, single(low)), append(g.High, single(high))
	g.Stddev, g.Stderr = append(g.Stddev, single(deviation)), append(g.Stderr, single(deviation/math.Sqrt(n)))
	g.Count = append(g.Count, float32(n))
}

// meanOf does not overflow where the sum would.
func meanOf(values []float64) float64 {
	n, sum := float64(len(values)), 0.0
	for _, v := range values {
		sum += v
	}
	if !math.IsInf(sum, 0) {
		return sum / n
	}
	sum = 0
	for _, v := range values {
		sum += v / n
	}
	return sum
}
