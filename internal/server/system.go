package server

import (
	"net/http"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/system"
)

// shownSystem is what /system-admin shows. Secrets are masked.
type shownSystem struct {
	Revision int64           `json:"revision"`
	State    string          `json:"state"` // of the newest revision: "", trial, kept, reverted
	Sections []shownSection  `json:"sections"`
	Start    []shownSetting  `json:"start"` // what only the start reads
	Log      []shownRevision `json:"log"`   // newest first
	Users    []shownUser     `json:"users"`
}

type shownSection struct {
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	Settings []shownSetting `json:"settings"`
}

type shownSetting struct {
	Name    string `json:"name"`
	Env     string `json:"env"`
	Type    string `json:"type"`
	Help    string `json:"help"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Source  string `json:"source"`
	Locked  bool   `json:"locked"` // the source wins over this page
	Secret  bool   `json:"secret"`
}

type shownRevision struct {
	ID      int64         `json:"id"`
	Actor   string        `json:"actor"`
	Made    time.Time     `json:"made"`
	State   string        `json:"state"`
	Reason  string        `json:"reason,omitempty"`
	Changes []shownChange `json:"changes"`
}

type shownChange struct {
	Name string `json:"name"`
	Was  string `json:"was"`
	Now  string `json:"now"`
}

type shownUser struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Admin bool   `json:"admin"`
}

// getSystem tells all settings, where each comes from, and who changed them.
func getSystem(s *Server, w http.ResponseWriter, r *http.Request) error {
	now, err := s.System.Now(r.Context())
	if err != nil {
		return err
	}
	out := shownSystem{Revision: now.Revision, State: now.State, Start: []shownSetting{}, Log: []shownRevision{}, Users: []shownUser{}}
	for _, part := range config.Sections() {
		shown := shownSection{Name: part.Name, Title: part.Title, Settings: []shownSetting{}}
		for _, name := range part.Settings {
			if v, ok := now.Config.Value(name); ok && v.Planned == "" {
				shown.Settings = append(shown.Settings, showSetting(v, v.Source != "default" && v.Source != config.SystemSource))
			}
		}
		if len(shown.Settings) > 0 {
			out.Sections = append(out.Sections, shown)
		}
	}
	for _, v := range now.Config.Values {
		if v.Planned == "" && !v.Ignored && !config.Changeable(v.Name) {
			out.Start = append(out.Start, showSetting(v, true))
		}
	}
	for _, rev := range now.Log {
		shown := shownRevision{rev.ID, rev.Actor, rev.Made, rev.State, rev.Reason, []shownChange{}}
		for _, c := range rev.Changes {
			shown.Changes = append(shown.Changes, shownChange{c.Name, c.Was, c.Now})
		}
		out.Log = append(out.Log, shown)
	}
	if err := s.systemUsers(r, &out); err != nil {
		return err
	}
	return answer(w, out)
}

func showSetting(v config.Value, locked bool) shownSetting {
	return shownSetting{Name: v.Name, Env: v.Env(), Type: v.Type, Help: v.Help, Value: v.Redacted(), Default: v.Default, Source: v.Source, Locked: locked, Secret: v.Secret}
}

// systemUsers adds the first people by name.
func (s *Server) systemUsers(r *http.Request, out *shownSystem) error {
	return s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		all, err := tx.Users("", 0, systemPeople)
		for _, u := range all {
			out.Users = append(out.Users, shownUser{u.Name, u.Email, u.Admin})
		}
		return err
	})
}

// systemPeople is how many people the page lists.
const systemPeople = 200

// putSystem puts changed settings on trial: {"revision":3,"values":{"redis":""}}.
func putSystem(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Revision int64
		Values   map[string]string
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if len(in.Values) == 0 {
		return ballast.Errorf(ballast.Invalid, "no values are named: {\"revision\":0,\"values\":{\"bucket\":\"s3://…\"}}")
	}
	revision, err := s.System.Change(r.Context(), system.Change{Revision: in.Revision, Values: in.Values, Actor: auth.From(r.Context()).User.Name, Origin: r.Header.Get("Origin")})
	if err != nil {
		return err
	}
	return answer(w, map[string]int64{"revision": revision})
}

// testSystem performs the operations of a section with values that need not be
// in effect: {"part":"storage","values":{…},"origin":"https://…"}.
func testSystem(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Part, Object string
		Values       map[string]string
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		origin = s.url.Scheme + "://" + s.url.Host
	}
	result, err := s.System.Test(r.Context(), in.Values, system.Ask{Part: in.Part, Origin: origin, Object: in.Object})
	if err != nil {
		return err
	}
	return answer(w, result)
}
