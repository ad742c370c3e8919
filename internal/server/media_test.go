package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedia(t *testing.T) {
	st := newStage(t)
	body := `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":4,\"a.b/pic\":{\"_type\":\"image-file\",\"path\":\"media/images/x.png\",\"width\":NaN}}"]}}}`
	if r := st.do("member", "POST", r1Stream, strings.NewReader(body)); r.status != 200 {
		t.Fatalf("logging: %d %s", r.status, r.body)
	}
	r := st.do("viewer", "POST", "/api/media", strings.NewReader(`{"project":"red/secret","runs":["r1","none"],"key":"a.b/pic"}`))
	var m struct {
		Runs []struct {
			Run     string
			Missing bool
			Total   int
			Values  []struct {
				Step  int
				Value map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(r.body), &m); err != nil || r.status != 200 || len(m.Runs) != 2 {
		t.Fatalf("%d %s %v", r.status, r.body, err)
	}
	if v := m.Runs[0].Values; len(v) != 1 || v[0].Step != 4 || v[0].Value["path"] != "media/images/x.png" || v[0].Value["width"] != "NaN" || !m.Runs[1].Missing {
		t.Errorf("%s", r.body)
	}
}

func TestMediaTable(t *testing.T) {
	st := newStage(t)
	st.put("media/table/t.table.json", `{"columns":["a","b"],"data":[[1,"x"],[2,"y"],[3,NaN]]}`)
	st.put("notes.txt", "not a table")
	ask := func(role, body string) reply {
		t.Helper()
		return st.do(role, "POST", "/api/table", strings.NewReader(body))
	}
	r := ask("viewer", `{"project":"red/secret","run":"r1","path":"media/table/t.table.json","sort":[{"column":"a","desc":true}],"limit":2}`)
	want := `{"columns":[{"name":"a","type":"number"},{"name":"b","type":"string"}],"total":3,"found":3,"rows":[[3,"NaN"],[2,"y"]],"index":[2,1],"links":{}}`
	if r.status != 200 || strings.TrimSpace(r.body) != want {
		t.Errorf("%d %s, want %s", r.status, r.body, want)
	}
	// The artifact is not there yet: the run's file will do.
	if r := ask("viewer", `{"project":"red/secret","run":"r1","path":"media/table/t.table.json","artifact":"wandb-client-artifact://none/t.table.json"}`); r.status != 200 {
		t.Errorf("an artifact that is not there: %d %s", r.status, r.body)
	}
	const one = `"run":"r1","path":"media/table/t.table.json"`
	r = ask("viewer", `{"project":"red/secret",`+one+`,"label":"x","more":[{`+one+`,"label":"y"}],"join":"a","limit":1}`)
	want = `{"columns":[{"name":"a","type":"number"},{"name":"x: b","type":"string"},{"name":"y: b","type":"string"}],"total":3,"found":3,"rows":[[1,"x","x"]],"index":[0],"links":{}}`
	if r.status != 200 || strings.TrimSpace(r.body) != want {
		t.Errorf("joined: %d %s, want %s", r.status, r.body, want)
	}
	for _, c := range []struct {
		role, body string
		status     int
	}{
		{"viewer", `{"project":"red/secret",` + one + `,"more":[{"run":"none","path":"x"}]}`, 404},
		{"viewer", `{"project":"red/secret",` + one + `,"more":[{"artifact":"wandb-client-artifact://none/x"}]}`, 404},
		{"viewer", `{"project":"red/secret",` + one + `,"more":[{` + one + `}],"join":"none"}`, 400},
		{"viewer", `{"project":"red/secret",` + one + `,"more":[` + strings.Repeat(`{},`, 19) + `{}]}`, 400},
		{"viewer", `{"project":"red/secret","run":"r1"}`, 400},
		{"viewer", `{"project":"red/secret","run":"none","path":"x"}`, 404},
		{"viewer", `{"project":"red/secret","run":"r1","path":"none.table.json"}`, 404},
		{"viewer", `{"project":"red/secret","run":"r1","path":"notes.txt"}`, 400},
		{"viewer", `{"project":"red/secret","run":"r1","path":"media/table/t.table.json","where":[{"column":"a","op":"?"}]}`, 400},
		{"viewer", `{"project":"red/secret","run":"r1","path":"media/table/t.table.json","limit":5000}`, 400},
		{"viewer", `{"project":"red/secret","run":"r1","artifact":"https://elsewhere/x"}`, 400},
		{"viewer", `{"project":"red/secret","run":"r1","artifact":"wandb-artifact://zz/x"}`, 404},
		{"viewer", `{"project":"red/secret","run":"r1","artifact":"wandb-client-artifact://none/x"}`, 404},
		{"stranger", `{"project":"red/secret","run":"r1","path":"media/table/t.table.json"}`, 404},
		{"viewer", `{"project":"red/secret","runs":"r1"`, 400},
	} {
		if r := ask(c.role, c.body); r.status != c.status || r.text() == "" {
			t.Errorf("%s: %d %s, want %d", c.body, r.status, r.body, c.status)
		}
	}
}

// Parts of a table are in the order in which the SDK wrote them.
func TestOrderOfParts(t *testing.T) {
	want := []string{"None-17.k.table.json", "1-900.k.table.json", "2-30.k.table.json", "2-200.k.table.json", "10-1.k.table.json"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, byNumber)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if tableName("t1_140.table.json") != "table 1" || tableName("a/t1_x.table.json") != "t1_x" {
		t.Errorf("names of tables: %q, %q", tableName("t1_140.table.json"), tableName("a/t1_x.table.json"))
	}
}

// TestFrames: pages in frames have no origin and no network, and those of
// other people's making run none of our scripts.
func TestFrames(t *testing.T) {
	st := newStage(t)
	for path, want := range map[string]string{"/frame/page.html": "script-src 'unsafe-inline' 'unsafe-eval' data: blob:;", "/frame/chart.html": "script-src 'self';"} {
		r := st.do("", "GET", path, nil)
		csp := r.header.Get("Content-Security-Policy")
		if r.status != 200 || !strings.HasPrefix(csp, "sandbox allow-scripts; default-src 'none'; ") || !strings.Contains(csp, want) ||
			!strings.Contains(csp, "connect-src data: blob:;") || strings.Contains(csp, "http") || strings.Contains(csp, "allow-same-origin") {
			t.Errorf("%s: %d %q", path, r.status, csp)
		}
		if path == "/frame/page.html" && strings.Contains(csp, "script-src 'self'") || strings.Count(csp, "'self'") > 3 {
			t.Errorf("%s reaches our origin: %q", path, csp)
		}
	}
	if r := st.do("", "GET", "/frame/none.html", nil); r.status != 404 || r.text() == "" {
		t.Errorf("no such frame: %d %s", r.status, r.body)
	}
	if r := st.do("", "GET", "/assets/a.js", nil); r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("a frame without an origin could not load its script")
	}
}
