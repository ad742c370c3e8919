package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/internal/query"
)

// logged puts some rows and console lines into r1.
func (st *stage) logged() {
	st.t.Helper()
	body := `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":0,\"loss\":1}","{\"_step\":1,\"loss\":0.5}"]},
		"output.log":{"offset":0,"content":["ERROR 2023-04-05T10:15:30.000000 it broke","2023-04-05T10:15:31.000000 fine"]},
		"wandb-summary.json":{"offset":0,"content":["{\"loss\":0.5,\"odd\":NaN}"]}}}`
	if r := st.do("member", "POST", r1Stream, strings.NewReader(body)); r.status != 200 {
		st.t.Fatalf("logging: %d %s", r.status, r.body)
	}
}

func TestScreens(t *testing.T) {
	st := newStage(t)
	st.logged()
	post := func(path, body string) reply {
		t.Helper()
		return st.do("viewer", "POST", path, strings.NewReader(body))
	}
	r := post("/api/panel", `{"project":"red/secret","runs":["r1","none"],"key":"loss"}`)
	p, err := query.DecodePanel([]byte(r.body))
	if r.status != 200 || err != nil || len(p.Runs) != 2 || p.Runs[0].Total != 2 || !p.Runs[1].Missing {
		t.Errorf("panel: %d %v %+v", r.status, err, p)
	}
	r = post("/api/panel", `{"project":"red/secret","groups":[{"name":"all","runs":["r1","none"]},{"name":"empty","runs":[]}],"key":"loss"}`)
	g, err := query.DecodeGroupPanel([]byte(r.body))
	if r.status != 200 || err != nil || len(g.Groups) != 2 || g.Groups[0].Total != 2 || g.Groups[0].Runs != 1 || g.Groups[0].Missing != 1 || g.Groups[0].N != 2 || g.Groups[1].N != 0 {
		t.Errorf("grouped panel: %d %v %+v", r.status, err, g)
	}
	r = post("/api/keys", `{"project":"red/secret","runs":["r1"]}`)
	if r.status != 200 || !strings.Contains(r.body, `"key":"loss","type":"number","runs":1`) {
		t.Errorf("keys: %d %s", r.status, r.body)
	}
	r = post("/api/runs", `{"project":"red/secret","q":"","filter":null,"order":["-created_at"],"columns":["summary_metrics.loss","summary_metrics.odd"],"offset":0,"limit":10}`)
	if r.status != 200 || !strings.Contains(r.body, `"summary_metrics.loss":0.5`) || !strings.Contains(r.body, `"summary_metrics.odd":"NaN"`) || !json.Valid([]byte(r.body)) {
		t.Errorf("runs: %d %s", r.status, r.body)
	}
	r = st.do("viewer", "GET", "/api/logs/red/secret/r1?tail=1&search=broke", nil)
	if r.status != 200 || !strings.Contains(r.body, `"total":2`) || !strings.Contains(r.body, `"text":"fine"`) || !strings.Contains(r.body, `"matches":[0]`) {
		t.Errorf("logs: %d %s", r.status, r.body)
	}
	r = st.do("viewer", "GET", "/api/logs/red/secret/r1/download", nil)
	if r.status != 200 || !strings.Contains(r.body, "it broke\n") || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("download: %d %q %v", r.status, r.body, r.header)
	}
}

