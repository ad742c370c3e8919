package filestream

import (
	"fmt"
	"hash/fnv"
	"unicode/utf8"

	"github.com/ballast-ml/ballast/internal/history"
)

// line reads one JSON line into a builder's present row.
type line struct {
	scanner
	d       *Decoder
	b       *history.Builder
	before  int  // values in the builder before this row
	opened  bool // the row has nested objects
	repeats int
	rest    []byte // members beyond MaxLineKeys, as JSON
}

// restKey has, as one text, the values of a row beyond MaxLineKeys.
const restKey = "_rest"

// keyPlain marks the bytes of a name that is its own key: [plain] without '.'.
var keyPlain = func() (t [256]bool) {
	t = plain
	t['.'] = false
	return t
}()

// fast reads the still escaped line that the string at i holds: an object of
// numbers, simple strings, words, and objects of these, without escapes of its
// own. It returns the place after the closing quote, or false for anything
// else; the row may have values then.
//
// Inside the string every quote is written \", so the line needs no unescaping
// and no copy. Key order is random, so nothing is guessed.
func (l *line) fast(buf []byte, i int) (next int, ok bool) {
	if len(buf)-i < 4 || buf[i] != '"' || buf[i+1] != '{' {
		return 0, false
	}
	l.opened = false
	l.d.key = l.d.key[:0]
	if i, ok = l.fastObject(buf, i+2, 0); !ok || i >= len(buf) || buf[i] != '"' {
		return 0, false
	}
	return i + 1, true
}

// fastObject reads the members of an object whose brace was read, and whose own
// key is the first n bytes of d.key.
func (l *line) fastObject(buf []byte, i, n int) (next int, ok bool) {
	if i+1 < len(buf) && buf[i] == '}' {
		return i + 1, n == 0 // an empty object that is nested is a value
	}
	for {
		name, dotted, size := quotedText(buf, i, &keyPlain)
		if size == 0 || len(name) > MaxKeyBytes/2 {
			return 0, false
		}
		i += size
		if i+2 >= len(buf) || buf[i] != ':' {
			return 0, false
		}
		if i++; buf[i] == ' ' {
			i++
		}
		key := name
		if dotted || n > 0 {
			if n > 0 && string(name) == "_type" {
				return 0, false // all of the object is one value
			}
			l.d.key = history.AppendEscaped(l.d.key[:n], name)
			key = l.d.key
		}
		if buf[i] == '{' {
			if i, ok = l.fastNested(buf, i, n, key); !ok {
				return 0, false
			}
		} else {
			if l.opened {
				if _, container := l.b.Has(key); container {
					return 0, false
				}
			}
			if size = l.fastValue(buf[i:], key); size == 0 {
				return 0, false
			}
			i += size
		}
		if i+2 >= len(buf) {
			return 0, false
		}
		switch buf[i] {
		case ',':
			if i++; buf[i] == ' ' {
				i++
			}
		case '}':
			return i + 1, true
		default:
			return 0, false
		}
	}
}

// fastNested reads an object at a key that has nothing yet; n is the length of
// the key of the object that it is in.
func (l *line) fastNested(buf []byte, i, n int, key []byte) (next int, ok bool) {
	if len(key) > MaxKeyBytes/4 {
		return 0, false
	}
	if value, container := l.b.Has(key); value || container {
		return 0, false
	}
	l.b.Open(key)
	l.opened = true
	if n == 0 { // the key may be a part of buf
		l.d.key = append(l.d.key[:0], key...)
	}
	l.d.key = append(l.d.key, '.')
	next, ok = l.fastObject(buf, i+1, len(l.d.key))
	l.d.key = l.d.key[:n]
	return next, ok
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
	l.opened, l.repeats, l.rest = false, 0, nil
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
	if l.rest != nil {
		l.b.JSON([]byte(restKey), history.AppendText(nil, string(append(l.rest, '}'))))
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
		if len(l.d.key) > MaxKeyBytes-1024 { // room for what is nested in it
			l.d.key = shortKey(l.d.key)
		}
		return l.value(depth)
	})
}

// shortKey stands for a key that is too long to be stored: how it begins, and
// a hash of all of it.
func shortKey(key []byte) []byte {
	h := fnv.New64a()
	h.Write(key)
	n := 256
	for n > 0 && !utf8.RuneStart(key[n]) {
		n--
	}
	for n > 0 && key[n-1] == '\\' { // an escape is not cut
		n--
	}
	return fmt.Appendf(key[:n:n], "…%016x", h.Sum64())
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
	l.deep = false
	if _, err := l.skip(depth + 1); err != nil {
		return err
	}
	if l.deep {
		l.text(l.buf[start:l.i])
		return nil
	}
	l.json(l.buf[start:l.i])
	return nil
}

// text stores a value that is too deep for those who will read it as the text
// of its JSON.
func (l *line) text(json []byte) { l.json(history.AppendText(nil, string(json))) }

// nested reads an object below the line's own: flattened, or kept as JSON when
// it has a _type or nothing at all.
func (l *line) nested(depth int) error {
	start := l.i
	l.deep = false
	typed, err := l.skip(depth + 1)
	if err != nil {
		return err
	}
	end := l.i
	if l.deep {
		l.text(l.buf[start:end])
		return nil
	}
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
	if l.full() {
		form := history.Float
		if integer {
			form = history.Int
		}
		l.addRest(history.AppendNumber(nil, v, form, false))
		return
	}
	l.replace()
	l.b.Number(l.d.key, v, integer)
}

func (l *line) json(text []byte) {
	if l.full() {
		l.addRest(text)
		return
	}
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

// full reports whether the row has all the values it may have, and none of
// d.key that this one would replace.
func (l *line) full() bool {
	if l.b.Values()-l.before < MaxLineKeys {
		return false
	}
	value, _ := l.b.Has(l.d.key)
	return !value
}

// addRest adds a member to those that did not fit.
func (l *line) addRest(json []byte) {
	if l.rest == nil {
		l.rest = append(l.rest, '{')
	} else {
		l.rest = append(l.rest, ',')
	}
	l.rest = append(append(history.AppendText(l.rest, string(l.d.key)), ':'), json...)
}

// forget takes back an earlier value of d.key: of a key that occurs twice the
// last counts. It looks at the whole row, so it may not happen often: objects
// that repeat a key for the thousandth time are laid over what was there.
func (l *line) forget() {
	if l.repeats < maxRepeats {
		l.b.Forget(l.d.key)
	}
	l.repeats++
}
