package graph

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
)

// opaqueID is the id of a numbered thing as the SDK knows it: base64 of
// "User:7" (PROTOCOL section 0.7).
func opaqueID(kind string, number int64) string {
	return base64.StdEncoding.EncodeToString([]byte(kind + ":" + strconv.FormatInt(number, 10)))
}

// parseOpaqueID returns the number in an id of the kind.
func parseOpaqueID(kind, id string) (int64, error) {
	text, err := base64.StdEncoding.DecodeString(id)
	if err == nil {
		if number, ok := strings.CutPrefix(string(text), kind+":"); ok {
			if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	return 0, ballast.Errorf(ballast.Invalid, "%.80q is not the id of a %s", id, strings.ToLower(kind))
}

// some is a pointer to the text, nil for the empty one: a field that is not
// set is null.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// text is what an optional argument says, "" when it is null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// yes reports whether an optional argument is true.
func yes(b *bool) bool { return b != nil && *b }

// number is what an optional argument says, "otherwise" when it is null.
func number[T int | int64](n *T, otherwise T) T {
	if n == nil {
		return otherwise
	}
	return *n
}
