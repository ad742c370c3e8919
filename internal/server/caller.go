package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
)

// caller finds out who sent a request: by its Authorization header, else by
// the session's cookie. Without either it is nobody, and the policy decides.
func (s *Server) caller(ctx context.Context, r *http.Request) (*auth.Caller, error) {
	admin := strings.EqualFold(r.Header.Get("Use-Admin-Privileges"), "true")
	c := &auth.Caller{}
	var err error
	if header := r.Header.Get("Authorization"); header != "" {
		c, err = s.Auth.ByAuthorization(ctx, header, admin)
	} else if cookie, none := r.Cookie(s.cookieName()); none == nil && cookie.Value != "" {
		c, err = s.Auth.BySession(ctx, cookie.Value, admin)
		if ballast.Is(err, ballast.Unsigned) && forgetful(r) {
			return &auth.Caller{}, nil // an ended session signs in again
		}
	}
	if err != nil {
		return nil, err
	}
	if c.User.Service {
		return s.Auth.OnBehalf(ctx, c, r.Header.Get("X-Wandb-Username"), r.Header.Get("X-Wandb-User-Email"))
	}
	return c, nil
}

// forgetful reports whether a request is about the session itself.
func forgetful(r *http.Request) bool {
	return r.URL.Path == "/api/session" || strings.HasPrefix(r.URL.Path, "/api/invite/") || r.URL.Path == "/api/setup"
}

// who names a caller for the limit of requests: a key, a person, or an
// address.
func who(c *auth.Caller, r *http.Request) string {
	switch {
	case c != nil && c.Key != nil:
		return "key\x00" + itoa(c.Key.ID)
	case c.Signed():
		return "user\x00" + itoa(c.User.ID)
	}
	return "address\x00" + remote(r)
}

// checkOrigin refuses a change that another site makes a browser send along
// with our cookie: the header cannot be set across origins without a preflight
// that we never grant, and the Origin must be ours (docs/design/031). A sign-in
// has no cookie yet, but must not be another site's either.
func (s *Server) checkOrigin(c *auth.Caller, r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Header.Get("Authorization") != "" {
		return nil
	}
	if c.Session == nil && !forgetful(r) {
		return nil // nobody: there is nothing to ride on
	}
	if c.Session != nil && r.Header.Get("X-Ballast") == "" {
		return ballast.Errorf(ballast.Denied, "a change with the session's cookie needs the header X-Ballast: 1")
	}
	origin := r.Header.Get("Origin")
	if origin == "" || strings.EqualFold(origin, s.url.Scheme+"://"+s.url.Host) {
		return nil
	}
	// The app may be open under another name of the same server, localhost for
	// 127.0.0.1. Only the browser itself can say so: scripts cannot set this.
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return nil
	}
	return ballast.Errorf(ballast.Denied, "the request comes from the origin %.200s; this server is at %s", origin, s.url.String())
}

// may asks whether the context's caller may act on an entity's object.
func (s *Server) may(ctx context.Context, action auth.Action, owner ballast.Entity) error {
	return s.Auth.May(ctx, auth.From(ctx), action, auth.Object{Entity: owner})
}
