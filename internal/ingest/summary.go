package ingest

import (
	"math"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast/internal/history"
)

// member is a name (with its quotes) and a value of a JSON object, as text.
type member struct{ name, value string }

// splitObject returns the members of a JSON object. Bare NaN and Infinity are
// values like others. What is not an object has none; the text was checked
// when it was decoded.
func splitObject(text string) []member {
	s := strings.TrimSpace(text)
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil
	}
	s = s[1 : len(s)-1]
	var all []member
	for {
		s = strings.TrimLeft(s, " \t\r\n,")
		if s == "" || s[0] != '"' {
			return all
		}
		n := skipString(s)
		name := s[:n]
		s = strings.TrimLeft(s[n:], " \t\r\n")
		if s == "" || s[0] != ':' {
			return all
		}
		s = strings.TrimLeft(s[1:], " \t\r\n")
		n = skipValue(s)
		all = append(all, member{name, strings.TrimRight(s[:n], " \t\r\n")})
		s = s[n:]
	}
}

// skipString is the length of the string at the start of s.
func skipString(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// skipValue is the length of the value at the start of s.
func skipValue(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i += skipString(s[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// mergeObjects lays patch over old: its members replace those of the same
// name, the others stay.
func mergeObjects(old, patch []byte) []byte {
	members := splitObject(string(old))
	place := make(map[string]int, len(members))
	for i, m := range members {
		place[m.name] = i
	}
	for _, m := range splitObject(string(patch)) {
		if i, ok := place[m.name]; ok {
			members[i] = m
			continue
		}
		place[m.name] = len(members)
		members = append(members, m)
	}
	b := make([]byte, 0, len(old)+len(patch))
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, m.name...)
		b = append(b, ':')
		b = append(b, m.value...)
	}
	return append(b, '}')
}

// lastValues returns the last value of each key of a chunk of events as a flat
// JSON object, nil when there is none. Keys that start with '_' are not
// metrics.
func lastValues(chunk []byte) ([]byte, error) {
	c, err := history.OpenChunk(chunk)
	if err != nil {
		return nil, err
	}
	b := []byte{'{'}
	var p history.Points
	for _, key := range c.Keys() {
		if strings.HasPrefix(key, "_") {
			continue
		}
		p.Reset(key)
		if err := c.Column(key, 0, &p); err != nil {
			return nil, err
		}
		if p.Len() == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendName(b, strings.Join(history.SplitKey(key), "."))
		b = append(b, ':')
		b = appendLast(b, &p)
	}
	if len(b) == 1 {
		return nil, nil
	}
	return append(b, '}'), nil
}

func appendLast(b []byte, p *history.Points) []byte {
	i := p.Len() - 1
	v := p.Value[i]
	switch {
	case p.FormAt(i) == history.JSON:
		return append(b, p.JSON[i]...)
	case p.FormAt(i) == history.Int:
		return strconv.AppendInt(b, int64(v), 10)
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendName appends a JSON string.
func appendName(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
