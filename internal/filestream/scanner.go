package filestream

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
)

// scanner walks over JSON text. NaN, Infinity and -Infinity are values.
type scanner struct {
	buf  []byte
	i    int
	deep bool // skip met something nested deeper than MaxDepth
}

func (s *scanner) fault(what string) error {
	return ballast.Errorf(ballast.Invalid, "at byte %d: %s", s.i, what)
}

func (s *scanner) blank() {
	for s.i < len(s.buf) && (s.buf[s.i] == ' ' || s.buf[s.i] == '\n' || s.buf[s.i] == '\t' || s.buf[s.i] == '\r') {
		s.i++
	}
}

// peek returns the next byte after blanks, 0 at the end.
func (s *scanner) peek() byte {
	s.blank()
	if s.i < len(s.buf) {
		return s.buf[s.i]
	}
	return 0
}

// take steps over c after blanks when it comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// word steps over w when it comes next.
func (s *scanner) word(w string) bool {
	if len(s.buf)-s.i < len(w) || string(s.buf[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

// members calls yield before the value of each member of an object, with its
// name in dst's memory.
func (s *scanner) members(name *[]byte, yield func(name []byte) error) error {
	if !s.take('{') {
		return s.fault("an object should start here")
	}
	if s.take('}') {
		return nil
	}
	for {
		s.blank()
		var err error
		if *name, err = s.text((*name)[:0]); err != nil {
			return err
		}
		if !s.take(':') {
			return s.fault("a ':' is missing")
		}
		s.blank()
		if err := yield(*name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.fault("a ',' or '}' is missing")
		}
	}
}

// items calls yield before each value of a list; null is an empty list.
func (s *scanner) items(yield func() error) error {
	if s.word("null") {
		return nil
	}
	if !s.take('[') {
		return s.fault("a list should start here")
	}
	if s.take(']') {
		return nil
	}
	for {
		s.blank()
		if err := yield(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.fault("a ',' or ']' is missing")
		}
	}
}

// plain marks the bytes that a JSON string holds as they are: no quote, no
// backslash, no control character, ASCII.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// text reads a string and appends it without escapes. Bytes that are not
// UTF-8 and lone surrogates become U+FFFD.
func (s *scanner) text(dst []byte) ([]byte, error) {
	if s.i >= len(s.buf) || s.buf[s.i] != '"' {
		return dst, s.fault("a string should start here")
	}
	s.i++
	for {
		start := s.i
		for s.i < len(s.buf) && plain[s.buf[s.i]] {
			s.i++
		}
		dst = append(dst, s.buf[start:s.i]...)
		if s.i >= len(s.buf) {
			return dst, s.fault("a string does not end")
		}
		switch c := s.buf[s.i]; {
		case c == '"':
			s.i++
			return dst, nil
		case c == '\\':
			var err error
			if dst, err = s.escape(dst); err != nil {
				return dst, err
			}
		case c < ' ':
			return dst, s.fault("a control character in a string")
		case c == 0x7f:
			dst = append(dst, c)
			s.i++
		default:
			r, n := utf8.DecodeRune(s.buf[s.i:])
			dst = utf8.AppendRune(dst, r)
			s.i += n
		}
	}
}

func (s *scanner) escape(dst []byte) ([]byte, error) {
	if s.i+1 >= len(s.buf) {
		return dst, s.fault("a string does not end")
	}
	c := s.buf[s.i+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode(dst)
	default:
		return dst, s.fault("an unknown escape in a string")
	}
	s.i += 2
	return append(dst, c), nil
}

func (s *scanner) unicode(dst []byte) ([]byte, error) {
	r := s.hex(s.i)
	if r < 0 {
		return dst, s.fault("a bad \\u escape in a string")
	}
	s.i += 6
	if utf16.IsSurrogate(r) {
		pair := utf16.DecodeRune(r, s.hex(s.i))
		if pair != utf8.RuneError {
			s.i += 6
		}
		r = pair
	}
	return utf8.AppendRune(dst, r), nil
}

// hex is the value of the \uXXXX at i, negative when there is none.
func (s *scanner) hex(i int) rune {
	if len(s.buf)-i < 6 || s.buf[i] != '\\' || s.buf[i+1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range s.buf[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// skip steps over one value and checks it. typed says that it is an object
// with a _type; s.deep is set when something in it is deeper than MaxDepth.
func (s *scanner) skip(depth int) (typed bool, err error) {
	switch c := s.peek(); {
	case depth > MaxDepth && (c == '{' || c == '['):
		s.deep = true
		return false, s.skipDeep()
	case c == '{':
		return s.skipObject(depth)
	case c == '[':
		return false, s.items(func() error {
			_, err := s.skip(depth + 1)
			return err
		})
	case c == '"':
		_, err := s.skipText()
		return false, err
	case s.word("true"), s.word("false"), s.word("null"), s.word("NaN"), s.word("Infinity"), s.word("-Infinity"):
		return false, nil
	case c == '-' || c-'0' <= 9:
		n := parseNumber(s.buf[s.i:])
		if n.len == 0 {
			return false, s.fault("a bad number")
		}
		s.i += n.len
		return false, nil
	case c == 0 && s.i >= len(s.buf):
		return false, s.fault("the text ends early")
	}
	return false, s.fault("no JSON value starts here")
}

func (s *scanner) skipObject(depth int) (typed bool, err error) {
	s.i++
	if s.take('}') {
		return false, nil
	}
	for {
		s.blank()
		name, err := s.skipText()
		if err != nil {
			return false, err
		}
		typed = typed || isType(name)
		if !s.take(':') {
			return false, s.fault("a ':' is missing")
		}
		if _, err := s.skip(depth + 1); err != nil {
			return false, err
		}
		if s.take('}') {
			return typed, nil
		}
		if !s.take(',') {
			return false, s.fault("a ',' or '}' is missing")
		}
	}
}

// skipDeep steps over a value of any depth and checks it, without the stack.
func (s *scanner) skipDeep() error {
	var open []byte // the brackets that are to come
	for {
		c := s.peek()
		switch c {
		case '{', '[':
			s.i++
			if s.take(c + 2) { // the closing one of either
				break
			}
			if open = append(open, c+2); c == '[' {
				continue
			}
			if err := s.skipName(); err != nil {
				return err
			}
			continue
		default:
			if _, err := s.skip(0); err != nil { // no container, so no depth
				return err
			}
		}
		for len(open) > 0 && s.take(open[len(open)-1]) {
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			return nil
		}
		if !s.take(',') {
			return s.fault("a ',' or '" + string(open[len(open)-1]) + "' is missing")
		}
		if open[len(open)-1] == '}' {
			if err := s.skipName(); err != nil {
				return err
			}
		}
	}
}

// skipName steps over the name of a member and its colon.
func (s *scanner) skipName() error {
	s.blank()
	if _, err := s.skipText(); err != nil {
		return err
	}
	if !s.take(':') {
		return s.fault("a ':' is missing")
	}
	return nil
}

// isType reports whether a quoted name is _type, however it is escaped.
func isType(name []byte) bool {
	if bytes.IndexByte(name, '\\') < 0 {
		return string(name) == `"_type"`
	}
	s := scanner{buf: name}
	plain, err := s.text(nil)
	return err == nil && string(plain) == "_type"
}

// skipText steps over a string and returns it with its quotes and escapes.
func (s *scanner) skipText() ([]byte, error) {
	start := s.i
	if s.i >= len(s.buf) || s.buf[s.i] != '"' {
		return nil, s.fault("a string should start here")
	}
	s.i++
	for s.i < len(s.buf) {
		switch c := s.buf[s.i]; {
		case plain[c], c >= 0x7f:
			s.i++
		case c == '"':
			s.i++
			return s.buf[start:s.i], nil
		case c == '\\':
			var few [8]byte
			if _, err := s.escape(few[:0]); err != nil {
				return nil, err
			}
		default:
			return nil, s.fault("a control character in a string")
		}
	}
	return nil, s.fault("a string does not end")
}
