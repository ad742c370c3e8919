package graph

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
)

// call is a request as the SDK's Python side sends it.
func call(query string, variables map[string]any) Call {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables, "operationName": ""})
	if err != nil {
		panic(err)
	}
	return Call{Body: body}
}

// bare is a Graph without rooms: enough for what needs no store.
func bare(t testing.TB) *Graph {
	t.Helper()
	g, err := New(Options{Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestBadRequests(t *testing.T) {
	g := bare(t)
	for _, c := range []struct {
		name, body string
		kind       ballast.Kind
		failed     bool
		text       string
	}{
		{"no JSON", `{"query`, ballast.Invalid, true, "not a GraphQL request"},
		{"empty", ``, ballast.Invalid, true, "cut off"},
		{"a list", `[]`, ballast.Invalid, true, "not a GraphQL request"},
		{"two", `{"query":"{serverInfo{version}}"}{}`, ballast.Invalid, true, "goes on"},
		{"no query", `{"variables":{}}`, ballast.Invalid, true, "no \\\"query\\\""},
		{"query is a number", `{"query":1}`, ballast.Invalid, true, "query must not be of the type number"},
		{"text too long", `{"query":"` + strings.Repeat(" ", maxText) + `{a}"}`, ballast.TooLarge, true, "as variables"},
		{"unknown field", `{"query":"{serverInfo{nothing}}"}`, 0, false, `Cannot query field \"nothing\" on type \"ServerInfo\".`},
		{"syntax", `{"query":"{serverInfo"}`, 0, false, "Expected Name"},
		{"no such operation", `{"query":"query A{serverInfo{version}}","operationName":"B"}`, 0, false, "operation B not found"},
		{"wrong variable", `{"query":"query($n:Int){models(first:$n){edges{cursor}}}","variables":{"n":"x"}}`, 0, false, "cannot use string as Int"},
		{"too many tokens", `{"query":"{serverInfo{` + strings.Repeat("version ", maxTokens) + `}}"}`, 0, false, "token limit"},
	} {
		got := g.Do(t.Context(), Call{Body: []byte(c.body)})
		if got.Failed != c.failed || got.Failed && got.Kind != c.kind || !strings.Contains(string(got.Body), c.text) {
			t.Errorf("%s: failed %v, %v: %.300s", c.name, got.Failed, got.Kind, got.Body)
		}
		if !json.Valid(got.Body) {
			t.Errorf("%s: the body is not JSON: %s", c.name, got.Body)
		}
	}
}

// TestLenient sends what a strict server would refuse and the SDK needs
// (PROTOCOL section 0.4).
func TestLenient(t *testing.T) {
	g := bare(t)
	const want = `{"data":{"serverInfo":{"version":"1.2.3"}}}`
	for _, body := range []string{
		`{"query":"query X{serverInfo{version}}","variables":null,"operationName":""}`,
		`{"query":"query X{serverInfo{version}}","operationName":"X"}`,
		`{"query":"{serverInfo{version}}","variables":{"unknown":[1,{"a":2}]},"operationName":null,"extra":1}`,
		`{"query":"query($x:Boolean=true){serverInfo{version @include(if:$x)}}"}`,
	} {
		if got := g.Do(t.Context(), Call{Body: []byte(body)}); got.Failed || string(got.Body) != want {
			t.Errorf("%s: %s", body, got.Body)
		}
	}
}

func TestIntrospection(t *testing.T) {
	g := bare(t)
	got := g.Do(t.Context(), call(`{__type(name:"Mutation"){fields{name}} __schema{queryType{name}}}`, nil))
	if !strings.Contains(string(got.Body), `"upsertBucket"`) || strings.Contains(string(got.Body), "errors") {
		t.Errorf("%.300s", got.Body)
	}
}

// TestSlowTexts: what is cheap to send must not be dear to refuse.
func TestSlowTexts(t *testing.T) {
	g := bare(t)
	for name, query := range map[string]string{
		"fields that overlap": "{serverInfo{" + strings.Repeat("version ", 2900) + "}}",
		"doubling fragments":  doubling(500),
	} {
		if got := g.Do(t.Context(), call(query, nil)); len(got.Body) == 0 {
			t.Errorf("%s: no answer", name)
		}
	}
}

// FuzzDo: no body makes the engine panic or answer something else than JSON.
func FuzzDo(f *testing.F) {
	for _, seed := range []string{`{"query":"{serverInfo{version}}"}`, `{"query":"{a(b:\"\"\"x\"\"\")}"}`, `{"query":"query Q($a:[Int!]!=[1]){serverInfo{__typename}}","variables":{"a":3}}`,
		`{"query":"fragment f on ServerInfo{...f} {serverInfo{...f}}"}`, `{"query":"{__schema{types{name}}}","operationName":""}`, `{"query":"\u0000"}`, `{"query":"subscription{a}"}`} {
		f.Add([]byte(seed))
	}
	g := bare(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if strings.Contains(string(body), "project") || len(body) > 4096 {
			return // needs a store
		}
		if got := g.Do(t.Context(), Call{Body: body}); !json.Valid(got.Body) {
			t.Fatalf("%q: %q", body, got.Body)
		}
	})
}
