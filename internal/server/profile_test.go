package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const another = "another long password"

// TestSessions: one's sessions, ending one, ending all others; nobody else's.
func TestSessions(t *testing.T) {
	st := newStage(t)
	theirs := st.signIn("viewer")
	phone, laptop := st.signIn("member"), st.signIn("member")
	cookie := func(c *http.Cookie) header { return header{"Cookie": c.Name + "=" + c.Value, "X-Ballast": "1"} }
	lives := func(c *http.Cookie) bool {
		return strings.Contains(st.do("", "GET", "/api/session", nil, cookie(c)).body, `"user":{`)
	}
	sessions := func(c *http.Cookie) []shownSession {
		st.t.Helper()
		r := st.do("", "GET", "/api/sessions", nil, cookie(c))
		return decode[[]shownSession](t, r)
	}
	mine := sessions(laptop)
	if len(mine) != 2 || !mine[0].This || mine[1].This || mine[0].Agent == "" {
		t.Fatalf("the sessions are %+v", mine)
	}
	other := sessions(theirs)[0]
	if r := st.do("", "DELETE", fmt.Sprintf("/api/sessions/%d", other.ID), nil, cookie(laptop)); r.status != 204 || !lives(theirs) {
		t.Errorf("somebody else's: %d, alive %v", r.status, lives(theirs))
	}
	if r := st.do("", "DELETE", fmt.Sprintf("/api/sessions/%d", mine[1].ID), nil, cookie(laptop)); r.status != 204 || lives(phone) || !lives(laptop) {
		t.Errorf("ending one: %d, phone alive %v, laptop alive %v", r.status, lives(phone), lives(laptop))
	}
	phone = st.signIn("member")
	if r := st.do("", "DELETE", "/api/sessions", nil, cookie(phone)); r.status != 204 || lives(laptop) || !lives(phone) || !lives(theirs) {
		t.Errorf("ending the others: %d, laptop alive %v, phone alive %v", r.status, lives(laptop), lives(phone))
	}
}

// TestProfile: a new name; a new password for who knows the old one, which
// ends the other sessions.
func TestProfile(t *testing.T) {
	st := newStage(t)
	phone, laptop := st.signIn("member"), st.signIn("member")
	cookie := func(c *http.Cookie) header { return header{"Cookie": c.Name + "=" + c.Value, "X-Ballast": "1"} }
	put := func(body string) reply {
		return st.do("", "PUT", "/api/profile", strings.NewReader(body), cookie(laptop))
	}
	if r := put(`{"fullName":"Mem Ber"}`); r.status != 204 {
		t.Errorf("a name: %d %s", r.status, r.body)
	}
	if r := st.do("", "GET", "/api/session", nil, cookie(laptop)); !strings.Contains(r.body, `"fullName":"Mem Ber"`) {
		t.Errorf("after it: %s", r.body)
	}
	for _, bad := range []struct {
		body string
		want int
	}{
		{`{"fullName":"` + strings.Repeat("x", 300) + `"}`, 400},
		{`{"password":"` + another + `","old":"hunter2"}`, 403},
		{`{"password":"` + another + `"}`, 403},
		{`{"password":"short","old":"` + password + `"}`, 400},
	} {
		if r := put(bad.body); r.status != bad.want {
			t.Errorf("%.60s: %d %s, want %d", bad.body, r.status, r.body, bad.want)
		}
	}
	if r := put(`{"password":"` + another + `","old":"` + password + `"}`); r.status != 204 {
		t.Fatalf("a password: %d %s", r.status, r.body)
	}
	if r := st.do("", "GET", "/api/session", nil, cookie(phone)); !strings.Contains(r.body, `"user":null`) {
		t.Errorf("the other session: %s", r.body)
	}
	if r := st.do("", "GET", "/api/session", nil, cookie(laptop)); strings.Contains(r.body, `"user":null`) {
		t.Errorf("this session: %s", r.body)
	}
	for text, want := range map[string]int{password: 401, another: 200} {
		if r := st.do("", "POST", "/api/session", strings.NewReader(`{"user":"member-user","password":"`+text+`"}`), header{"X-Ballast": "1"}); r.status != want {
			t.Errorf("signing in: %d, want %d", r.status, want)
		}
	}
	if strings.Contains(st.log.String(), another) {
		t.Error("the log shows a password")
	}
}

// TestFrameAncestors: only the origins that a setting names, beside our own,
// may show the screens in a frame; on https the cookie goes along then.
func TestFrameAncestors(t *testing.T) {
	for _, tt := range []struct {
		frames []string
		csp    string
		site   http.SameSite
	}{
		{nil, "frame-ancestors 'self'", http.SameSiteLaxMode},
		{[]string{"http://localhost:8888", "https://*.example.com"}, "frame-ancestors 'self' http://localhost:8888 https://*.example.com", http.SameSiteNoneMode},
	} {
		st := newStage(t, func(o *Options, _ *Deps) { o.Frames = tt.frames })
		if csp := st.do("", "GET", "/red/secret", nil).header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, tt.csp) {
			t.Errorf("%v: the policy is %s", tt.frames, csp)
		}
		if csp := st.do("", "GET", "/api/session", nil).header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%v: the policy of data is %s", tt.frames, csp)
		}
		if c := st.signIn("member"); c.SameSite != http.SameSiteLaxMode {
			t.Errorf("%v: without https the cookie is %v", tt.frames, c.SameSite)
		}
		secure := newStage(t, func(o *Options, _ *Deps) { o.Frames, o.URL = tt.frames, "https://ballast.example.com" })
		if c := secure.signIn("member"); c.SameSite != tt.site || !c.Secure {
			t.Errorf("%v: with https the cookie is %v, secure %v", tt.frames, c.SameSite, c.Secure)
		}
	}
}
