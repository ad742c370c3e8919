package oidc_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/oidc"
	"github.com/ballast-ml/ballast/internal/oidc/oidctest"
)

var flow = oidc.Flow{State: "state", Nonce: "nonce", Verifier: strings.Repeat("v", 43)}

func open(i *oidctest.Issuer) *oidc.Provider {
	return oidc.New(oidc.Options{Name: "corp", Issuer: i.URL, ClientID: "ballast", ClientSecret: "not-a-secret", Redirect: "http://localhost/oidc/corp/callback", Scopes: []string{"groups"}})
}

// come sends a person to the provider and back.
func come(t *testing.T, i *oidctest.Issuer, p *oidc.Provider) url.Values {
	t.Helper()
	to, err := p.Start(t.Context(), flow)
	if err != nil {
		t.Fatal(err)
	}
	return i.Login(t, to)
}

func TestFinish(t *testing.T) {
	i := oidctest.New(t)
	i.Claims["groups"] = []string{"a", "b"}
	p := open(i)
	got, err := p.Finish(t.Context(), flow, come(t, i, p))
	want := ballast.Identity{Issuer: i.URL, Subject: "s1", Email: "kim@example.com", EmailVerified: true, Name: "kim", FullName: "Kim Lee", Groups: []string{"a", "b"}, GroupsSaid: true}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	i.Rotate(t, "second")
	if _, err := p.Finish(t.Context(), flow, come(t, i, p)); err != nil {
		t.Errorf("after the provider's keys changed: %v", err)
	}
}

func TestGroupsClaim(t *testing.T) {
	i := oidctest.New(t)
	p := open(i)
	tests := []struct {
		name  string
		claim any // nil: absent
		want  []string
		said  bool
	}{
		{"absent", nil, nil, false},
		{"neither a list nor a name", map[string]any{"src1": "elsewhere"}, nil, false},
		{"a list of something else", []any{"a", 1}, nil, false},
		{"null", []string(nil), nil, true},
		{"empty", []string{}, []string{}, true},
		{"an empty name", "", nil, true},
		{"one name", "a", []string{"a"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i.Set(func(i *oidctest.Issuer) { i.Claims["groups"] = tt.claim })
			got, err := p.Finish(t.Context(), flow, come(t, i, p))
			if err != nil || !slices.Equal(got.Groups, tt.want) || got.GroupsSaid != tt.said {
				t.Errorf("%v said %v, %v; want %v, %v", got.Groups, got.GroupsSaid, err, tt.want, tt.said)
			}
		})
	}
}

// TestHangs: one request that the provider does not answer is waited for by all
// at once, and who stops waiting does not end it for others.
func TestHangs(t *testing.T) {
	const patience, callers = time.Second, 8
	asked, release := make(chan struct{}, 100), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-release }))
	t.Cleanup(func() { close(release); s.Close() })
	p := oidc.New(oidc.Options{Name: "corp", Issuer: s.URL, ClientID: "ballast", Redirect: "http://localhost/oidc/corp/callback"})
	p.Patience(time.Minute)

	first, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { _, err := p.Start(first, flow); left <- err }()
	<-asked
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	if _, err := p.Start(gone, flow); !ballast.Is(err, ballast.Unavailable) || time.Since(begun) > 30*time.Second {
		t.Errorf("whose browser went away: %v after %v", err, time.Since(begun))
	}
	leave()
	if err := <-left; !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("who asked first and went away: %v", err)
	}

	p = oidc.New(oidc.Options{Name: "corp", Issuer: s.URL, ClientID: "ballast", Redirect: "http://localhost/oidc/corp/callback"})
	p.Patience(patience)
	begun = time.Now()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := p.Start(t.Context(), flow); !ballast.Is(err, ballast.Unavailable) {
				t.Errorf("a provider that hangs: %v", err)
			}
		})
	}
	wg.Wait()
	if took := time.Since(begun); took > callers*patience/2 {
		t.Errorf("%d sign-ins took %v at a patience of %v: they queue", callers, took, patience)
	}
}

// TestLeaves: who asked first goes away, and the others get the answer.
func TestLeaves(t *testing.T) {
	asked, release := make(chan struct{}, 100), make(chan struct{})
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-release
		fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":"%[1]s/auth","token_endpoint":"%[1]s/token","jwks_uri":"%[1]s/keys"}`, s.URL)
	}))
	t.Cleanup(s.Close)
	p := oidc.New(oidc.Options{Name: "corp", Issuer: s.URL, ClientID: "ballast", Redirect: "http://localhost/oidc/corp/callback"})
	first, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { _, err := p.Start(first, flow); left <- err }()
	<-asked
	leave()
	if err := <-left; !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("who went away: %v", err)
	}
	close(release)
	if _, err := p.Start(t.Context(), flow); err != nil {
		t.Errorf("who stays: %v", err)
	}
	if n := len(asked); n > 0 {
		t.Errorf("%d more requests to the provider: the first was ended by who left", n)
	}
}

