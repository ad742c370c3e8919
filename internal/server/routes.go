package server

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph"
)

// routes is the route table. Each row needs one in the policy table of room
// auth, under the same pattern; a route without one refuses to start.
func routes() []route {
	const second = time.Second
	return []route{
		// What the SDK calls (PROTOCOL section 0.3).
		{pattern: "POST /graphql", serve: graphQL, body: graph.MaxBody, time: 60 * second},
		{pattern: "POST /files/{entity}/{project}/{run}/file_stream", serve: fileStream, body: defaultStreamBytes, time: 170 * second, quiet: true},
		{pattern: "GET /files/{entity}/{project}/{run}/{path...}", serve: runFile, time: 30 * second},
		{pattern: "OPTIONS /files/{entity}/{project}/{run}/{path...}", serve: preflight, time: 10 * second, sort: content},
		{pattern: "GET /artifactsV2/{path...}", serve: artifactV2, time: 30 * second},
		{pattern: "GET /artifacts/{entity}/{digest}", serve: artifactV1, time: 30 * second},
		{pattern: "POST /sdk/otel/v1/{signal}", serve: notTelemetry, time: 10 * second, sort: open, quiet: true},

		// Bytes on a disk of ours, by signed link.
		{pattern: "GET /storage/{store}/{name...}", serve: getObject, sort: content},
		{pattern: "PUT /storage/{store}/{name...}", serve: putObject, sort: content},
		{pattern: "OPTIONS /storage/{store}/{name...}", serve: preflight, time: 10 * second, sort: content},

		// What the web app calls.
		{pattern: "GET /api/session", serve: getSession, time: 10 * second},
		{pattern: "POST /api/session", serve: signIn, body: 64 << 10, time: 30 * second},
		{pattern: "DELETE /api/session", serve: signOut, time: 10 * second},
		{pattern: "GET /oidc/{provider}/start", serve: startOIDC, time: 30 * second, sort: open},
		{pattern: "GET /oidc/{provider}/callback", serve: finishOIDC, time: 60 * second, sort: open},
		{pattern: "POST /api/setup", serve: setUp, body: 64 << 10, time: 30 * second},
		{pattern: "GET /api/home", serve: home, time: 30 * second, quiet: true},
		{pattern: "PUT /api/home", serve: putHome, body: 64 << 10, time: 10 * second},
		{pattern: "GET /api/projects/{entity}/{project}", serve: projectTotals, time: 30 * second},
		{pattern: "GET /api/sessions", serve: listSessions, time: 10 * second},
		{pattern: "DELETE /api/sessions", serve: endOtherSessions, time: 10 * second},
		{pattern: "DELETE /api/sessions/{id}", serve: endSession, time: 10 * second},
		{pattern: "PUT /api/profile", serve: putProfile, body: 64 << 10, time: 30 * second},
		{pattern: "POST /api/panel", serve: panel, body: 1 << 20, time: 60 * second, quiet: true},
		{pattern: "POST /api/keys", serve: catalogue, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/runs", serve: runTable, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/runs/stats", serve: runStats, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/runs/groups", serve: runGroups, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/runs/columns", serve: runColumns, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/runs/export", serve: exportRuns, body: 1 << 20},
		{pattern: "POST /api/media", serve: media, body: 1 << 20, time: 30 * second, quiet: true},
		{pattern: "POST /api/table", serve: mediaTable, body: 1 << 20, time: 60 * second, quiet: true},
		{pattern: "GET /api/logs/{entity}/{project}/{run}", serve: logs, time: 30 * second, quiet: true},
		{pattern: "GET /api/logs/{entity}/{project}/{run}/download", serve: downloadLogs},
		{pattern: "POST /api/demo", serve: makeDemo, body: 64 << 10, time: 120 * second},
		{pattern: "GET /api/invites/{entity}", serve: listInvites, time: 10 * second},
		{pattern: "POST /api/invites", serve: createInvite, body: 64 << 10, time: 10 * second},
		{pattern: "DELETE /api/invites/{entity}/{id}", serve: deleteInvite, time: 10 * second},
		{pattern: "POST /api/invite", serve: seeInvite, body: 64 << 10, time: 10 * second},
		{pattern: "POST /api/invite/accept", serve: acceptInvite, body: 64 << 10, time: 30 * second},
		{pattern: "GET /api/teams/{entity}", serve: getTeam, time: 10 * second},
		{pattern: "PUT /api/teams/{entity}", serve: putTeam, body: 64 << 10, time: 10 * second},
		{pattern: "GET /api/shares/{entity}/{project}", serve: listShares, time: 10 * second},
		{pattern: "POST /api/shares", serve: createShare, body: 64 << 10, time: 10 * second},
		{pattern: "DELETE /api/shares/{entity}/{project}/{id}", serve: deleteShare, time: 10 * second},
		{pattern: "GET /api/files/{entity}/{project}/{run}/zip", serve: zipFiles},
		{pattern: "GET /api/system", serve: getSystem, time: 10 * second},
		{pattern: "PUT /api/system", serve: putSystem, body: 64 << 10, time: 30 * second},
		{pattern: "POST /api/system/test", serve: testSystem, body: 64 << 10, time: 60 * second},
		{pattern: "GET /api/live", serve: follow, quiet: true},

		// What a public link opens, by its token: no key and no cookie counts here.
		{pattern: "POST /api/shared", serve: shared, body: 64 << 10, time: 30 * second, sort: open, quiet: true},
		{pattern: "POST /api/shared/panel", serve: sharedPanel, body: 1 << 20, time: 60 * second, sort: open, quiet: true},
		{pattern: "POST /api/shared/keys", serve: sharedKeys, body: 1 << 20, time: 30 * second, sort: open, quiet: true},
		{pattern: "POST /api/shared/runs", serve: sharedTable, body: 1 << 20, time: 30 * second, sort: open, quiet: true},

		// What operators call.
		{pattern: "GET /healthz", serve: healthz, time: 5 * second, sort: open, quiet: true},
		{pattern: "GET /ready", serve: isReady, time: 5 * second, sort: open, quiet: true},
		{pattern: "GET /metrics", serve: metricsPage, time: 30 * second, sort: open, quiet: true},
		{pattern: "GET /debug/pprof/{name...}", serve: serveProfile, time: 2 * time.Minute},

		// Pages that run what people uploaded or wrote, in frames without an origin.
		{pattern: "GET /frame/{name}", serve: frame, time: 60 * second, sort: framed, quiet: true},

		// The page of the settings tries buckets that the other pages may not reach.
		{pattern: "GET /system-admin", serve: app, time: 60 * second, sort: tests, quiet: true},

		// Every other address is a page of the web app.
		{pattern: "GET /{path...}", serve: app, time: 60 * second, sort: page, quiet: true},
	}
}

// mux builds the handler of the table.
func (s *Server) mux(table []route) (http.Handler, error) {
	m := http.NewServeMux()
	for _, rt := range table {
		method, pattern, _ := strings.Cut(rt.pattern, " ")
		need, ok := s.policy.Route(method, pattern)
		if !ok {
			return nil, fmt.Errorf("route %q has no row in the policy table (internal/auth/policy.tsv)", rt.pattern)
		}
		if rt.sort != api && need != auth.Public && need != auth.SignedURL && need != auth.ByLink {
			return nil, fmt.Errorf("route %q looks for no caller, but the policy table requires %s", rt.pattern, need)
		}
		rt.need = need
		if rt.pattern == streamPattern {
			rt.body = s.opt.StreamBytes
		}
		m.Handle(rt.pattern, s.wrap(rt))
	}
	m.Handle("/", s.wrap(route{pattern: "/", serve: nothing, time: 10 * time.Second, sort: open, quiet: true}))
	return m, nil
}

// forMachines reports whether no page of the app lives under a first segment,
// so that a wrong address there is 404 and never a page.
func forMachines(first string) bool {
	switch first {
	case "graphql", "api", "files", "storage", "artifacts", "artifactsV2", "oidc", "sdk", "scim", "static", "assets",
		"frame", "healthz", "ready", "metrics", "debug", "service_redirect", "analytics", "proxy", "favicon.ico", "robots.txt":
		return true
	}
	return false
}

// nothing answers what no route takes.
func nothing(_ *Server, _ http.ResponseWriter, r *http.Request) error {
	return ballast.Errorf(ballast.NotFound, "there is nothing at %s %.200s", r.Method, r.URL.Path)
}

// app serves the web app's files and, for a page's address, the app itself.
func app(s *Server, w http.ResponseWriter, r *http.Request) error {
	if s.UI.File(w, r) {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if forMachines(first) {
		return nothing(s, w, r)
	}
	s.UI.Page(w, r)
	return nil
}
