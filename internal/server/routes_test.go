package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast/internal/auth"
)

// TestPolicyRows: every route has a row in the policy table, and every row a
// route.
func TestPolicyRows(t *testing.T) {
	policy, err := auth.LoadPolicy()
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, rt := range routes() {
		have = append(have, rt.pattern)
	}
	slices.Sort(have)
	if diff := cmp.Diff(policy.Routes(), have); diff != "" {
		t.Errorf("routes (-policy.tsv +table):\n%s", diff)
	}
	s := &Server{policy: policy}
	if _, err := s.mux([]route{{pattern: "GET /new", serve: nothing}}); err == nil {
		t.Error("a route without a row is served")
	}
	if _, err := s.mux([]route{{pattern: "POST /api/runs", serve: nothing, sort: open}}); err == nil {
		t.Error("a route that needs a caller is served without looking for one")
	}
}

// TestRoutesBounded: no route reads a body or waits without a bound; those
// that stream set deadlines as bytes move.
func TestRoutesBounded(t *testing.T) {
	streaming := []string{"GET /storage/{store}/{name...}", "PUT /storage/{store}/{name...}", "GET /api/live", "GET /api/logs/{entity}/{project}/{run}/download",
		"GET /api/files/{entity}/{project}/{run}/zip", "POST /api/runs/export"}
	for _, rt := range routes() {
		if rt.time == 0 && !slices.Contains(streaming, rt.pattern) {
			t.Errorf("%s has no time limit", rt.pattern)
		}
		if rt.body == 0 && strings.HasPrefix(rt.pattern, "POST ") && rt.pattern != "POST /sdk/otel/v1/{signal}" {
			t.Errorf("%s has no body limit", rt.pattern)
		}
	}
}

// TestRequirements tries every route as nobody: what is not public asks to
// sign in before anything else.
func TestRequirements(t *testing.T) {
	st := newStage(t)
	for _, rt := range routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		path = strings.NewReplacer("{entity}", "red", "{project}", "secret", "{run}", "r1", "{path...}", "x", "{store}", "0", "{name...}", "x", "{signal}", "logs").Replace(path)
		need, _ := st.s.policy.Route(method, strings.TrimPrefix(rt.pattern, method+" "))
		r := st.do("nobody", method, path, nil)
		if need == auth.ByLink {
			if r.status != 404 {
				t.Errorf("%s answers without a link %d %s", rt.pattern, r.status, r.body)
			}
			continue
		}
		if asked := r.status == 401; asked != (need != auth.Public && need != auth.SignedURL) && rt.pattern != "POST /api/session" {
			t.Errorf("%s requires %s and answers nobody %d %s", rt.pattern, need, r.status, r.body)
		}
		if r := st.do("", method, path, nil, header{"Authorization": basic("local-" + strings.Repeat("1", 40))}); rt.sort == api && r.status != 401 {
			t.Errorf("%s answers a wrong key %d", rt.pattern, r.status)
		}
	}
}

func TestAddresses(t *testing.T) {
	st := newStage(t)
	for _, c := range []struct {
		method, path string
		status       int
		page         bool
	}{
		{"GET", "/", 200, true},
		{"GET", "/login", 200, true},
		{"GET", "/authorize?ref=models", 200, true},
		{"GET", "/setup?token=x", 200, true},
		{"GET", "/red/secret/runs/a.b-1%20c/logs", 200, true},
		{"GET", "/assets/a.js", 200, false},
		{"GET", "/assets/none.js", 404, false},
		{"GET", "/api/nothing", 404, false},
		{"GET", "/graphql", 404, false},
		{"GET", "/graphql2", 200, true},
		{"GET", "/storage", 404, false},
		{"GET", "/favicon.ico", 404, false},
		{"POST", "/", 404, false},
		{"PUT", "/api/session", 404, false},
		{"POST", "/sdk/otel/v1/metrics", 404, false},
		{"POST", "/sdk/otel/v1/logs", 404, false},
		{"POST", "/oidc/token", 404, false},
	} {
		r := st.do("", c.method, c.path, nil)
		if isPage := strings.Contains(r.body, "<!doctype html>"); r.status != c.status || isPage != c.page {
			t.Errorf("%s %s: %d, page %v; want %d, %v", c.method, c.path, r.status, isPage, c.status, c.page)
		}
		if r.status == 404 && (r.text() == "" || r.header.Get("Content-Type") != "application/json") {
			t.Errorf("%s %s: a 404 that is not ours: %q", c.method, c.path, r.body)
		}
	}
}

func TestHeaders(t *testing.T) {
	st := newStage(t)
	for _, path := range []string{"/", "/healthz", "/api/session", "/api/runs", "/assets/a.js", "/storage/0/x", "/nothing/at/all"} {
		r := st.do("", "GET", path, nil)
		csp := r.header.Get("Content-Security-Policy")
		if csp == "" || strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "script-src 'unsafe") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Referrer-Policy") == "" || r.header.Get("X-Request-Id") == "" || r.header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, r.header)
		}
	}
	if csp := st.do("", "GET", "/", nil).header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'self'") || strings.Contains(csp, "unsafe-inline") {
		t.Errorf("the page's CSP is %q", csp)
	}
	for sent, kept := range map[string]bool{"my-id.1": true, "bad id": false, strings.Repeat("x", 65): false} {
		if got := st.do("", "GET", "/healthz", nil, header{"X-Request-Id": sent}).header.Get("X-Request-Id"); (got == sent) != kept || got == "" {
			t.Errorf("request id %q is answered %q", sent, got)
		}
	}
}

// TestPanic: the client sees an id, the log the trace.
func TestPanic(t *testing.T) {
	st := newStage(t)
	boom := func(*Server, http.ResponseWriter, *http.Request) error { panic("the secret reason") }
	m := st.s.wrap(route{pattern: "GET /boom", serve: boom, sort: open})
	st.s.handler.(*http.ServeMux).Handle("GET /boom/{$}", m)
	r := st.do("", "GET", "/boom/", nil)
	if r.status != 500 || r.text() != "internal error" || strings.Contains(r.body, "secret") || !strings.Contains(r.body, r.header.Get("X-Request-Id")) {
		t.Errorf("a panic answers %d %s", r.status, r.body)
	}
	if !strings.Contains(st.log.String(), "the secret reason") || !strings.Contains(st.log.String(), r.header.Get("X-Request-Id")) {
		t.Error("the log does not tell of the panic")
	}
}
