package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/oidc"
)

// Provider is an identity provider that people sign in with.
type Provider struct {
	Name, Label string
	Client      *oidc.Provider
	Rules       auth.Rules
}

// shownProvider is a button of the sign-in page.
type shownProvider struct {
	Name  string `json:"name"`
	Label string `json:"label"`
}

func (s *Server) shownProviders() []shownProvider {
	out := []shownProvider{}
	for _, p := range s.Providers {
		out = append(out, shownProvider{p.Name, p.Label})
	}
	return out
}

func (s *Server) provider(name string) (Provider, error) {
	i := slices.IndexFunc(s.Providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, ballast.Errorf(ballast.NotFound, "there is no sign-in provider %.40q", name)
	}
	return s.Providers[i], nil
}

// startOIDC sends the browser to the provider.
func startOIDC(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	f, cookie, err := s.Auth.NewFlow(p.Name, ownPath(r.URL.Query().Get("to")))
	if err != nil {
		return err
	}
	to, err := p.Client.Start(r.Context(), oidc.Flow{State: f.State, Nonce: f.Nonce, Verifier: f.Verifier})
	if err != nil {
		return s.refuseSignIn(w, r, err)
	}
	s.setFlow(w, cookie, f.Expires)
	return sendTo(w, to)
}

// finishOIDC begins the session of a person whom the provider sent back.
func finishOIDC(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	cookie := ""
	if c, err := r.Cookie(s.flowCookie()); err == nil {
		cookie = c.Value
	}
	f, err := s.Auth.OpenFlow(cookie, p.Name, r.URL.Query().Get("state"))
	if err != nil {
		return s.refuseSignIn(w, r, err)
	}
	s.setFlow(w, "", time.Unix(1, 0)) // it counts once
	who, err := p.Client.Finish(r.Context(), oidc.Flow{State: f.State, Nonce: f.Nonce, Verifier: f.Verifier}, r.URL.Query())
	if err != nil {
		return s.refuseSignIn(w, r, err)
	}
	signed, err := s.Auth.SignInAs(r.Context(), who, p.Rules, r.UserAgent())
	if err != nil {
		return s.refuseSignIn(w, r, err)
	}
	s.setCookie(w, signed.Cookie, signed.Session.Expires)
	s.noteProvider(w, p.Name, signed.Session.Expires)
	return sendTo(w, f.Next)
}

// refuseSignIn sends the browser to the sign-in page, which has words for each
// kind of error; what exactly was wrong is in the log.
func (s *Server) refuseSignIn(w http.ResponseWriter, r *http.Request, err error) error {
	kind := ballast.KindOf(err)
	s.log.LogAttrs(r.Context(), slog.LevelWarn, "nobody was signed in", slog.String("request", w.Header().Get("X-Request-Id")),
		slog.String("provider", r.PathValue("provider")), slog.String("error", err.Error()))
	q := url.Values{"refused": {kind.String()}, "by": {r.PathValue("provider")}}
	return sendTo(w, "/login?"+q.Encode())
}

func sendTo(w http.ResponseWriter, to string) error {
	h := w.Header()
	h["Cache-Control"] = noStore
	h.Set("Referrer-Policy", "no-referrer") // the address has a code
	h.Set("Location", to)
	w.WriteHeader(http.StatusFound)
	return nil
}

// ownPath returns a path of this server, /home for anything that a browser
// could take for another host.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsAny(to, "\\\t\r\n") || len(to) > 2000 {
		return "/home"
	}
	return to
}

// flowCookie holds a sign-in under way. It must come along when the provider
// sends the browser back, which is a step from another site: Lax.
func (s *Server) flowCookie() string { return s.cookieName() + "-oidc" }

func (s *Server) setFlow(w http.ResponseWriter, value string, expires time.Time) {
	s.ownCookie(w, s.flowCookie(), value, expires)
}

// noteProvider remembers with the session which provider vouched for it, so
// that signing out can end the session there as well.
func (s *Server) noteProvider(w http.ResponseWriter, name string, expires time.Time) {
	s.ownCookie(w, s.cookieName()+"-by", name, expires)
}

// leaveProvider returns the address that ends the session at the provider it
// came from, "" when there is none.
func (s *Server) leaveProvider(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(s.cookieName() + "-by")
	if err != nil {
		return ""
	}
	s.noteProvider(w, "", time.Unix(1, 0))
	p, err := s.provider(c.Value)
	if err != nil {
		return ""
	}
	return p.Client.SignOut(r.Context(), s.url.String()+"/login")
}

func (s *Server) ownCookie(w http.ResponseWriter, name, value string, expires time.Time) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Expires: expires, HttpOnly: true, Secure: s.url.Scheme == "https", SameSite: http.SameSiteLaxMode})
}
