package meta

import (
	"strings"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
	"golang.org/x/text/unicode/norm"
)

// nameKey is the form of a name or an e-mail address that uniqueness is
// judged by.
func nameKey(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// gone marks the keys of a deleted row, so that its name is free again. '#'
// is in no name.
const gone = "#"

// checkLength refuses a text that its column cannot hold.
func checkLength(field, text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return ballast.Errorf(ballast.Invalid, "%s has %d characters, at most %d are allowed", field, n, most)
	}
	return nil
}

// likeEscape is the character that makes % and _ plain in our LIKE patterns
// (a backslash is read differently by the two databases).
const likeEscape = " LIKE ? ESCAPE '|'"

// contains is a LIKE pattern for texts that contain one.
func contains(text string) string {
	return "%" + strings.NewReplacer("|", "||", "%", "|%", "_", "|_").Replace(text) + "%"
}

// likePattern turns a pattern whose escape is a backslash into ours.
func likePattern(pattern string) string {
	var b strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped && strings.ContainsRune(`%_|`, r):
			b.WriteRune('|')
		case !escaped && r == '\\':
			escaped = true
			continue
		case r == '|':
			b.WriteRune('|')
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}
