package query

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":1,"b":[true,null,"x"]}`, `{"a":1,"b":[true,null,"x"]}`},
		{` [ NaN , Infinity,-Infinity, -0.0, 1e3 ] `, `[NaN,Infinity,-Infinity,-0.0,1000]`},
		{`"a\"\\\/\n\u00e9\ud83d\ude00"`, "\"a\\\"\\\\/\\né😀\""},
		{`"\ud83d"`, `"�"`},
		{`1.5e-7`, `1.5e-07`},
		{`9007199254740993`, `9.007199254740992e+15`},
		{`1e999`, `Infinity`},
		{`{}`, `{}`}, {`[]`, `[]`},
	} {
		v, err := parseJSON(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := string(v.appendJSON(nil, false)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
	for _, in := range []string{``, `{`, `[1,`, `{"a"}`, `{"a":}`, `tru`, `"x`, `"\x"`, `"\u12"`, `1 2`, `{a:1}`, `[1}`, `+`, `"\`} {
		if v, err := parseJSON(in); err == nil {
			t.Errorf("%q was read as %s", in, v.appendJSON(nil, false))
		}
	}
	if _, err := parseJSON(strings.Repeat("[", 200)); err == nil {
		t.Error("200 levels were read")
	}
}

// Whatever the standard library reads, we read to the same.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9"],"b":null}`, `{"":[],"":null}`, `NaN`, `[{}]`, `"\ud83d\ude00"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseJSON(s)
		var std any
		if json.Unmarshal([]byte(s), &std) == nil {
			if err != nil && !strings.Contains(err.Error(), "nested deeper") {
				t.Fatalf("%q: %v", s, err)
			}
		}
		if err != nil {
			return
		}
		again, err := parseJSON(string(v.appendJSON(nil, false)))
		if err != nil || !again.same(v) {
			t.Fatalf("%q does not survive a round trip: %v", s, err)
		}
		p := parser{s: s}
		p.blank()
		if err := p.skip(); err != nil {
			t.Fatalf("%q cannot be skipped: %v", s, err)
		}
	})
}
