package graph

import (
	"encoding/json"
	"slices"
)

// scanner walks JSON in which NaN, Infinity and -Infinity are values.
type scanner struct {
	text  []byte
	at    int
	depth int
}

func (s *scanner) blank() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// take steps over c, after blanks, when it comes next.
func (s *scanner) take(c byte) bool {
	s.blank()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// object reads an object's members; of a key that occurs twice the last wins.
func (s *scanner) object() (members []member, ok bool) {
	if !s.take('{') {
		return nil, false
	}
	if s.take('}') {
		return nil, true
	}
	index := map[string]int{}
	for {
		s.blank()
		from := s.at
		if !s.str() {
			return nil, false
		}
		var m member
		if json.Unmarshal(s.text[from:s.at], &m.key) != nil || !s.take(':') {
			return nil, false
		}
		s.blank()
		from = s.at
		if !s.value() {
			return nil, false
		}
		m.value = s.text[from:s.at]
		if i, twice := index[m.key]; twice {
			members[i] = m
		} else {
			index[m.key] = len(members)
			members = append(members, m)
		}
		if s.take('}') {
			return members, true
		}
		if !s.take(',') {
			return nil, false
		}
	}
}

// value steps over one value.
func (s *scanner) value() bool {
	s.blank()
	if s.at == len(s.text) {
		return false
	}
	switch c := s.text[s.at]; c {
	case '{', '[':
		return s.nested(c)
	case '"':
		return s.str()
	default:
		return s.word()
	}
}

// nested steps over an object or a list.
func (s *scanner) nested(open byte) bool {
	if s.depth++; s.depth > maxNesting {
		return false
	}
	defer func() { s.depth-- }()
	end := open + 2 // in ASCII, ']' follows '[' and '}' follows '{' by two
	s.at++
	if s.take(end) {
		return true
	}
	for {
		if open == '{' {
			if s.blank(); !s.str() || !s.take(':') {
				return false
			}
		}
		if !s.value() {
			return false
		}
		if s.take(end) {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// str steps over a string.
func (s *scanner) str() bool {
	from := s.at
	if s.at == len(s.text) || s.text[s.at] != '"' {
		return false
	}
	plain := true
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\':
			plain = false
			s.at++
		case c < ' ':
			return false
		case c == '"':
			s.at++
			return plain || json.Valid(s.text[from:s.at])
		}
	}
	s.at = len(s.text)
	return false
}

// word steps over a number, true, false, null, NaN or ±Infinity.
func (s *scanner) word() bool {
	from := s.at
	for s.at < len(s.text) && !slices.Contains([]byte(" \t\r\n,]}:"), s.text[s.at]) {
		s.at++
	}
	switch w := s.text[from:s.at]; string(w) {
	case "NaN", "Infinity", "-Infinity":
		return true
	default:
		return json.Valid(w)
	}
}
