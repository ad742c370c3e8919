package query

import (
	"math"
	"strconv"

	"github.com/ballast-ml/ballast/internal/history"
)

// kind is the type of a value. The order is the order of sorting, but for
// missing and null, which always come last.
type kind uint8

const (
	missing kind = iota
	null
	number
	moment // num holds microseconds since 1970
	text
	boolean // num is 0 or 1
	list
	object
)

var kindNames = [...]string{"nothing", "null", "a number", "a time", "a text", "true or false", "a list", "an object"}

func (k kind) String() string { return kindNames[k] }

// value is a JSON value, with NaN and ±Infinity among the numbers.
type value struct {
	kind kind
	num  float64
	str  string
	list []value  // of a list, or of an object in the order of keys
	keys []string // of an object
}

func numberValue(f float64) value { return value{kind: number, num: f} }
func textValue(s string) value    { return value{kind: text, str: s} }

func boolValue(b bool) value {
	if b {
		return value{kind: boolean, num: 1}
	}
	return value{kind: boolean}
}

// none reports whether there is no value: missing or null.
func (v value) none() bool { return v.kind <= null }

// member returns a member of an object; of two with one name, the last.
func (v value) member(name string) (value, bool) {
	for i := len(v.keys) - 1; i >= 0; i-- {
		if v.keys[i] == name {
			return v.list[i], true
		}
	}
	return value{}, false
}

// same is equality as filters have it: NaN equals itself, objects compare by
// member whatever their order.
func (v value) same(o value) bool {
	if v.none() && o.none() {
		return true
	}
	if v.kind != o.kind {
		return false
	}
	switch v.kind {
	case number, moment, boolean:
		return v.num == o.num || v.num != v.num && o.num != o.num
	case text:
		return v.str == o.str
	case list:
		if len(v.list) != len(o.list) {
			return false
		}
		for i := range v.list {
			if !v.list[i].same(o.list[i]) {
				return false
			}
		}
		return true
	}
	return v.within(o) && o.within(v)
}

// within reports whether every member of an object is the same in another.
func (v value) within(o value) bool {
	for _, k := range v.keys {
		mine, _ := v.member(k)
		if m, ok := o.member(k); !ok || !m.same(mine) {
			return false
		}
	}
	return true
}

// appendJSON appends v as JSON. Special numbers become strings when quoted,
// else bare tokens.
func (v value) appendJSON(b []byte, quoted bool) []byte {
	switch v.kind {
	case missing, null:
		return append(b, "null"...)
	case number, moment:
		return appendNumber(b, v.num, quoted)
	case boolean:
		return strconv.AppendBool(b, v.num != 0)
	case text:
		return history.AppendText(b, v.str)
	case list:
		b = append(b, '[')
		for i, e := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.appendJSON(b, quoted)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, k := range v.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(history.AppendText(b, k), ':')
		b = v.list[i].appendJSON(b, quoted)
	}
	return append(b, '}')
}

// appendNumber appends a number as JSON: an integer when it is one.
func appendNumber(b []byte, f float64, quoted bool) []byte {
	token := ""
	switch {
	case f != f:
		token = "NaN"
	case math.IsInf(f, 1):
		token = "Infinity"
	case math.IsInf(f, -1):
		token = "-Infinity"
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		if f == 0 && math.Signbit(f) {
			return append(b, "-0.0"...)
		}
		return strconv.AppendInt(b, int64(f), 10)
	default:
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	}
	if quoted {
		return append(append(append(b, '"'), token...), '"')
	}
	return append(b, token...)
}
