package access_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// routeRecipes says how each route is tried: path and body. The run r1 of
// red/secret is what it is tried on.
var routeRecipes = map[string]struct{ path, body string }{
	"POST /sdk/otel/v1/{signal}":                        {"/sdk/otel/v1/metrics", ""},
	"OPTIONS /files/{entity}/{project}/{run}/{path...}": {"/files/red/secret/r1/f.txt", ""},
	"GET /artifactsV2/{path...}":                        {"/artifactsV2/default/red/secret/things/x/4b3a6218bb3e3a7303e8a171a60fcf92/f.txt", ""},
	"GET /artifacts/{entity}/{digest}":                  {"/artifacts/red/4b3a6218bb3e3a7303e8a171a60fcf92", ""},
	"POST /graphql":                                     {"/graphql", `{"query":"{ serverInfo { version } }"}`},
	"POST /files/{entity}/{project}/{run}/file_stream":  {"/files/red/secret/r1/file_stream", `{}`},
	"GET /files/{entity}/{project}/{run}/{path...}":     {"/files/red/secret/r1/f.txt", ""},
	"GET /api/logs/{entity}/{project}/{run}":            {"/api/logs/red/secret/r1", ""},
	"GET /api/logs/{entity}/{project}/{run}/download":   {"/api/logs/red/secret/r1/download", ""},
	"GET /api/files/{entity}/{project}/{run}/zip":       {"/api/files/red/secret/r1/zip", ""},
	"GET /api/live":                                     {"/api/live?project=red/secret", ""},
	"POST /api/panel":                                   {"/api/panel", `{"project":"red/secret","runs":["r1"],"key":"loss","x":"_step","stream":"history","buckets":10}`},
	"POST /api/keys":                                    {"/api/keys", `{"project":"red/secret","runs":["r1"]}`},
	"POST /api/runs":                                    {"/api/runs", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[],"offset":0,"limit":10}`},
	"POST /api/runs/columns":                            {"/api/runs/columns", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[]}`},
	"POST /api/runs/export":                             {"/api/runs/export", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":["state"],"format":"csv"}`},
	"POST /api/runs/groups":                             {"/api/runs/groups", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[],"by":"state"}`},
	"POST /api/runs/stats":                              {"/api/runs/stats", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[]}`},
	"POST /api/media":                                   {"/api/media", `{"project":"red/secret","runs":["r1"],"key":"pic"}`},
	"POST /api/table":                                   {"/api/table", `{"project":"red/secret","run":"r1","path":"f.txt"}`},
	"POST /api/demo":                                    {"/api/demo", `{"entity":"red"}`},
	"GET /api/invites/{entity}":                         {"/api/invites/red", ""},
	"POST /api/invites":                                 {"/api/invites", `{"team":"red","role":"viewer","days":1}`},
	"DELETE /api/invites/{entity}/{id}":                 {"/api/invites/red/0", ""},
	"POST /api/invite":                                  {"/api/invite", `{"token":"wrong"}`},
	"POST /api/invite/accept":                           {"/api/invite/accept", `{"token":"wrong"}`},
	"GET /api/teams/{entity}":                           {"/api/teams/red", ""},
	"PUT /api/teams/{entity}":                           {"/api/teams/red", `{"sharing":true}`},
	"GET /api/shares/{entity}/{project}":                {"/api/shares/red/secret", ""},
	"POST /api/shares":                                  {"/api/shares", `{"project":"red/secret","days":1}`},
	"DELETE /api/shares/{entity}/{project}/{id}":        {"/api/shares/red/secret/0", ""},
	"POST /api/shared":                                  {"/api/shared", `{}`},
	"POST /api/shared/panel":                            {"/api/shared/panel", `{"project":"red/secret","runs":["r1"],"key":"loss","buckets":10}`},
	"POST /api/shared/keys":                             {"/api/shared/keys", `{"project":"red/secret","runs":["r1"]}`},
	"POST /api/shared/runs":                             {"/api/shared/runs", `{"project":"red/secret","limit":10}`},
	"GET /frame/{name}":                                 {"/frame/page.html", ""},
	"PUT /api/home":                                     {"/api/home", `{"visit":true}`},
	"GET /api/projects/{entity}/{project}":              {"/api/projects/red/secret", ""},
	"DELETE /api/sessions/{id}":                         {"/api/sessions/0", ""},
	"PUT /api/profile":                                  {"/api/profile", `{}`},
	"GET /api/session":                                  {"/api/session", ""},
	"DELETE /api/session":                               {"/api/session", ""},
	"POST /api/session":                                 {"/api/session", `{"user":"nobody-by-that-name","password":"wrong"}`},
	"GET /debug/pprof/{name...}":                        {"/debug/pprof/goroutine", ""},
	"GET /oidc/{provider}/start":                        {"/oidc/none/start", ""},
	"GET /oidc/{provider}/callback":                     {"/oidc/none/callback", ""},
	"POST /api/setup":                                   {"/api/setup", `{"token":"wrong","name":"x","email":"x@example.com","password":"long enough for anybody"}`},
}

// walkRoutes tries every route of the policy table.
func (s *store) walkRoutes(got map[string][]string) {
	for _, row := range policyRows(s.t, "route") {
		recipe, ok := routeRecipes[row]
		method, path, _ := strings.Cut(row, " ")
		if !ok {
			if strings.Contains(path, "{") && !strings.Contains(path, "{path...}") && !strings.HasPrefix(path, "/storage/") {
				s.t.Errorf("route %q has no recipe in route_test.go", row)
				continue
			}
			recipe.path = strings.NewReplacer("{path...}", "", "{store}", "1", "{name...}", "runs/1/x", "{$}", "").Replace(path)
		}
		for _, role := range roles {
			code, text := s.do(role, method, recipe.path, recipe.body)
			if strings.Contains(text, "make ui") {
				code = 200 // the app was not built into this binary: its page says so to anybody
			}
			got["route "+row] = append(got["route "+row], routeOutcome(code))
		}
	}
}

func routeOutcome(code int) string {
	switch {
	case code == 401:
		return unsigned
	case code == 403 || code == 404:
		return no
	case code >= 500:
		return fmt.Sprint(code) // never expected: shows in the table
	}
	return yes
}

// policyRows returns the subjects of one sort in the server's policy table.
func policyRows(t *testing.T, sort string) []string {
	t.Helper()
	f, err := os.Open("../../internal/auth/policy.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if cols := strings.Split(lines.Text(), "\t"); len(cols) >= 3 && cols[0] == sort {
			rows = append(rows, cols[1])
		}
	}
	if len(rows) == 0 {
		t.Fatalf("the policy table has no %s", sort)
	}
	return rows
}
