package query

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
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

// maxJSONDepth bounds nesting, so that outside text cannot exhaust the stack.
const maxJSONDepth = 100

// parser reads JSON, with the bare tokens NaN, Infinity and -Infinity that the
// SDK writes.
type parser struct {
	s string
	i int
}

// parseJSON reads one value that is all of s.
func parseJSON(s string) (value, error) {
	p := parser{s: s}
	v, err := p.value(0)
	if err != nil {
		return value{}, err
	}
	p.blank()
	if p.i < len(p.s) {
		return value{}, p.fail("more text after the value")
	}
	return v, nil
}

func (p *parser) fail(what string) error {
	return ballast.Errorf(ballast.Invalid, "JSON at byte %d: %s", p.i, what)
}

func (p *parser) blank() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t' || p.s[p.i] == '\n' || p.s[p.i] == '\r') {
		p.i++
	}
}

func (p *parser) peek() byte {
	p.blank()
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) word(w string) bool {
	if strings.HasPrefix(p.s[p.i:], w) {
		p.i += len(w)
		return true
	}
	return false
}

func (p *parser) value(depth int) (value, error) {
	if depth > maxJSONDepth {
		return value{}, p.fail("nested deeper than 100 levels")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.text()
		return value{kind: text, str: s}, err
	case p.word("true"):
		return boolValue(true), nil
	case p.word("false"):
		return boolValue(false), nil
	case p.word("null"):
		return value{kind: null}, nil
	case p.word("NaN"):
		return numberValue(math.NaN()), nil
	case p.word("Infinity"), p.word("+Infinity"):
		return numberValue(math.Inf(1)), nil
	case p.word("-Infinity"):
		return numberValue(math.Inf(-1)), nil
	case c == 0 && p.i >= len(p.s):
		return value{}, p.fail("the text ends too early")
	}
	return p.number()
}

func (p *parser) number() (value, error) {
	start := p.i
	for p.i < len(p.s) && strings.IndexByte("+-.eE0123456789", p.s[p.i]) >= 0 {
		p.i++
	}
	f, err := strconv.ParseFloat(p.s[start:p.i], 64)
	if err != nil && !math.IsInf(f, 0) {
		p.i = start
		return value{}, p.fail("not a value")
	}
	return numberValue(f), nil
}

func (p *parser) array(depth int) (value, error) {
	v := value{kind: list}
	p.i++
	if p.peek() == ']' {
		p.i++
		return v, nil
	}
	for {
		e, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.list = append(v.list, e)
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			return v, nil
		default:
			return v, p.fail("expected , or ]")
		}
	}
}

func (p *parser) object(depth int) (value, error) {
	v := value{kind: object}
	err := p.members(func(key string) error {
		e, err := p.value(depth + 1)
		v.keys, v.list = append(v.keys, key), append(v.list, e)
		return err
	})
	return v, err
}

// members calls fn at the value of each member of the object at p; fn moves p
// past the value.
func (p *parser) members(fn func(key string) error) error {
	if p.peek() != '{' {
		return p.fail("expected an object")
	}
	p.i++
	if p.peek() == '}' {
		p.i++
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.fail("expected a member's name in quotes")
		}
		key, err := p.text()
		if err != nil {
			return err
		}
		if p.peek() != ':' {
			return p.fail("expected :")
		}
		p.i++
		p.blank()
		if err := fn(key); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			p.i++
			return nil
		default:
			return p.fail("expected , or }")
		}
	}
}

// skip moves p past a value without looking at it closely.
func (p *parser) skip() error {
	depth := 0
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case '"':
			if err := p.skipText(); err != nil {
				return err
			}
			if depth == 0 {
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return nil
			}
			if depth--; depth == 0 {
				p.i++
				return nil
			}
		case ',':
			if depth == 0 {
				return nil
			}
		}
		p.i++
	}
	if depth > 0 {
		return p.fail("the text ends too early")
	}
	return nil
}

func (p *parser) skipText() error {
	for p.i++; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\\':
			p.i++
		case '"':
			p.i++
			return nil
		}
	}
	return p.fail("a text does not end")
}

// text reads the string at p; bytes that are not UTF-8 are replaced.
func (p *parser) text() (string, error) {
	start := p.i + 1
	if err := p.skipText(); err != nil {
		return "", err
	}
	raw := strings.ToValidUTF8(p.s[start:p.i-1], "\uFFFD")
	if strings.IndexByte(raw, '\\') < 0 {
		return raw, nil
	}
	return p.unescape(raw)
}

func (p *parser) unescape(raw string) (string, error) {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b = append(b, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case '"', '\\', '/':
			b = append(b, raw[i])
		case 'u':
			r, n := hexRune(raw[i+1:])
			if n == 0 {
				return "", p.fail(`\u needs four hexadecimal digits`)
			}
			b = utf8.AppendRune(b, r)
			i += n
		default:
			return "", p.fail("unknown escape in a text")
		}
	}
	return string(b), nil
}

// hexRune reads the digits after \u, two surrogates together. n is how many
// bytes it used, 0 when they are no digits.
func hexRune(s string) (r rune, n int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 4
	}
	if len(s) >= 10 && s[4] == '\\' && s[5] == 'u' {
		if low, ok := hex4(s[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 10
			}
		}
	}
	return utf8.RuneError, 4
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	return rune(n), err == nil
}
