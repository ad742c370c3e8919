package history

import "math"

// Form says how a value came.
type Form uint8

// The forms of a value, as stored (never renumber).
const (
	Float Form = 0 // a number with a fraction or an exponent, NaN or ±Infinity
	Int   Form = 1 // a number without either, within ±2^53
	JSON  Form = 2 // anything else, as its JSON text
)

// Points are values of one key, in row order.
type Points struct {
	Key   string
	Row   []int64   // row numbers, ascending, each once
	Step  []int64   // the row's _step; its row number when it has none
	Value []float64 // NaN where the form is JSON
	Form  []Form    // nil: every value has the form All
	All   Form      // the form of every value when Form is nil
	JSON  [][]byte  // nil: no value is JSON; otherwise the text for each, nil for numbers
}

// Len is the number of values.
func (p *Points) Len() int { return len(p.Row) }

// FormAt is the form of value i.
func (p *Points) FormAt(i int) Form {
	if p.Form == nil {
		return p.All
	}
	return p.Form[i]
}

// Reset empties p and keeps its memory.
func (p *Points) Reset(key string) {
	*p = Points{Key: key, Row: p.Row[:0], Step: p.Step[:0], Value: p.Value[:0]}
}

// Range chooses values by row and by step; both ends are half-open.
type Range struct {
	RowFrom, RowTo   int64
	StepFrom, StepTo int64
}

// All is the range of everything.
func All() Range {
	return Range{RowTo: math.MaxInt64, StepFrom: math.MinInt64, StepTo: math.MaxInt64}
}

// Rows is the range of rows from <= row < to.
func Rows(from, to int64) Range {
	r := All()
	r.RowFrom, r.RowTo = from, to
	return r
}

// Steps is the range of steps from <= step < to.
func Steps(from, to int64) Range {
	r := All()
	r.StepFrom, r.StepTo = from, to
	return r
}

func (r Range) has(row, step int64) bool {
	return row >= r.RowFrom && row < r.RowTo && step >= r.StepFrom && step < r.StepTo
}
