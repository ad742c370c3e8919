package query

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	// tableBins is how many bars a histogram has.
	tableBins = 18
	// statTexts is how many of a column's texts are named.
	statTexts = 20
	// logFrom is the ratio of largest to smallest from which bars are equal in
	// the logarithm.
	logFrom = 200
)

// TableStats says how the values of columns are spread over the runs found.
type TableStats struct {
	Found   int             `json:"found"`
	Millis  int64           `json:"ms"`
	Columns []ColumnStat    `json:"columns"` // in the order asked for
	Filter  json.RawMessage `json:"filter"`  // the query's text in the Mongo-style language of the SDK
}

// ColumnStat sums one column up. Times are milliseconds since 1970.
type ColumnStat struct {
	Column string      `json:"column"`
	Count  int         `json:"count"` // finite numbers
	Odd    int         `json:"odd"`   // NaN and ±Infinity
	Min    float64     `json:"min"`   // 0 when Count is
	Max    float64     `json:"max"`
	Mean   float64     `json:"mean"`
	Log    bool        `json:"log,omitempty"`   // the bars are equal in the logarithm
	Time   bool        `json:"time,omitempty"`  // the numbers are times
	Bins   []int       `json:"bins,omitempty"`  // finite numbers from Min to Max
	Texts  []TextCount `json:"texts,omitempty"` // the most frequent
}

// TextCount is a text and how many runs have it.
type TextCount struct {
	Text string `json:"text"`
	Runs int    `json:"runs"`
}

// TableStats returns the spread of columns over the runs that match.
func (q *Query) TableStats(ctx context.Context, projectID int64, rq RunQuery, columns []string) (*TableStats, error) {
	start := time.Now()
	rq, err := q.complete(ctx, projectID, rq, columns...)
	if err != nil {
		return nil, err
	}
	f, fields, err := rq.withColumns(q.opt.Now(), columns)
	if err != nil {
		return nil, err
	}
	text, err := parseText(rq.Text, q.opt.Now(), rq.short)
	if err != nil {
		return nil, err
	}
	stats := &TableStats{Columns: make([]ColumnStat, len(columns)), Filter: text.appendJSON(nil, false)}
	err = q.ask(ctx, projectID, fields, func(_ *meta.Tx, t *runTable) error {
		found := t.matching(f)
		stats.Found = len(found)
		for i, c := range t.columns(fields[:len(columns)]) {
			if err := ctx.Err(); err != nil {
				return err
			}
			stats.Columns[i] = c.stat(columns[i], found)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	stats.Millis = time.Since(start).Milliseconds()
	return stats, nil
}

// withColumns compiles the filter and reads the columns' names: the fields are
// the columns, then those of the filter.
func (rq RunQuery) withColumns(now time.Time, columns []string) (*filter, []field, error) {
	if len(columns) > maxTableColumns/2 {
		return nil, nil, ballast.Errorf(ballast.Invalid, "%d columns are asked for, at most %d are allowed", len(columns), maxTableColumns/2)
	}
	f, err := rq.filter(now)
	if err != nil {
		return nil, nil, err
	}
	fields := make([]field, len(columns), len(columns)+len(f.fields))
	for i, name := range columns {
		if fields[i], err = parseField(name); err != nil {
			return nil, nil, err
		}
	}
	return f, append(fields, f.fields...), nil
}

// plain is the number that statistics use: times as milliseconds.
func (v value) plain() (float64, bool) {
	switch v.kind {
	case number:
		return v.num, true
	case moment:
		return math.Floor(v.num / 1000), true
	}
	return 0, false
}

func (c *column) stat(name string, rows []int32) ColumnStat {
	s := ColumnStat{Column: name}
	sum, texts := spread{}, map[string]int{}
	for _, r := range rows {
		v := c.at(int(r))
		s.Time = s.Time || v.kind == moment
		switch n, ok := v.plain(); {
		case ok:
			sum.add(n)
		case v.kind == text && v.str != "":
			texts[v.str]++
		case v.kind == list:
			for _, e := range v.list {
				if e.kind == text {
					texts[e.str]++
				}
			}
		}
	}
	s.Count, s.Odd, s.Min, s.Max, s.Mean = sum.n, sum.odd, sum.min, sum.max, sum.mean()
	s.Texts = frequentTexts(texts)
	if s.Count > 0 && s.Min < s.Max {
		s.bars(c, rows)
	}
	return s
}

// bars fills the histogram; s has its range.
func (s *ColumnStat) bars(c *column, rows []int32) {
	s.Log = !s.Time && s.Min > 0 && s.Max/s.Min >= logFrom
	s.Bins = make([]int, tableBins)
	scale := func(x float64) float64 { return x }
	if s.Log {
		scale = math.Log
	}
	low := scale(s.Min)
	width := (scale(s.Max) - low) / tableBins
	for _, r := range rows {
		if n, ok := c.at(int(r)).plain(); ok && n-n == 0 {
			s.Bins[max(0, min(tableBins-1, int((scale(n)-low)/width)))]++
		}
	}
}

// spread is the range and mean of numbers; those that are not finite are only
// counted.
type spread struct {
	n, odd        int
	min, max, avg float64
}

func (s *spread) add(x float64) {
	if x-x != 0 {
		s.odd++
		return
	}
	if s.n++; s.n == 1 {
		s.min, s.max = x, x
	}
	s.min, s.max = min(s.min, x), max(s.max, x)
	s.avg += (x - s.avg) / float64(s.n)
}

// mean is kept within the range, also when the steps to it overflow.
func (s *spread) mean() float64 {
	if s.avg-s.avg != 0 {
		return s.min/2 + s.max/2
	}
	return s.avg
}

func frequentTexts(counts map[string]int) []TextCount {
	var all []TextCount
	for t, n := range counts {
		all = append(all, TextCount{Text: cut(t), Runs: n})
	}
	slices.SortFunc(all, func(a, b TextCount) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), cmp.Compare(a.Text, b.Text))
	})
	return all[:min(len(all), statTexts)]
}
