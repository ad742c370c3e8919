package query

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
)

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
