package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// sessionReply says who is signed in, and what the app needs before anybody is.
type sessionReply struct {
	User    *sessionUser `json:"user"`
	Setup   bool         `json:"setup"` // nobody has an account yet
	Version string       `json:"version"`
	URL     string       `json:"url"`
	// Providers are the identity providers to sign in with, by name and label.
	Providers []shownProvider `json:"providers"`
}

type sessionUser struct {
	Name     string        `json:"name"`
	Email    string        `json:"email"`
	FullName string        `json:"fullName"`
	Admin    bool          `json:"admin"`
	Entity   string        `json:"entity"`
	Teams    []sessionTeam `json:"teams"`
}

type sessionTeam struct {
	Name string       `json:"name"`
	Role ballast.Role `json:"role"`
}

func getSession(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.tellSession(r.Context(), w, auth.From(r.Context()).User)
}

func (s *Server) tellSession(ctx context.Context, w http.ResponseWriter, u ballast.User) error {
	out := sessionReply{Version: s.opt.Version, URL: s.url.String(), Providers: s.shownProviders()}
	var err error
	if out.Setup, err = s.Auth.NeedsSetup(ctx); err != nil {
		return err
	}
	if u.ID != 0 {
		if out.User, err = s.describeUser(ctx, u); err != nil {
			return err
		}
	}
	return answer(w, out)
}

func (s *Server) describeUser(ctx context.Context, u ballast.User) (*sessionUser, error) {
	out := &sessionUser{Name: u.Name, Email: u.Email, FullName: u.FullName, Admin: u.Admin, Entity: u.Name, Teams: []sessionTeam{}}
	err := s.DB.Read(ctx, func(tx *meta.Tx) error {
		teams, err := tx.TeamsOf(u.ID)
		for _, m := range teams {
			out.Teams = append(out.Teams, sessionTeam{m.Entity.Name, m.Role})
		}
		return err
	})
	return out, err
}

func signIn(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ User, Password string }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	signed, err := s.Auth.SignIn(r.Context(), auth.SignInRequest{Name: in.User, Password: in.Password, Agent: r.UserAgent(), Address: remote(r)})
	if err != nil {
		return err
	}
	s.setCookie(w, signed.Cookie, signed.Session.Expires)
	return s.tellSession(r.Context(), w, signed.User)
}

func signOut(s *Server, w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		if err := s.Auth.SignOut(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	s.setCookie(w, "", time.Unix(1, 0))
	if leave := s.leaveProvider(w, r); leave != "" {
		return answer(w, map[string]string{"url": leave})
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// setUp makes the first administrator of an empty store, or lets one who lost
// access in again, by the one-time link.
func setUp(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ Token, Name, Email, Password string }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	signed, err := s.Auth.Setup(r.Context(), auth.SetupRequest{Token: in.Token, Name: in.Name, Email: in.Email, Password: in.Password, Agent: r.UserAgent()})
	if err != nil {
		return err
	}
	s.setCookie(w, signed.Cookie, signed.Session.Expires)
	return s.tellSession(r.Context(), w, signed.User)
}

// cookieName has the prefix that makes browsers insist on https where that is.
func (s *Server) cookieName() string {
	if s.url.Scheme == "https" {
		return "__Host-ballast"
	}
	return "ballast"
}

func (s *Server) setCookie(w http.ResponseWriter, value string, expires time.Time) {
	https, site := s.url.Scheme == "https", http.SameSiteLaxMode
	if https && len(s.opt.Frames) > 0 {
		site = http.SameSiteNoneMode // else a frame on another site shows the sign-in only (docs/design/163)
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: value, Path: "/", Expires: expires, HttpOnly: true, Secure: https, SameSite: site})
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
