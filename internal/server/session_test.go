package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/internal/meta"
)

func TestSession(t *testing.T) {
	st := newStage(t)
	if r := st.do("", "GET", "/api/session", nil); r.status != 200 || !strings.Contains(r.body, `"user":null,"setup":false,"version":"1.2.3"`) {
		t.Errorf("nobody: %d %s", r.status, r.body)
	}
	c := st.signIn("member")
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || c.Expires.IsZero() {
		t.Errorf("the cookie is %+v", c)
	}
	cookie := header{"Cookie": c.Name + "=" + c.Value}
	r := st.do("", "GET", "/api/session", nil, cookie)
	for _, want := range []string{`"name":"member-user"`, `"entity":"member-user"`, `{"name":"red","role":"member"}`, `"url":"` + st.url + `"`} {
		if !strings.Contains(r.body, want) {
			t.Errorf("signed in: %s lacks %s", r.body, want)
		}
	}
	if r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the reply may be kept: %v", r.header)
	}
	if r := st.do("", "DELETE", "/api/session", nil, cookie, header{"X-Ballast": "1"}); r.status != 204 || !strings.Contains(r.header.Get("Set-Cookie"), "1970") {
		t.Errorf("signing out: %d %v", r.status, r.header)
	}
	if r := st.do("", "POST", "/api/runs", strings.NewReader(`{"project":"red/secret"}`), cookie, header{"X-Ballast": "1"}); r.status != 401 {
		t.Errorf("a session that ended: %d %s, want 401", r.status, r.body)
	}
	if r := st.do("", "GET", "/api/session", nil, cookie); r.status != 200 || !strings.Contains(r.body, `"user":null`) {
		t.Errorf("asking with the old cookie: %d %s", r.status, r.body)
	}
}

func TestWrongPassword(t *testing.T) {
	st := newStage(t)
	st.signIn("member")
	for _, body := range []string{`{"user":"member-user","password":"hunter2"}`, `{"user":"nobody at all","password":"hunter2"}`} {
		r := st.do("", "POST", "/api/session", strings.NewReader(body), header{"X-Ballast": "1"})
		if r.status != 401 || r.text() != "the name or the password is wrong" || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	if r := st.do("", "POST", "/api/session", strings.NewReader(`{`)); r.status != 400 {
		t.Errorf("malformed: %d %s", r.status, r.body)
	}
	if r := st.do("", "POST", "/api/session", strings.NewReader(`{"user":"`+strings.Repeat("x", 70_000)+`"}`)); r.status != 413 {
		t.Errorf("too long: %d %s", r.status, r.body)
	}
	if strings.Contains(st.log.String(), password) || strings.Contains(st.log.String(), "hunter2") {
		t.Error("the log shows passwords")
	}
}

// TestForgery: a change with the session's cookie must come from our own
// pages; a key needs no such proof, since no browser adds it by itself.
func TestForgery(t *testing.T) {
	st := newStage(t)
	c := st.signIn("member")
	cookie := header{"Cookie": c.Name + "=" + c.Value}
	const body = `{"query":"{ viewer { username } }"}`
	for _, tt := range []struct {
		name    string
		method  string
		path    string
		headers []header
		status  int
	}{
		{"ours", "POST", "/graphql", []header{cookie, {"X-Ballast": "1", "Origin": st.url}}, 200},
		{"no Origin", "POST", "/graphql", []header{cookie, {"X-Ballast": "1"}}, 200},
		{"no header", "POST", "/graphql", []header{cookie, {"Origin": st.url}}, 403},
		{"foreign", "POST", "/graphql", []header{cookie, {"X-Ballast": "1", "Origin": "https://evil.example"}}, 403},
		{"null", "POST", "/graphql", []header{cookie, {"X-Ballast": "1", "Origin": "null"}}, 403},
		{"cross-site", "POST", "/graphql", []header{cookie, {"X-Ballast": "1", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}}, 403},
		{"another name of ours", "POST", "/graphql", []header{cookie, {"X-Ballast": "1", "Origin": "http://localhost:1", "Sec-Fetch-Site": "same-origin"}}, 200},
		{"sign out by a link", "DELETE", "/api/session", []header{cookie}, 403},
		{"sign in from elsewhere", "POST", "/api/session", []header{{"Origin": "https://evil.example"}}, 403},
		{"set up from elsewhere", "POST", "/api/setup", []header{{"Origin": "https://evil.example"}}, 403},
		{"key", "POST", "/graphql", []header{{"Authorization": basic(st.Keys["member"]), "Origin": "https://evil.example"}}, 200},
		{"reading", "GET", "/api/logs/red/secret/r1", []header{cookie}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := st.do("", tt.method, tt.path, strings.NewReader(body), tt.headers...); r.status != tt.status {
				t.Errorf("%d %s, want %d", r.status, r.body, tt.status)
			}
		})
	}
}

func TestSetup(t *testing.T) {
	st := newStage(t)
	if r := st.do("", "POST", "/api/setup", strings.NewReader(`{"token":"guess","name":"x","email":"x@example.com","password":"`+password+`"}`)); r.status != 403 {
		t.Errorf("a store with users: %d %s", r.status, r.body)
	}
	for role, u := range st.Users {
		if role == "admin" || role == "admin+" {
			continue
		}
		if err := st.DB.Write(t.Context(), "test", func(tx *meta.Tx) error { return tx.DeleteUser(u.ID) }); err != nil {
			t.Fatal(err)
		}
	}
	token, err := st.Auth.RescueToken(t.Context(), st.Users["admin"].ID, 1e12)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{200, 403} { // works once
		r := st.do("", "POST", "/api/setup", strings.NewReader(`{"token":"`+token+`","password":"`+password+`"}`), header{"X-Ballast": "1"})
		if r.status != want || (r.header.Get("Set-Cookie") != "") != (want == 200) {
			t.Errorf("use %d of the link: %d %s, want %d", i+1, r.status, r.body, want)
		}
	}
}

func TestSecureCookie(t *testing.T) {
	st := newStage(t, func(o *Options, _ *Deps) { o.URL = "https://ballast.example.com" })
	if c := st.signIn("admin"); !c.Secure || c.Name != "__Host-ballast" {
		t.Errorf("behind https the cookie is %+v", c)
	}
	if r := st.do("", "GET", "/healthz", nil); r.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("behind https there is no HSTS: %v", r.header)
	}
	if r := st.do("", "GET", "/api/session", nil, header{"Host": "evil.example"}); !strings.Contains(r.body, `"url":"https://ballast.example.com"`) {
		t.Errorf("the URL is not the configured one: %s", r.body)
	}
}
