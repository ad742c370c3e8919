package ballast_test

import (
	"encoding/json"
	"testing"

	"github.com/ballast-ml/ballast"
)

// TestJSONFault: what a person sent wrong is named without a type of ours.
func TestJSONFault(t *testing.T) {
	for text, want := range map[string]string{
		`{"User":5}`:       "user must not be of the type number",
		`{"Limit":1e99}`:   "limit must not be of the type number",
		`{"In":{"A":"x"}}`: "in.a must not be of the type string",
		`[]`:               "it must not be of the type array",
		`{bad`:             "invalid character 'b' looking for beginning of object key string",
		``:                 "unexpected end of JSON input",
	} {
		var v struct {
			User  string
			Limit int
			In    struct{ A int }
		}
		if got := ballast.JSONFault(json.Unmarshal([]byte(text), &v)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
