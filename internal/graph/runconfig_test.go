package graph

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
)

func TestNewConfig(t *testing.T) {
	const old = `{"lr":{"value":0.1},"gone":{"value":1},"_wandb":{"value":{"t":{"1":[]},"e":{"w1":{"os":"a"}}}}}`
	for _, c := range []struct {
		name, old, sent string
		shared          bool
		want            string
	}{
		{"first", "", `{"lr":{"value":NaN}}`, false, `{"lr":{"value":NaN}}`},
		{"whole replaces", old, `{"lr":{"value":2},"_wandb":{"value":{"t":{}}}}`, false, `{"lr":{"value":2},"_wandb":{"value":{"t":{}}}}`},
		{"part is laid over", old, `{"lr":{"value":2,"desc":null}}`, false,
			`{"lr":{"value":2,"desc":null},"gone":{"value":1},"_wandb":{"value":{"t":{"1":[]},"e":{"w1":{"os":"a"}}}}}`},
		{"no part without _wandb", `{"a":{"value":1}}`, `{"b":{"value":1}}`, false, `{"b":{"value":1}}`},
		{"shared keeps the others", old, `{"x":{"value":1},"_wandb":{"value":{"t":{"2":[]},"e":{"w2":{"os":"b"}}}}}`, true,
			`{"lr":{"value":0.1},"gone":{"value":1},"_wandb":{"value":{"t":{"2":[]},"e":{"w1":{"os":"a"},"w2":{"os":"b"}}}},"x":{"value":1}}`},
		{"last of twice", "", `{"a":{"value":1},"a":{"value":2}}`, false, `{"a":{"value":2}}`},
		{"blanks", "", " {\n\"a\" : [1, {\"b\": -Infinity}]\t} ", false, `{"a":[1, {"b": -Infinity}]}`},
	} {
		got, err := newConfig([]byte(c.old), []byte(c.sent), c.shared)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestConfigIsNoObject(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `"x"`, "{", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}}`, `{"a":nan}`, `{"a":01}`,
		`{a:1}`, `{"a":1 "b":2}`, "{\"a\n\":1}", `{"a":"\x"}`, `{"a":[1,]}`, `{"a":[1}`, `{"a":{1:2}}`,
		`{"a":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`} {
		if _, err := newConfig(nil, []byte(text), false); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%.40q: %v, want invalid", text, err)
		}
	}
}

func TestPickWandb(t *testing.T) {
	const config = `{"_wandb":{"value":{"t":{"1":[1]},"m":[]}},"lr":{"value":1}}`
	for _, c := range []struct {
		config, want string
		keys         []string
		started      bool
	}{
		{config, `{"t":{"1":[1]}}`, []string{"t"}, true},
		{config, `{"t":{"1":[1]},"m":[]}`, []string{"m", "t"}, true},
		{config, `{}`, []string{"e"}, true},
		{`{"lr":{"value":1}}`, `{}`, []string{"t"}, false},
		{`{"_wandb":{"value":7}}`, `{}`, []string{"t"}, false},
		{``, `{}`, []string{"t"}, false},
	} {
		if got := pickWandb([]byte(c.config), c.keys); got != c.want {
			t.Errorf("pickWandb(%s, %v) = %s, want %s", c.config, c.keys, got, c.want)
		}
		if got := started([]byte(c.config)); got != c.started {
			t.Errorf("started(%s) = %v", c.config, got)
		}
	}
}

// FuzzSplitObject: what is accepted can be put together again, and is JSON
// once the special numbers are gone.
func FuzzSplitObject(f *testing.F) {
	for _, seed := range []string{`{"a":{"value":NaN},"b":[1,2.5e3,"x"]}`, `{}`, `{"\u00e9":-Infinity}`, `{"a":1,"a":{"b":null}}`, `{"a":tru}`, "{\"a\":\"\xff\"}", `{"NaN":"NaN"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members, err := splitObject("config", text)
		if err != nil {
			if json.Valid(text) && len(text) < maxNesting && strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
				t.Fatalf("%q is a JSON object and was refused: %v", text, err)
			}
			return
		}
		again := joinObject(members)
		twice, err := splitObject("config", again)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
		if string(joinObject(twice)) != string(again) {
			t.Fatalf("%q is not stable", again)
		}
		plain := strings.NewReplacer("-Infinity", "0", "Infinity", "0", "NaN", "0").Replace(string(again))
		if !json.Valid([]byte(plain)) {
			t.Fatalf("%q is not JSON", again)
		}
	})
}
