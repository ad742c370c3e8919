package console

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/ballast-ml/ballast"
)

// MaxPattern is the longest search pattern, in bytes.
const MaxPattern = 1000

// Matcher looks for a text or a regular expression in lines. Colour escapes
// are not part of what is searched. It is safe for concurrent use.
type Matcher struct {
	text string
	re   *regexp.Regexp
}

// NewMatcher compiles a search: a plain text, or a regular expression of RE2,
// whose time is linear in the line. Without matchCase letters match in either
// case. An empty pattern matches every line. What cannot be compiled is
// Invalid.
func NewMatcher(pattern string, isRegexp, matchCase bool) (*Matcher, error) {
	if len(pattern) > MaxPattern {
		return nil, ballast.Errorf(ballast.Invalid, "search pattern has %d bytes, at most %d are allowed", len(pattern), MaxPattern)
	}
	if !isRegexp {
		if matchCase {
			return &Matcher{text: pattern}, nil
		}
		pattern = regexp.QuoteMeta(pattern)
	}
	if !matchCase {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		code := err.Error()
		if e, ok := err.(*syntax.Error); ok {
			code = e.Code.String() + ": " + e.Expr
		}
		return nil, ballast.Errorf(ballast.Invalid, "search pattern is no regular expression of RE2: %s", code)
	}
	return &Matcher{re: re}, nil
}

// Match reports whether a line's text matches.
func (m *Matcher) Match(text string) bool {
	text = Plain(text)
	if m.re != nil {
		return m.re.MatchString(text)
	}
	return strings.Contains(text, m.text)
}

// Plain is text without terminal escape sequences.
func Plain(text string) string {
	if strings.IndexByte(text, 0x1b) < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != 0x1b {
			b.WriteByte(text[i])
			continue
		}
		i = escapeEnd(text, i)
	}
	return b.String()
}

// escapeEnd is the index of the last byte of the escape sequence at i.
func escapeEnd(text string, i int) int {
	if i+1 >= len(text) {
		return i
	}
	switch text[i+1] {
	case '[': // parameters and intermediates, then one final byte
		for j := i + 2; j < len(text); j++ {
			if text[j] >= 0x40 && text[j] <= 0x7e {
				return j
			}
		}
		return len(text) - 1
	case ']': // until BEL or ESC \
		for j := i + 2; j < len(text); j++ {
			if text[j] == 7 {
				return j
			}
			if text[j] == 0x1b && j+1 < len(text) && text[j+1] == '\\' {
				return j + 1
			}
		}
		return len(text) - 1
	}
	return i + 1
}
