package query

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	statBins   = 20   // of a histogram
	topValues  = 10   // texts and booleans that are listed, the most frequent first
	maxGroups  = 1000 // groups of runs in one answer, the largest first
	maxGroupBy = 8    // fields that runs are grouped by
)

// RunStats sums up all runs that a question finds, not only those of its page.
type RunStats struct {
	Columns map[string]ColumnStats `json:"columns,omitempty"` // by field
	Groups  []RunGroupStats        `json:"groups,omitempty"`
	More    int                    `json:"moreGroups,omitempty"` // groups beyond the 1,000 largest
}

// ColumnStats is what one field has over runs.
type ColumnStats struct {
	Missing int        `json:"missing"` // runs without a value
	Numbers int        `json:"numbers"` // finite ones; times count as numbers, microseconds since 1970
	Special int        `json:"special"` // NaN and ±Infinity
	Min     float64    `json:"min"`     // of the finite numbers, like the rest of this block
	Max     float64    `json:"max"`
	Mean    float64    `json:"mean"`
	Stddev  float64    `json:"stddev"` // n-1; 0 for one number
	Median  float64    `json:"median"`
	Bins    []int      `json:"bins,omitempty"` // equal parts of min to max
	Values  int        `json:"values"`         // different texts, booleans, lists, objects
	Top     []TopValue `json:"top,omitempty"`  // the most frequent of them
}

// TopValue is a value that is no number, as JSON, and how many runs have it.
type TopValue struct {
	Value json.RawMessage `json:"value"`
	Runs  int             `json:"runs"`
}

// RunGroupStats are runs that have the same values of some fields.
type RunGroupStats struct {
	Values  []json.RawMessage      `json:"values"` // of the fields; null where there is none
	Runs    int                    `json:"runs"`
	Running int                    `json:"running"`
	Columns map[string]ColumnStats `json:"columns,omitempty"`
}

// RunStats sums up the runs that rq finds: the columns asked for, over all of
// them and for each group by the fields of `by`.
func (q *Query) RunStats(ctx context.Context, projectID int64, rq RunQuery, columns, by []string) (*RunStats, error) {
	if len(columns) > maxTableColumns || len(by) > maxGroupBy {
		return nil, ballast.Errorf(ballast.Invalid, "statistics of %d columns by %d fields: at most %d columns by %d fields are allowed", len(columns), len(by), maxTableColumns, maxGroupBy)
	}
	rq, err := q.complete(ctx, projectID, rq, slices.Concat(columns, by)...)
	if err != nil {
		return nil, err
	}
	f, err := rq.filter(q.opt.Now())
	if err != nil {
		return nil, err
	}
	fields := slices.Clone(f.fields)
	var of, keys []field
	for i, name := range slices.Concat(columns, by) {
		parsed, err := parseField(name)
		if err != nil {
			return nil, err
		}
		fields = append(fields, parsed)
		if i < len(columns) {
			of = append(of, parsed)
		} else {
			keys = append(keys, parsed)
		}
	}
	var stats RunStats
	err = q.ask(ctx, projectID, fields, func(_ *meta.Tx, t *runTable) error {
		found := t.found(f)
		stats.Columns = t.stats(found, of, columns, statBins)
		if len(by) > 0 {
			stats.Groups, stats.More = t.groups(found, keys, of, columns)
		}
		return nil
	})
	return &stats, err
}

// found lists the rows that match. The caller holds t.mu for reading.
func (t *runTable) found(f *filter) []int32 {
	cols := t.columns(f.fields)
	row := 0
	get := func(i int) value { return cols[i].at(row) }
	var found []int32
	for row = range t.rows {
		if !t.rows[row].dead && f.match(get) {
			found = append(found, int32(row))
		}
	}
	return found
}

func (t *runTable) stats(rows []int32, fields []field, names []string, bins int) map[string]ColumnStats {
	all := make(map[string]ColumnStats, len(fields))
	for i, c := range t.columns(fields) {
		all[names[i]] = c.stats(rows, bins)
	}
	return all
}

// groups are the rows by the values of some fields, the largest first.
func (t *runTable) groups(rows []int32, keys, fields []field, names []string) (groups []RunGroupStats, more int) {
	cols := t.columns(keys)
	place, members := map[string]int{}, [][]int32{}
	var key []byte
	for _, r := range rows {
		key = key[:0]
		for _, c := range cols {
			key = append(c.at(int(r)).appendJSON(key, true), 0)
		}
		at, ok := place[string(key)]
		if !ok {
			at = len(members)
			place[string(key)], members = at, append(members, nil)
		}
		members[at] = append(members[at], r)
	}
	// The first of a group decides between equals, so the order is always the same.
	slices.SortFunc(members, func(a, b []int32) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
	if more = max(0, len(members)-maxGroups); more > 0 {
		members = members[:maxGroups]
	}
	for _, list := range members {
		g := RunGroupStats{Runs: len(list), Columns: t.stats(list, fields, names, 0)}
		for _, c := range cols {
			v := c.at(int(list[0]))
			if v.none() {
				v = value{kind: null}
			}
			g.Values = append(g.Values, v.appendJSON(nil, true))
		}
		for _, r := range list {
			if !t.rows[r].ended {
				g.Running++
			}
		}
		groups = append(groups, g)
	}
	return groups, more
}

// stats sums up a column; bins 0 leaves the histogram out.
func (c *column) stats(rows []int32, bins int) ColumnStats {
	var s ColumnStats
	numbers := make([]float64, 0, len(rows))
	other := map[string]int{}
	for _, r := range rows {
		switch v := c.at(int(r)); {
		case v.none():
			s.Missing++
		case v.kind == number || v.kind == moment:
			if v.num-v.num != 0 {
				s.Special++
			} else {
				numbers = append(numbers, v.num)
			}
		default:
			other[string(v.appendJSON(nil, true))]++
		}
	}
	s.sumNumbers(numbers, bins)
	s.Values = len(other)
	for text, n := range other {
		s.Top = append(s.Top, TopValue{json.RawMessage(text), n})
	}
	slices.SortFunc(s.Top, func(a, b TopValue) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), cmp.Compare(string(a.Value), string(b.Value)))
	})
	s.Top = s.Top[:min(len(s.Top), topValues)]
	return s
}

// sumNumbers sums up finite numbers, which it sorts.
func (s *ColumnStats) sumNumbers(v []float64, bins int) {
	if s.Numbers = len(v); len(v) == 0 {
		return
	}
	slices.Sort(v)
	s.Min, s.Max, s.Mean = v[0], v[len(v)-1], meanOf(v)
	s.Median = v[(len(v)-1)/2]/2 + v[len(v)/2]/2
	if len(v) > 1 {
		for _, x := range v {
			s.Stddev += (x - s.Mean) * (x - s.Mean) / float64(len(v)-1)
		}
		s.Stddev = min(math.Sqrt(s.Stddev), math.MaxFloat64)
	}
	if bins == 0 {
		return
	}
	s.Bins = make([]int, bins)
	scale := float64(bins) / max(s.Max-s.Min, math.SmallestNonzeroFloat64)
	for _, x := range v {
		at := (x - s.Min) * scale
		if !(at >= 0) { // a range of no width, or beyond float64
			at = 0
		}
		s.Bins[min(int(min(at, float64(bins))), bins-1)]++
	}
}