// alg writes a token anew with another algorithm and signature.
func alg(header string, signature string) func(string) string {
	return func(token string) string {
		parts := strings.Split(token, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "." + signature
	}
}

func TestAttacks(t *testing.T) {
	i := oidctest.New(t)
	p := open(i)
	claim := func(k string, v any) func(*oidctest.Issuer) {
		return func(i *oidctest.Issuer) { i.Claims[k] = v }
	}
	token := func(bend func(string) string) func(*oidctest.Issuer) {
		return func(i *oidctest.Issuer) { i.Token = bend }
	}
	tests := []struct {
		name  string
		bend  func(*oidctest.Issuer)
		back  func(url.Values)
		other func(*oidc.Flow)
		want  ballast.Kind
	}{
		{name: "nonce of another", bend: claim("nonce", "x"), want: ballast.Unsigned},
		{name: "no nonce", bend: claim("nonce", nil), want: ballast.Unsigned},
		{name: "issuer of another", bend: claim("iss", "https://evil.example.com"), want: ballast.Unsigned},
		{name: "audience of another", bend: claim("aud", "other"), want: ballast.Unsigned},
		{name: "several audiences, no party", bend: claim("aud", []string{"ballast", "other"}), want: ballast.Unsigned},
		{name: "party of another", bend: claim("azp", "other"), want: ballast.Unsigned},
		{name: "expired", bend: claim("exp", time.Now().Add(-time.Hour).Unix()), want: ballast.Unsigned},
		{name: "no subject", bend: claim("sub", ""), want: ballast.Unsigned},
		{name: "alg none", bend: token(alg(`{"alg":"none"}`, "")), want: ballast.Unsigned},
		{name: "alg HS256", bend: token(alg(`{"alg":"HS256","kid":"first"}`, "AAAA")), want: ballast.Unsigned},
		{name: "claims changed", bend: token(func(s string) string {
			parts := strings.Split(s, ".")
			return parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA" + "." + parts[2]
		}), want: ballast.Unsigned},
		{name: "no token", bend: token(func(string) string { return "" }), want: ballast.Unsigned},
		{name: "mixed up with another issuer", back: func(v url.Values) { v.Set("iss", "https://evil.example.com") }, want: ballast.Unsigned},
		{name: "code of nobody", back: func(v url.Values) { v.Set("code", "x") }, want: ballast.Unsigned},
		{name: "verifier of another", other: func(f *oidc.Flow) { f.Verifier = strings.Repeat("w", 43) }, want: ballast.Unsigned},
		{name: "person refused", back: func(v url.Values) { v.Set("error", "access_denied") }, want: ballast.Denied},
		{name: "provider's fault", back: func(v url.Values) { v.Set("error", "server_error") }, want: ballast.Unavailable},
		{name: "down at the exchange", bend: func(i *oidctest.Issuer) { i.Down = true }, want: ballast.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			query, f := come(t, i, p), flow
			if tt.back != nil {
				tt.back(query)
			}
			if tt.other != nil {
				tt.other(&f)
			}
			if tt.bend != nil {
				i.Set(tt.bend)
			}
			got, err := p.Finish(t.Context(), f, query)
			i.Set(func(i *oidctest.Issuer) { i.Claims, i.Token, i.Down = map[string]any{}, nil, false })
			if ballast.KindOf(err) != tt.want || got.Subject != "" {
				t.Errorf("%+v, %v; want %s", got, err, tt.want)
			}
		})
	}
	query := come(t, i, p)
	if _, err := p.Finish(t.Context(), flow, query); err != nil {
		t.Fatalf("nothing bent: %v", err)
	}
	if _, err := p.Finish(t.Context(), flow, query); !ballast.Is(err, ballast.Unsigned) {
		t.Errorf("a code that was used: %v", err)
	}
}

func TestDown(t *testing.T) {
	i := oidctest.New(t)
	i.Set(func(i *oidctest.Issuer) { i.Down = true })
	p := open(i)
	if _, err := p.Start(t.Context(), flow); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("down at the start: %v", err)
	}
	if to := p.SignOut(t.Context(), "http://localhost/login"); to != "" {
		t.Errorf("signing out leads to %s", to)
	}
	i.Set(func(i *oidctest.Issuer) { i.Down, i.End = false, i.URL+"/end" })
	if _, err := p.Start(t.Context(), flow); err != nil {
		t.Errorf("back again: %v", err)
	}
	if to := p.SignOut(t.Context(), "http://localhost/login"); !strings.HasPrefix(to, i.URL+"/end?client_id=ballast&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Flogin") {
		t.Errorf("signing out leads to %q", to)
	}
}
