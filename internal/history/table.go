package history

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table collects rows of a range of row numbers and prints them as JSON.
type Table struct {
	from, to int64
	only     map[string]bool // nil: every key
	keys     []tableKey
	byName   map[string]int32
	rows     []tableRow // by row number, less from
	sorted   bool       // rank of keys is up to date
	hidden   []Hidden   // of the view that adds now
}

type tableKey struct {
	name string
	rank int32
	path []string
}

type tableRow struct {
	step  int64
	here  bool
	cells []cell
}

type cell struct {
	key   int32
	form  Form
	value float64
	json  []byte
}

// NewTable returns a table for rows with from <= number < to. With keys, only
// these are read.
func NewTable(from, to int64, keys ...string) *Table {
	t := &Table{from: from, to: to, byName: map[string]int32{}}
	for _, k := range keys {
		if t.only == nil {
			t.only = map[string]bool{}
		}
		t.only[k] = true
	}
	return t
}

// wants reports whether a key is read.
func (t *Table) wants(key string) bool { return t.only == nil || t.only[key] }

// Add takes in values; those of rows outside are skipped. Texts are copied.
func (t *Table) Add(p *Points) {
	key := int32(-1)
	if touched(p.Key, t.hidden) {
		p.drop(0, t.hidden)
	}
	for i, row := range p.Row {
		if row < t.from || row >= t.to {
			continue
		}
		if key < 0 {
			key = t.key(p.Key)
		}
		at := int(row - t.from)
		if at >= len(t.rows) {
			t.rows = append(t.rows, make([]tableRow, at+1-len(t.rows))...)
		}
		r := &t.rows[at]
		r.here, r.step = true, p.Step[i]
		c := cell{key: key, form: p.FormAt(i), value: p.Value[i]}
		if c.form == JSON {
			c.json = slices.Clone(p.JSON[i])
		}
		r.cells = append(r.cells, c)
	}
}

func (t *Table) key(name string) int32 {
	k, ok := t.byName[name]
	if !ok {
		k = int32(len(t.keys))
		t.keys = append(t.keys, tableKey{name: name})
		t.byName[name] = k
		t.sorted = false
	}
	return k
}

func (t *Table) row(row int64) *tableRow {
	if row < t.from || row-t.from >= int64(len(t.rows)) {
		return nil
	}
	return &t.rows[row-t.from]
}

// Has reports whether a row has all of keys.
func (t *Table) Has(row int64, keys ...string) bool {
	r := t.row(row)
	for _, name := range keys {
		k, ok := t.byName[name]
		if r == nil || !ok || !slices.ContainsFunc(r.cells, func(c cell) bool { return c.key == k }) {
			return false
		}
	}
	return true
}

// Step is the step of a row; false when no such row was added.
func (t *Table) Step(row int64) (int64, bool) {
	r := t.row(row)
	if r == nil || !r.here {
		return 0, false
	}
	return r.step, true
}

// RowOptions say how a row is printed.
type RowOptions struct {
	Flat   bool // dotted keys as they are ("dict.val1"), instead of nested objects
	Quoted bool // NaN and ±Infinity as strings, for browsers
}

// AppendRowJSON appends row as a JSON object with its keys in order of name;
// "{}" when it has nothing.
func (t *Table) AppendRowJSON(dst []byte, row int64, o RowOptions) []byte {
	r := t.row(row)
	if r == nil {
		return append(dst, "{}"...)
	}
	t.sort()
	slices.SortFunc(r.cells, func(a, b cell) int { return cmp.Compare(t.keys[a.key].rank, t.keys[b.key].rank) })
	dst = append(dst, '{')
	if o.Flat {
		for i, c := range r.cells {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendText(dst, t.keys[c.key].name)
			dst = c.append(append(dst, ':'), o.Quoted)
		}
		return append(dst, '}')
	}
	var open []string
	for i, c := range r.cells {
		path := t.keys[c.key].path
		same := 0
		for same < len(open) && same < len(path)-1 && open[same] == path[same] {
			same++
		}
		for range open[same:] {
			dst = append(dst, '}')
		}
		open = open[:same]
		if i > 0 {
			dst = append(dst, ',')
		}
		for _, name := range path[same : len(path)-1] {
			dst = append(AppendText(dst, name), ':', '{')
			open = append(open, name)
		}
		dst = c.append(append(AppendText(dst, path[len(path)-1]), ':'), o.Quoted)
	}
	for range open {
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// sort gives the keys their order and their paths.
func (t *Table) sort() {
	if t.sorted {
		return
	}
	order := make([]int32, len(t.keys))
	for i := range order {
		order[i] = int32(i)
		if t.keys[i].path == nil {
			t.keys[i].path = SplitKey(t.keys[i].name)
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(t.keys[a].path, t.keys[b].path) })
	for rank, k := range order {
		t.keys[k].rank = int32(rank)
	}
	t.sorted = true
}

func (c *cell) append(dst []byte, quoted bool) []byte {
	if c.form == JSON {
		if quoted {
			return appendQuoted(dst, c.json)
		}
		return append(dst, c.json...)
	}
	return AppendNumber(dst, c.value, c.form, quoted)
}

// AppendNumber appends a number as JSON: an Int without, a Float with a
// fraction or exponent, so that each comes back as what it was. NaN, Infinity
// and -Infinity are bare words, or strings when quoted.
func AppendNumber(dst []byte, v float64, f Form, quoted bool) []byte {
	word := ""
	switch {
	case v != v:
		word = "NaN"
	case math.IsInf(v, 1):
		word = "Infinity"
	case math.IsInf(v, -1):
		word = "-Infinity"
	}
	if word != "" {
		if quoted {
			return append(append(append(dst, '"'), word...), '"')
		}
		return append(dst, word...)
	}
	whole := v == math.Trunc(v) && math.Abs(v) < 1e16
	switch {
	case f == Int && whole:
		return strconv.AppendFloat(dst, v, 'f', 0, 64)
	case whole:
		return append(strconv.AppendFloat(dst, v, 'f', -1, 64), ".0"...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// AppendText appends a string as JSON.
func AppendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			} else {
				i += n - 1
			}
			i++
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// appendQuoted appends a JSON text with its bare NaN and Infinity as strings.
func appendQuoted(dst, text []byte) []byte {
	if !strings.ContainsAny(string(text), "NI") {
		return append(dst, text...)
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			n := stringEnd(text[i:])
			dst = append(dst, text[i:i+n]...)
			i += n
		case c == 'N' || c == 'I' || c == '-' && i+1 < len(text) && text[i+1] == 'I':
			n := i + 1
			for n < len(text) && (text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z') {
				n++
			}
			dst = append(append(append(dst, '"'), text[i:n]...), '"')
			i = n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}
