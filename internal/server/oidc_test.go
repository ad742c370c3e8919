package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/oidc"
	"github.com/ballast-ml/ballast/internal/oidc/oidctest"
)

// provided starts a server with one provider and its issuer.
func provided(t *testing.T, r auth.Rules) (*stage, *oidctest.Issuer) {
	i := oidctest.New(t)
	st := newStage(t, func(o *Options, d *Deps) {
		d.Providers = []Provider{{Name: "corp", Label: "Corp", Rules: r, Client: oidc.New(oidc.Options{Name: "corp", Issuer: i.URL, ClientID: "ballast", Redirect: o.URL + "/oidc/corp/callback"})}}
	})
	return st, i
}

// cookies returns a header with the cookies that a reply sets.
func cookies(r reply) header {
	var all []string
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if c.Value != "" {
			all = append(all, c.Name+"="+c.Value)
		}
	}
	return header{"Cookie": strings.Join(all, "; ")}
}

// begin presses the button and signs in at the issuer.
func begin(st *stage, i *oidctest.Issuer, to string) (flow header, back string) {
	r := st.do("", "GET", "/oidc/corp/start?to="+url.QueryEscape(to), nil)
	if r.status != 302 || !strings.HasPrefix(r.header.Get("Location"), i.URL+"/auth?") {
		st.t.Fatalf("the button: %d %v", r.status, r.header)
	}
	return cookies(r), "/oidc/corp/callback?" + i.Login(st.t, r.header.Get("Location")).Encode()
}

func TestOIDC(t *testing.T) {
	st, i := provided(t, auth.Rules{Provision: true, Groups: map[string][]ballast.Grant{"ml": {{Team: "red", Role: ballast.Member}}, "boss": {{Team: "red", Role: ballast.Admin}}}})
	if r := st.do("", "GET", "/api/session", nil); !strings.Contains(r.body, `"providers":[{"name":"corp","label":"Corp"}]`) {
		t.Errorf("the sign-in page learns %s", r.body)
	}
	steps := []struct {
		groups []string
		want   string
	}{
		{[]string{"ml", "boss"}, `{"name":"red","role":"admin"}`},
		{[]string{"ml"}, `{"name":"red","role":"member"}`},
		{nil, `"teams":[]`},
	}
	for _, step := range steps {
		i.Set(func(i *oidctest.Issuer) { i.Claims["groups"] = step.groups })
		flow, back := begin(st, i, "/red/secret?view=1")
		r := st.do("", "GET", back, nil, flow)
		if r.status != 302 || r.header.Get("Location") != "/red/secret?view=1" {
			t.Fatalf("coming back: %d %v\n%s", r.status, r.header, st.log)
		}
		if me := st.do("", "GET", "/api/session", nil, cookies(r)); !strings.Contains(me.body, `"name":"kim","email":"kim@example.com","fullName":"Kim Lee"`) || !strings.Contains(me.body, step.want) {
			t.Errorf("with the groups %v: %s", step.groups, me.body)
		}
		if again := st.do("", "GET", back, nil, flow); again.header.Get("Location") != "/login?by=corp&refused=unsigned" || len(cookies(again)["Cookie"]) > 0 {
			t.Errorf("a code that was used: %v", again.header)
		}
	}
	if strings.Contains(st.log.String(), "code=") {
		t.Error("the log shows codes")
	}
}

func TestSignOutOfProvider(t *testing.T) {
	st, i := provided(t, auth.Rules{Provision: true})
	i.Set(func(i *oidctest.Issuer) { i.End = i.URL + "/end" })
	flow, back := begin(st, i, "/")
	in := cookies(st.do("", "GET", back, nil, flow))
	r := st.do("", "DELETE", "/api/session", nil, in, header{"X-Ballast": "1"})
	if r.status != 200 || !strings.Contains(r.body, i.URL+"/end?client_id=ballast") {
		t.Errorf("signing out: %d %s", r.status, r.body)
	}
	if me := st.do("", "GET", "/api/session", nil, in); !strings.Contains(me.body, `"user":null`) {
		t.Errorf("still signed in: %s", me.body)
	}
}

func TestRefusedSignIns(t *testing.T) {
	st, i := provided(t, auth.Rules{})
	refused := func(name, kind string, change func(flow header, back string) (header, string)) {
		t.Helper()
		flow, back := begin(st, i, "/")
		flow, back = change(flow, back)
		r := st.do("", "GET", back, nil, flow)
		want := "/login?" + url.Values{"by": {"corp"}, "refused": {kind}}.Encode()
		if r.status != 302 || r.header.Get("Location") != want || len(cookies(r)["Cookie"]) > 0 {
			t.Errorf("%s: %d %v", name, r.status, r.header)
		}
	}
	same := func(flow header, back string) (header, string) { return flow, back }
	refused("another state", "unsigned", func(flow header, back string) (header, string) {
		return flow, strings.Replace(back, "state=", "state=x", 1)
	})
	refused("another browser", "unsigned", func(_ header, back string) (header, string) { return header{}, back })
	refused("a cookie that was changed", "unsigned", func(flow header, back string) (header, string) {
		return header{"Cookie": strings.Replace(flow["Cookie"], "=ey", "=ez", 1)}, back
	})
	refused("no account", "not found", same)
	u := st.Users["member"]
	i.Set(func(i *oidctest.Issuer) { i.Claims["email"] = u.Email })
	refused("an address of another account", "conflict", same)
	st.signIn("member") // a password does without the provider
}

func TestProviderDown(t *testing.T) {
	st, i := provided(t, auth.Rules{})
	i.Set(func(i *oidctest.Issuer) { i.Down = true })
	if r := st.do("", "GET", "/oidc/corp/start", nil); r.status != 302 || r.header.Get("Location") != "/login?by=corp&refused=unavailable" {
		t.Errorf("the provider is down: %d %v", r.status, r.header)
	}
	if r := st.do("", "GET", "/oidc/none/start", nil); r.status != 404 {
		t.Errorf("no such provider: %d", r.status)
	}
	st.signIn("member") // a password does without the provider
}

func TestLinkByEmail(t *testing.T) {
	for _, verified := range []bool{false, true} {
		st, i := provided(t, auth.Rules{LinkByEmail: true})
		u := st.Users["member"]
		i.Set(func(i *oidctest.Issuer) { i.Claims["email"], i.Claims["email_verified"] = u.Email, verified })
		flow, back := begin(st, i, "/")
		r := st.do("", "GET", back, nil, flow)
		if me := st.do("", "GET", "/api/session", nil, cookies(r)); strings.Contains(me.body, u.Name) != verified {
			t.Errorf("verified %v: %s", verified, me.body)
		}
		if !verified {
			continue
		}
		if err := st.DB.Write(t.Context(), "test", func(tx *meta.Tx) error { return tx.SetUserDisabled(u.ID, true) }); err != nil {
			t.Fatal(err)
		}
		flow, back = begin(st, i, "/")
		if r := st.do("", "GET", back, nil, flow); !strings.HasSuffix(r.header.Get("Location"), "refused=unsigned") {
			t.Errorf("a disabled account: %v", r.header)
		}
	}
}

func TestOwnPath(t *testing.T) {
	for _, to := range []string{"", "https://evil.example.com", "//evil.example.com", `/\evil.example.com`, "/\t/evil.example.com", "javascript:alert(1)", "red", "/%zz"} {
		if got := ownPath(to); got != "/home" {
			t.Errorf("%q leads to %q", to, got)
		}
	}
	for _, to := range []string{"/", "/red/secret?a=b#c", "/home"} {
		if got := ownPath(to); got != to {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}