func TestBadScreens(t *testing.T) {
	st := newStage(t)
	for _, c := range []struct {
		role, method, path, body string
		status                   int
	}{
		{"viewer", "POST", "/api/panel", `{`, 400},
		{"viewer", "POST", "/api/panel", `{"project":5}`, 400},
		{"viewer", "POST", "/api/panel", `["red"]`, 400},
		{"viewer", "POST", "/api/panel", `{"project":"red"}`, 400},
		{"viewer", "POST", "/api/panel", `{"project":"red/secret","stream":"x"}`, 400},
		{"viewer", "POST", "/api/panel", `{"project":"red/secret","runs":["r1"],"key":"k","buckets":-5}`, 400},
		{"viewer", "POST", "/api/panel", `{"project":"red/secret","runs":["r1"],"groups":[],"key":"k"}`, 400},
		{"viewer", "POST", "/api/panel", `{"project":"red/secret","groups":[{"name":"g","runs":["r1"]}]}`, 400},
		{"stranger", "POST", "/api/panel", `{"project":"red/secret","groups":[{"name":"g","runs":["r1"]}],"key":"k"}`, 404},
		{"stranger", "POST", "/api/panel", `{"project":"red/secret","runs":["r1"],"key":"k"}`, 404},
		{"stranger", "POST", "/api/keys", `{"project":"red/secret"}`, 404},
		{"stranger", "POST", "/api/runs", `{"project":"red/secret"}`, 404},
		{"viewer", "POST", "/api/runs", `{"project":"red/secret","filter":{"$bad":1}}`, 400},
		{"viewer", "POST", "/api/runs", `{"project":"red/secret","offset":-1}`, 400},
		{"viewer", "POST", "/api/runs", `{"project":"red/secret","q":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		{"viewer", "GET", "/api/logs/red/secret/none", "", 404},
		{"viewer", "GET", "/api/logs/red/secret/r1?n=x", "", 400},
		{"viewer", "GET", "/api/logs/red/secret/r1?n=20000", "", 400},
		{"viewer", "GET", "/api/logs/red/secret/r1?search=(&regex=1", "", 400},
		{"viewer", "GET", "/api/live?project=red/none", "", 404},
		{"viewer", "GET", "/api/live", "", 400},
		{"stranger", "GET", "/api/live?project=red/secret", "", 404},
	} {
		if r := st.do(c.role, c.method, c.path, strings.NewReader(c.body)); r.status != c.status || r.text() == "" {
			t.Errorf("%s %s %.60s: %d %.200s, want %d", c.method, c.path, c.body, r.status, r.body, c.status)
		} else if strings.Contains(r.text(), "Go ") || strings.Contains(r.text(), "struct") {
			t.Errorf("%s %.60s: the error shows our types: %s", c.path, c.body, r.text())
		}
	}
}

// TestGraphQL: the limits of issue 3, F, and the SDK's way of asking.
func TestGraphQL(t *testing.T) {
	st := newStage(t)
	ask := func(role, query string, variables any) reply {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables, "operationName": ""})
		if err != nil {
			t.Fatal(err)
		}
		return st.do(role, "POST", "/graphql", strings.NewReader(string(body)))
	}
	if r := ask("member", "{ viewer { username } }", nil); r.status != 200 || !strings.Contains(r.body, "member-user") {
		t.Errorf("viewer: %d %s", r.status, r.body)
	}
	big := strings.Repeat("x", 10<<20)
	if r := ask("member", `query Q($d: String) { project(entityName: "me", name: "verify") { run(name: "", desc: $d) { name } } }`, map[string]any{"d": big}); r.status != 200 {
		t.Errorf("10 MB of variables: %d %.200s", r.status, r.body)
	}
	if r := ask("member", "{ viewer { username } } #"+big, nil); r.status != 413 || r.text() == "" {
		t.Errorf("a text over 1 MB: %d %.200s", r.status, r.body)
	}
	deep := strings.Repeat("{ __schema { types", 60) + strings.Repeat("}}", 60)
	if r := ask("member", deep, nil); r.status != 400 || !strings.Contains(r.text(), "50") {
		t.Errorf("over 50 levels: %d %.200s", r.status, r.body)
	}
	if r := st.do("member", "POST", "/graphql", strings.NewReader(`{"query":`)); r.status != 400 || r.text() == "" {
		t.Errorf("malformed: %d %s", r.status, r.body)
	}
	if r := st.do("", "POST", "/graphql", strings.NewReader(`{"query":"{ viewer { username } }","x":"`+strings.Repeat("x", 33<<20)+`"}`)); r.status != 413 {
		t.Errorf("over 32 MB: %d %.200s", r.status, r.body)
	}
	for _, name := range []string{"../x", "/etc/passwd", "a\u0000b", strings.Repeat("n", 2000)} {
		r := ask("member", `mutation M($f: [String!]!) { createRunFiles(input: {entityName: "red", projectName: "secret", runName: "r1", files: $f}) { files { name uploadUrl } } }`, map[string]any{"f": []string{"fine.txt", name}})
		// Only the refused name goes without (decision 035).
		if r.status != 200 || strings.Count(r.body, "/storage/") != 1 || strings.Count(r.body, `"uploadUrl":null`) != 1 {
			t.Errorf("a file named %.20q beside a good one: %d %.300s", name, r.status, r.body)
		}
		r = ask("member", `mutation M($f: [String!]!) { createRunFiles(input: {entityName: "red", projectName: "secret", runName: "r1", files: $f}) { files { name uploadUrl } } }`, map[string]any{"f": []string{name}})
		if r.text() == "" || strings.Contains(r.body, "/storage/") {
			t.Errorf("a file named %.20q alone: %d %.300s", name, r.status, r.body)
		}
	}
}

func TestRunFile(t *testing.T) {
	st := newStage(t)
	st.put("dir/a b.txt", "hello")
	r := st.do("viewer", "GET", "/files/red/secret/r1/dir/a%20b.txt", nil)
	if r.status != 307 || !strings.HasPrefix(r.header.Get("Location"), st.url+"/storage/0/") {
		t.Fatalf("%d %s %v", r.status, r.body, r.header)
	}
	if got := st.do("", "GET", r.header.Get("Location"), nil); got.body != "hello" {
		t.Errorf("the link leads to %d %q", got.status, got.body)
	}
	for _, c := range []struct {
		role, path string
		status     int
	}{
		{"stranger", "/files/red/secret/r1/dir/a%20b.txt", 404},
		{"viewer", "/files/red/secret/r1/none.txt", 404},
		{"viewer", "/files/red/secret/r1/..%2F..%2Fetc%2Fpasswd", 404},
		{"viewer", "/files/red/secret/r1/a%00b", 404},
	} {
		r := st.do(c.role, "GET", c.path, nil)
		if r.status == 301 || r.status == 307 { // the mux cleans the path first
			r = st.do(c.role, "GET", r.header.Get("Location"), nil)
		}
		if r.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.role, c.path, r.status, r.body, c.status)
		}
	}
	if r := st.do("", "OPTIONS", "/files/red/secret/r1/x", nil, header{"Origin": "http://x"}); r.status != 204 || r.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("preflight: %d %v", r.status, r.header)
	}
}
