package history

import (
	"encoding/binary"
	"math"
	"slices"
)

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

// addForms notes the forms of n numbers from start on.
func (p *Points) addForms(start int, src []byte, n int) {
	switch {
	case src[0]&someInts != 0:
		p.spread(start)
		for i := range n {
			p.Form = append(p.Form, Form(src[1+i/8]>>(i%8)&1))
		}
	case src[0]&allInts != 0:
		p.addForm(start, n, Int)
	default:
		p.addForm(start, n, Float)
	}
	if p.JSON != nil {
		p.JSON = append(p.JSON, make([][]byte, n)...)
	}
}

// addForm notes that n values from start on have a form.
func (p *Points) addForm(start, n int, f Form) {
	if start == 0 && p.Form == nil {
		p.All = f
	}
	if p.Form == nil && p.All == f {
		return
	}
	p.spread(start)
	for range n {
		p.Form = append(p.Form, f)
	}
}

// spread makes Form a list of the first n values' forms.
func (p *Points) spread(n int) {
	if p.Form == nil {
		p.Form = make([]Form, n, 2*n+64)
		for i := range p.Form {
			p.Form[i] = p.All
		}
	}
}

func (p *Points) addTexts(start int, src []byte, n int) error {
	if len(src) < n { // a length has at least a byte
		return errShort
	}
	p.addForm(start, n, JSON)
	if p.JSON == nil {
		p.JSON = make([][]byte, start, start+n)
	}
	for range n {
		size, k := binary.Uvarint(src)
		if k <= 0 || size > uint64(len(src)-k) {
			return errShort
		}
		p.JSON = append(p.JSON, src[k:k+int(size):k+int(size)])
		p.Value = append(p.Value, nan)
		src = src[k+int(size):]
	}
	if len(src) != 0 {
		return errLong
	}
	return nil
}

// truncate keeps the first n values.
func (p *Points) truncate(n int) {
	p.Row, p.Value = p.Row[:n], p.Value[:n]
	p.Step = p.Step[:min(n, len(p.Step))]
	if p.Form != nil {
		p.Form = p.Form[:n]
	}
	if p.JSON != nil {
		p.JSON = p.JSON[:n]
	}
}

// merge brings the values from a on and from b on, each in row order, into one
// order. Steps are not there yet.
func (p *Points) merge(a, b int) error {
	n := p.Len()
	p.spread(n)
	if p.JSON == nil {
		p.JSON = make([][]byte, n)
	}
	order := make([]int, 0, n-a)
	for i, j := a, b; i < b || j < n; {
		switch {
		case j == n || i < b && p.Row[i] < p.Row[j]:
			order, i = append(order, i), i+1
		case i == b || p.Row[j] < p.Row[i]:
			order, j = append(order, j), j+1
		default:
			return errTwice
		}
	}
	permute(p.Row, a, order)
	permute(p.Value, a, order)
	permute(p.Form, a, order)
	permute(p.JSON, a, order)
	return nil
}

func permute[T any](s []T, start int, order []int) {
	out := make([]T, len(order))
	for i, o := range order {
		out[i] = s[o]
	}
	copy(s[start:], out)
}

// append adds values from <= i < to of q.
func (p *Points) append(q *Points, from, to int) {
	start := p.Len()
	p.Row = append(p.Row, q.Row[from:to]...)
	p.Step = append(p.Step, q.Step[from:to]...)
	p.Value = append(p.Value, q.Value[from:to]...)
	if q.Form == nil {
		p.addForm(start, to-from, q.All)
	} else {
		p.spread(start)
		p.Form = append(p.Form, q.Form[from:to]...)
	}
	switch {
	case q.JSON != nil && p.JSON == nil:
		p.JSON = append(make([][]byte, start, start+to-from), q.JSON[from:to]...)
	case q.JSON != nil:
		p.JSON = append(p.JSON, q.JSON[from:to]...)
	case p.JSON != nil:
		p.JSON = append(p.JSON, make([][]byte, to-from)...)
	}
}

// slice is the values from <= i < to; it shares p's memory.
func (p *Points) slice(from, to int) Points {
	q := Points{Key: p.Key, Row: p.Row[from:to], Step: p.Step[from:to], Value: p.Value[from:to], All: p.All}
	if p.Form != nil {
		q.Form = p.Form[from:to]
	}
	if p.JSON != nil {
		q.JSON = p.JSON[from:to]
	}
	return q
}

// shift drops the first n values. Where nothing is left it also forgets that
// forms differed.
func (p *Points) shift(n int) {
	if n == p.Len() {
		p.Reset(p.Key)
		return
	}
	p.Row = p.Row[:copy(p.Row, p.Row[n:])]
	p.Step = p.Step[:copy(p.Step, p.Step[n:])]
	p.Value = p.Value[:copy(p.Value, p.Value[n:])]
	if p.Form != nil {
		p.Form = p.Form[:copy(p.Form, p.Form[n:])]
	}
	if p.JSON != nil {
		left := copy(p.JSON, p.JSON[n:])
		clear(p.JSON[left:])
		p.JSON = p.JSON[:left]
	}
}

// keep drops the values from start on that are outside r.
func (p *Points) keep(start int, r Range) { p.filter(start, r.has) }

// filter drops the values from start on that keep refuses.
func (p *Points) filter(start int, keep func(row, step int64) bool) {
	n := start
	for i := start; i < p.Len(); i++ {
		if !keep(p.Row[i], p.Step[i]) {
			continue
		}
		if n != i {
			p.Row[n], p.Step[n], p.Value[n] = p.Row[i], p.Step[i], p.Value[i]
			if p.Form != nil {
				p.Form[n] = p.Form[i]
			}
			if p.JSON != nil {
				p.JSON[n] = p.JSON[i]
			}
		}
		n++
	}
	p.truncate(n)
}

// grow makes room for n more values.
func (p *Points) grow(n int) {
	p.Row, p.Step, p.Value = slices.Grow(p.Row, n), slices.Grow(p.Step, n), slices.Grow(p.Value, n)
}
