package query

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// Limits of a filter, so that nobody's text can exhaust the server.
const (
	maxFilterBytes = 1 << 20
	maxFilterDepth = 40
	maxConditions  = 2_000
	maxOperands    = 20_000
	maxPattern     = 1_000
	maxProgram     = 4_000 // steps of a compiled pattern: matching takes up to that many for each byte of a text
)

// filter is a compiled filter: a predicate over columns of the run table.
type filter struct {
	fields []field // columns that the predicate looks at
	root   node    // nil matches all
	name   string  // of what it asks for; empty when that depends on the time
}

// getter returns the value of a filter's field (by place) for the run at hand.
type getter func(place int) value

// match reports whether the run at hand matches.
func (f *filter) match(get getter) bool { return f.root == nil || f.root.match(get) }

// node is a part of a predicate.
type node interface{ match(get getter) bool }

type (
	andNode []node
	orNode  []node
	notNode struct{ node }
	// condition asks a test of one field.
	condition struct {
		place int
		test  test
	}
)

func (n andNode) match(get getter) bool {
	for _, m := range n {
		if !m.match(get) {
			return false
		}
	}
	return true
}

func (n orNode) match(get getter) bool {
	for _, m := range n {
		if m.match(get) {
			return true
		}
	}
	return false
}

func (n notNode) match(get getter) bool   { return !n.node.match(get) }
func (n condition) match(get getter) bool { return n.test(get(n.place)) }

// matchesAll reports whether a node says of itself that every run matches.
func matchesAll(n node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case andNode:
		return !slices.ContainsFunc(n, func(m node) bool { return !matchesAll(m) })
	case orNode:
		return slices.ContainsFunc(n, matchesAll)
	}
	return false
}

// test asks one thing of a value.
type test func(v value) bool

// anyOf is how tests treat lists: one element that passes is enough.
func anyOf(t test) test {
	return func(v value) bool {
		if v.kind == list {
			return slices.ContainsFunc(v.list, t)
		}
		return t(v)
	}
}

func equalTest(want value) test {
	if want.none() {
		return func(v value) bool {
			return v.none() || v.kind == list && slices.ContainsFunc(v.list, value.none)
		}
	}
	return func(v value) bool {
		return v.same(want) || v.kind == list && slices.ContainsFunc(v.list, want.same)
	}
}

// inTest is equality with one of many, by hash where they are texts or numbers.
func inTest(wants []value) test {
	texts, numbers, rest := map[string]bool{}, map[float64]bool{}, []test(nil)
	for _, w := range wants {
		switch {
		case w.kind == text:
			texts[w.str] = true
		case (w.kind == number || w.kind == moment) && w.num == w.num:
			numbers[w.num] = true
			if w.kind == moment {
				rest = append(rest, equalTest(w))
			}
		default:
			rest = append(rest, equalTest(w))
		}
	}
	one := func(v value) bool {
		return v.kind == text && texts[v.str] || v.kind == number && numbers[v.num]
	}
	return func(v value) bool {
		if one(v) || v.kind == list && slices.ContainsFunc(v.list, one) {
			return true
		}
		return slices.ContainsFunc(rest, func(t test) bool { return t(v) })
	}
}

// compareTest orders values of the same kind; of other kinds none is true.
func compareTest(want value, ok func(int) bool) test {
	return anyOf(func(v value) bool {
		if v.kind != want.kind {
			return false
		}
		if v.kind == text {
			return ok(strings.Compare(v.str, want.str))
		}
		switch {
		case v.num < want.num:
			return ok(-1)
		case v.num > want.num:
			return ok(1)
		case v.num == want.num:
			return ok(0)
		}
		return false // NaN
	})
}

func existsTest(v value) bool { return v.kind != missing }

func regexpTest(re *regexp.Regexp) test {
	return anyOf(func(v value) bool { return v.kind == text && re.MatchString(v.str) })
}

func containsTest(want value) test {
	return func(v value) bool {
		if v.kind == list {
			return slices.ContainsFunc(v.list, want.same)
		}
		return v.kind == text && want.kind == text && strings.Contains(v.str, want.str)
	}
}

func sizeTest(n float64) test {
	return func(v value) bool {
		return v.kind == list && float64(len(v.list)) == n
	}
}

func not(t test) test { return func(v value) bool { return !t(v) } }

// emptyIsNull makes an empty text of a run's column, which stands for "not
// set", also pass for null, and not exist.
func emptyIsNull(t test) test {
	return func(v value) bool {
		return t(v) || v.kind == text && v.str == "" && t(value{})
	}
}

// momentOf reads a point in time: ISO 8601 with or without a zone (UTC then),
// or seconds, milliseconds or microseconds since 1970, told by their size.
func momentOf(v value) (value, bool) {
	switch v.kind {
	case number:
		us := v.num * 1e6
		if v.num > 1e14 {
			us = v.num
		} else if v.num > 1e11 {
			us = v.num * 1e3
		}
		return value{kind: moment, num: us}, v.num == v.num
	case text:
		for _, layout := range timeLayouts {
			if t, err := time.Parse(layout, v.str); err == nil {
				return value{kind: moment, num: float64(t.UnixMicro())}, true
			}
		}
	}
	return v, false
}

var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly, "2006-01",
}

// compiler turns a filter's document into a predicate.
type compiler struct {
	f          filter
	places     map[string]int
	conditions int
	operands   int
	now        time.Time
	timed      bool // now was asked for
}

func newCompiler(now time.Time) *compiler {
	return &compiler{places: map[string]int{}, now: now}
}

// place returns the place of a field among the filter's columns.
func (c *compiler) place(f field) int {
	f.path = slices.Clone(f.path)
	if f.source == fromRun {
		f.path = nil
	}
	name := f.String()
	if p, ok := c.places[name]; ok {
		return p
	}
	p := len(c.f.fields)
	c.places[name] = p
	c.f.fields = append(c.f.fields, f)
	return p
}

// add makes a condition on a field.
func (c *compiler) add(f field, t test) (node, error) {
	if c.conditions++; c.conditions > maxConditions {
		return nil, ballast.Errorf(ballast.Invalid, "the filter has more than %d conditions", maxConditions)
	}
	return condition{place: c.place(f), test: t}, nil
}
