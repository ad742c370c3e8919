package ballast

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// JSONFault says what is wrong with JSON that somebody sent, in words that do
// not show our types: err is what decoding it returned.
func JSONFault(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ") // "number 1e99"
		where := "it"
		if kind.Field != "" {
			where = strings.TrimPrefix(strings.ToLower(kind.Field), ".")
		}
		return where + " must not be of the type " + what
	case errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF):
		return syntax.Error()
	}
	return "it is cut off"
}
