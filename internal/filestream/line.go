package filestream

import (
	"math"
	"slices"

	"github.com/ballast-ml/ballast/internal/history"
)

// row reads one line, a JSON string that holds a JSON object, as a row of b.
func (p *outer) row(b *history.Builder) error {
	b.Row()
	start, values := p.i, b.Values()
	if p.fast(b) && b.Values()-values <= MaxLineKeys {
		return nil
	}
	p.i = start
	b.ClearRow()
	var err error
	if p.d.line, err = p.text(p.d.line[:0]); err != nil {
		return err
	}
	l := line{scanner: scanner{buf: p.d.line}, b: b, d: p.d, values: values}
	return l.read()
}

// fast reads a line on its still-escaped text: names in plain letters and
// numbers, which is nearly every line. It gives up on anything else.
func (p *outer) fast(b *history.Builder) bool {
	s, i := p.buf, p.i
	if len(s)-i < 3 || s[i] != '"' || s[i+1] != '{' {
		return false
	}
	i += 2
	for {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if len(s)-i < 3 || s[i] != '\\' || s[i+1] != '"' {
			return false
		}
		i += 2
		start, dots := i, false
		for i < len(s) && plain[s[i]] {
			dots = dots || s[i] == '.'
			i++
		}
		key := s[start:i]
		if len(s)-i < 3 || s[i] != '\\' || s[i+1] != '"' || s[i+2] != ':' || len(key) > MaxKeyBytes {
			return false
		}
		if dots {
			p.d.key = history.AppendEscaped(p.d.key[:0], string(key))
			if key = p.d.key; len(key) > MaxKeyBytes {
				return false
			}
		}
		for i += 3; i < len(s) && s[i] == ' '; i++ {
		}
		n := fastValue(s[i:], key, b)
		if n == 0 {
			return false
		}
		if i += n; len(s)-i < 2 {
			return false
		}
		switch {
		case s[i] == ',':
			i++
		case s[i] == '}' && s[i+1] == '"':
			p.i = i + 2
			return true
		default:
			return false
		}
	}
}

// fastValue sets key to the number or word that s starts with and returns its
// length, 0 when s starts with something else.
func fastValue(s, key []byte, b *history.Builder) int {
	if len(s) == 0 {
		return 0
	}
	if s[0] == '-' || s[0]-'0' <= 9 {
		if n := parseNumber(s); n.len > 0 {
			if n.exact {
				b.Number(key, n.value, n.integer)
			} else {
				b.JSON(key, s[:n.len])
			}
			return n.len
		}
	}
	w := scanner{buf: s}
	if v, ok := w.special(); ok {
		b.Number(key, v, false)
		return w.i
	}
	if w.word("true") || w.word("false") || w.word("null") {
		b.JSON(key, s[:w.i])
		return w.i
	}
	return 0
}

// special steps over NaN, Infinity or -Infinity.
func (s *scanner) special() (float64, bool) {
	switch {
	case s.word("NaN"):
		return math.NaN(), true
	case s.word("Infinity"):
		return math.Inf(1), true
	case s.word("-Infinity"):
		return math.Inf(-1), true
	}
	return 0, false
}

// line reads any line, without escapes. Of names that occur twice in an object
// the last counts, as in every JSON reader.
type line struct {
	scanner
	b       *history.Builder
	d       *Decoder
	values  int // in the builder before the line
	repeats int
}

func (l *line) read() error {
	if l.peek() != '{' {
		return l.fault("the line is not a JSON object")
	}
	if err := l.object(nil, 1); err != nil {
		return err
	}
	if l.peek() != 0 {
		return l.fault("text goes on after the line's object")
	}
	return nil
}

// object reads the members of an object whose names are nested below prefix.
func (l *line) object(prefix []byte, depth int) error {
	if depth > MaxDepth {
		return l.fault("objects and lists are nested deeper than 64")
	}
	var name []byte
	return l.members(&name, func(name []byte) error {
		l.d.key = slices.Grow(l.d.key[:0], len(prefix)+2*len(name)+1)
		key := append(l.d.key, prefix...)
		if depth > 1 {
			key = append(key, '.')
		}
		key = history.AppendEscaped(key, string(name))
		l.d.key = key
		if len(key) > MaxKeyBytes {
			return l.fault("a key is longer than 65535 bytes")
		}
		return l.value(key, depth)
	})
}

func (l *line) value(key []byte, depth int) error {
	if l.b.Values()-l.values >= MaxLineKeys {
		return l.fault("a line has more than 200000 values")
	}
	if err := l.clear(key); err != nil {
		return err
	}
	start := l.i
	switch c := l.peek(); {
	case c == '{':
		typed, err := l.skip(depth + 1)
		if err != nil {
			return err
		}
		if typed || l.empty(start) {
			l.b.JSON(key, l.buf[start:l.i])
			return nil
		}
		l.i = start
		l.b.Open(key)
		return l.object(slices.Clone(key), depth+1)
	case c == '-' || c-'0' <= 9:
		if n := parseNumber(l.buf[l.i:]); n.len > 0 && n.exact {
			l.i += n.len
			l.b.Number(key, n.value, n.integer)
			return nil
		}
	}
	if v, ok := l.special(); ok {
		l.b.Number(key, v, false)
		return nil
	}
	if _, err := l.skip(depth + 1); err != nil {
		return err
	}
	l.b.JSON(key, l.buf[start:l.i])
	return nil
}

// empty reports whether the object from start to here has no members.
func (l *line) empty(start int) bool {
	s := scanner{buf: l.buf[start+1 : l.i]}
	return s.peek() == '}'
}

// clear takes back what an earlier member of the same name brought.
func (l *line) clear(key []byte) error {
	value, container := l.b.Has(key)
	if !container && (!value || l.peek() != '{') {
		return nil // nothing there, or a value that the next one replaces
	}
	l.repeats++
	if l.repeats > maxRepeats {
		return l.fault("too many names occur twice")
	}
	l.b.Forget(key)
	return nil
}
