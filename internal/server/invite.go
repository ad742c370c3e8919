package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownInvite is an invitation as a team's admins see it, never its token.
type shownInvite struct {
	ID      int64        `json:"id"`
	Role    ballast.Role `json:"role"`
	Creator string       `json:"creator"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"`
	URL     string       `json:"url,omitempty"` // only when it was just made
}

func showInvite(i ballast.Invite) shownInvite {
	return shownInvite{ID: i.ID, Role: i.Role, Creator: i.Creator, Created: i.Created, Expires: i.Expires}
}

// How long an invitation and a public link may last, in days.
const maxLinkDays = 365

// linkDays checks how many days a link is to last.
func linkDays(days int) (time.Duration, error) {
	if days < 1 || days > maxLinkDays {
		return 0, ballast.Errorf(ballast.Invalid, "days %d: a link lasts from 1 to %d days", days, maxLinkDays)
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// findTeam is findEntity for a team.
func (s *Server) findTeam(r *http.Request, name string, action auth.Action) (ballast.Entity, error) {
	e, err := s.findEntity(r.Context(), name, action)
	if err == nil && e.Kind != ballast.Team {
		err = ballast.Errorf(ballast.Invalid, "%s is no team: only teams have members and invitations", e.Name)
	}
	return e, err
}

// createInvite makes an invitation: {"team":"red","role":"member","days":7}.
func createInvite(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Team string
		Role ballast.Role
		Days int
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	team, err := s.findTeam(r, in.Team, auth.Manage)
	if err != nil {
		return err
	}
	life, err := linkDays(in.Days)
	if err != nil {
		return err
	}
	u := auth.From(r.Context()).User
	token, i, err := s.Auth.NewInvite(r.Context(), ballast.Invite{EntityID: team.ID, Role: in.Role, CreatorID: u.ID, Creator: u.Name}, life)
	if err != nil {
		return err
	}
	out := showInvite(i)
	out.URL = s.url.String() + "/invite/" + token
	return answer(w, out)
}

func listInvites(s *Server, w http.ResponseWriter, r *http.Request) error {
	team, err := s.findTeam(r, r.PathValue("entity"), auth.Manage)
	if err != nil {
		return err
	}
	out := []shownInvite{}
	err = s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		all, err := tx.Invites(team.ID, time.Now())
		for _, i := range all {
			out = append(out, showInvite(i))
		}
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, out)
}

// deleteInvite takes an invitation back. One that is gone already is fine.
func deleteInvite(s *Server, w http.ResponseWriter, r *http.Request) error {
	team, err := s.findTeam(r, r.PathValue("entity"), auth.Manage)
	if err != nil {
		return err
	}
	id, err := linkID(r)
	if err != nil {
		return err
	}
	err = s.DB.Write(r.Context(), "take an invitation back", func(tx *meta.Tx) error {
		i, err := tx.Invite(id)
		if err != nil || i.EntityID != team.ID {
			return err
		}
		return tx.DeleteInvite(id)
	})
	if err != nil && !ballast.Is(err, ballast.NotFound) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// linkID reads the id of an invitation or a public link in the path.
func linkID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, ballast.Errorf(ballast.Invalid, "id %.20q: it must be a number, as the list has it", r.PathValue("id"))
	}
	return id, nil
}

// seeInvite says what an invitation is to, for whoever has the link.
func seeInvite(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ Token string }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	i, team, err := s.Auth.ByInvite(r.Context(), in.Token)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"team": team.Name, "role": i.Role, "creator": i.Creator, "expires": i.Expires})
}

// acceptInvite makes the caller a member, or a new account that is one.
func acceptInvite(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ Token, Name, Email, Password string }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	signed, team, err := s.Auth.Accept(r.Context(), auth.AcceptRequest{Token: in.Token, Name: in.Name, Email: in.Email,
		Password: in.Password, Agent: r.UserAgent(), User: auth.From(r.Context()).User})
	if err != nil {
		return err
	}
	if signed.Cookie != "" {
		s.setCookie(w, signed.Cookie, signed.Session.Expires)
	}
	return answer(w, map[string]any{"team": team.Name, "user": signed.User.Name})
}
