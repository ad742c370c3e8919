package filestream

import (
	"github.com/ballast-ml/ballast/internal/history"
)

// line reads one JSON line into a builder's present row.
type line struct {
	scanner
	d       *Decoder
	b       *history.Builder
	opened  bool // the row has nested objects
	repeats int
}

// keyPlain marks the bytes of a name that is its own key: [plain] without '.'.
var keyPlain = func() (t [256]bool) {
	t = plain
	t['.'] = false
	return t
}()

// fast reads the still escaped line that the string at i holds: an object of
// numbers, simple strings and words without escapes of its own. It returns
// the place after the closing quote, or false for anything else; the row may
// have values then.
//
// Inside the string every quote is written \", so the line needs no unescaping
// and no copy. Key order is random, so nothing is guessed.
func (l *line) fast(buf []byte, i int) (next int, ok bool) {
	if len(buf)-i < 4 || buf[i] != '"' || buf[i+1] != '{' {
		return 0, false
	}
	i += 2
	if buf[i] == '}' && buf[i+1] == '"' {
		return i + 2, true
	}
	for {
		name, dotted, n := quotedText(buf, i, &keyPlain)
		if n == 0 || len(name) > MaxKeyBytes/2 {
			return 0, false
		}
		i += n
		if i+2 >= len(buf) || buf[i] != ':' {
			return 0, false
		}
		if i++; buf[i] == ' ' {
			i++
		}
		if dotted {
			l.d.key = history.AppendEscaped(l.d.key[:0], name)
			name = l.d.key
		}
		if n = l.fastValue(buf[i:], name); n == 0 {
			return 0, false
		}
		i += n
		if i+2 >= len(buf) {
			return 0, false
		}
		switch {
		case buf[i] == ',':
			if i++; buf[i] == ' ' {
				i++
			}
		case buf[i] == '}' && buf[i+1] == '"':
			return i + 2, true
		default:
			return 0, false
		}
	}
}

// quotedText reads \"text\" of simple bytes at i and returns its length, 0
// when there is something else. dotted: it has a '.'.
func quotedText(buf []byte, i int, simple *[256]bool) (text []byte, dotted bool, n int) {
	if len(buf)-i < 4 || buf[i] != '\\' || buf[i+1] != '"' {
		return nil, false, 0
	}
	start := i + 2
	for j := start; j+1 < len(buf); j++ {
		c := buf[j]
		switch {
		case simple[c]:
		case c == '.':
			dotted = true
		case c == '\\' && buf[j+1] == '"':
			return buf[start:j], dotted, j + 2 - i
		default:
			return nil, false, 0
		}
	}
	return nil, false, 0
}

// fastValue stores the value that s starts with and returns its length, 0
// when it takes the general way.
func (l *line) fastValue(s, key []byte) int {
	switch c := s[0]; {
	case c-'0' <= 9 || c == '-' && len(s) > 1 && s[1]-'0' <= 9:
		n := parseNumber(s)
		if n.len == 0 || !n.exact {
			return 0
		}
		l.b.Number(key, n.value, n.integer)
		return n.len
	case c == '\\':
		text, _, n := quotedText(s, 0, &plain)
		if n == 0 || special(text) != nil {
			return 0
		}
		l.d.quoted = append(append(append(l.d.quoted[:0], '"'), text...), '"')
		l.b.JSON(key, l.d.quoted)
		return n
	}
	t := scanner{buf: s}
	if v := t.special(); v != nil {
		l.b.Number(key, *v, false)
		return t.i
	}
	if t.word("true") || t.word("false") || t.word("null") {
		l.b.JSON(key, s[:t.i])
		return t.i
	}
	return 0
}

// read reads a line without escapes of the outer JSON.
func (l *line) read(text []byte) error {
	l.scanner = scanner{buf: text}
	l.opened, l.repeats = false, 0
	l.d.key = l.d.key[:0]
	if l.peek() != '{' {
		return l.fault("an object should start here")
	}
	if err := l.object(1); err != nil {
		return err
	}
	if l.peek(); l.i < len(l.buf) {
		return l.fault("something follows the object")
	}
	return nil
}

// object reads an object whose own key is in d.key ("" at depth 1).
func (l *line) object(depth int) error {
	prefix := len(l.d.key)
	defer func() { l.d.key = l.d.key[:prefix] }()
	return l.members(&l.d.name, func(name []byte) error {
		l.d.key = l.d.key[:prefix]
		if depth > 1 {
			l.d.key = append(l.d.key, '.')
		}
		l.d.key = history.AppendEscaped(l.d.key, name)
		if len(l.d.key) > MaxKeyBytes {
			return l.fault("a key is longer than 65535 bytes")
		}
		if err := l.value(depth); err != nil {
			return err
		}
		if l.repeats > maxRepeats {
			return l.fault("objects repeat their keys more than 1000 times")
		}
		return nil
	})
}

// value stores the value of d.key.
func (l *line) value(depth int) error {
	switch c := l.peek(); {
	case c == '{':
		return l.nested(depth)
	case c-'0' <= 9 || c == '-':
		if n := parseNumber(l.buf[l.i:]); n.len > 0 && n.exact {
			l.i += n.len
			l.number(n.value, n.integer)
			return nil
		}
	case c == '"':
		start := l.i
		text, err := l.skipText()
		if err != nil {
			return err
		}
		if v := special(text[1 : len(text)-1]); v != nil {
			l.number(*v, false)
		} else {
			l.json(l.buf[start:l.i])
		}
		return nil
	}
	if v := l.special(); v != nil {
		l.number(*v, false)
		return nil
	}
	start := l.i
	if _, err := l.skip(depth + 1); err != nil {
		return err
	}
	l.json(l.buf[start:l.i])
	return nil
}

// nested reads an object below the line's own: flattened, or kept as JSON when
// it has a _type or nothing at all.
func (l *line) nested(depth int) error {
	start := l.i
	typed, err := l.skip(depth + 1)
	if err != nil {
		return err
	}
	end := l.i
	l.i = start + 1
	if typed || l.peek() == '}' {
		l.i = end
		l.json(l.buf[start:end])
		return nil
	}
	l.i = start
	value, container := l.b.Has(l.d.key)
	if value || container {
		l.forget()
	}
	l.b.Open(l.d.key)
	l.opened = true
	return l.object(depth + 1)
}

func (l *line) number(v float64, integer bool) {
	l.replace()
	l.b.Number(l.d.key, v, integer)
}

func (l *line) json(text []byte) {
	l.replace()
	l.b.JSON(l.d.key, text)
}

// replace takes back what an earlier object of the same key left.
func (l *line) replace() {
	if !l.opened {
		return
	}
	if _, container := l.b.Has(l.d.key); container {
		l.forget()
	}
}

// forget takes back an earlier value of d.key: of a key that occurs twice the
// last counts. It looks at the whole row, so it may not happen often.
func (l *line) forget() {
	l.b.Forget(l.d.key)
	l.repeats++
}
