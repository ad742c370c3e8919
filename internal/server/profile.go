package server

import (
	"net/http"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownSession is a browser's session as its person sees it.
type shownSession struct {
	ID       int64     `json:"id"`
	Agent    string    `json:"agent"` // as the browser told it
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"lastUsed"` // to a minute
	Expires  time.Time `json:"expires"`
	This     bool      `json:"this"` // the one that asks
}

// listSessions tells the caller's sessions that have not ended.
func listSessions(s *Server, w http.ResponseWriter, r *http.Request) error {
	c := auth.From(r.Context())
	out := []shownSession{}
	err := s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		all, err := tx.Sessions(c.User.ID)
		for _, one := range all {
			if time.Now().Before(one.Expires) {
				out = append(out, shownSession{one.ID, one.Agent, one.Created, one.LastUsed, one.Expires, c.Session != nil && one.ID == c.Session.ID})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, out)
}

// endSession ends one of the caller's sessions. One that has ended, or is
// somebody else's, changes nothing and is not told apart.
func endSession(s *Server, w http.ResponseWriter, r *http.Request) error {
	id, err := linkID(r)
	if err != nil {
		return err
	}
	return s.endSessions(w, r, func(one ballast.Session) bool { return one.ID == id })
}

// endOtherSessions ends the caller's sessions but the one that asks.
func endOtherSessions(s *Server, w http.ResponseWriter, r *http.Request) error {
	this := auth.From(r.Context()).Session
	return s.endSessions(w, r, func(one ballast.Session) bool { return this == nil || one.ID != this.ID })
}

func (s *Server) endSessions(w http.ResponseWriter, r *http.Request, which func(ballast.Session) bool) error {
	if err := s.Auth.EndSessions(r.Context(), auth.From(r.Context()).User.ID, which); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// putProfile changes what is given of the caller's account:
// {"fullName":"Mira"} or {"password":"…","old":"…"}. A new password ends the
// other sessions; it takes the old one, when there is one.
func putProfile(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		FullName, Password *string
		Old                string
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	c := auth.From(r.Context())
	if in.Password != nil {
		keep := int64(0)
		if c.Session != nil {
			keep = c.Session.ID
		}
		if err := s.Auth.ChangePassword(r.Context(), c.User, in.Old, *in.Password, keep, remote(r)); err != nil {
			return err
		}
	}
	if in.FullName != nil {
		err := s.DB.Write(r.Context(), "change a name", func(tx *meta.Tx) error { return tx.SetUserFullName(c.User.ID, *in.FullName) })
		if err != nil {
			return err
		}
		s.Auth.Forget(c.User.ID)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
