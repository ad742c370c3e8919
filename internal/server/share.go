package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownShare is a public link as members see it, never its token.
type shownShare struct {
	ID      int64      `json:"id"`
	Run     string     `json:"run"`  // its id; "": the whole project
	View    string     `json:"view"` // the name of the saved view it shows; "": none
	Creator string     `json:"creator"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires"`       // null: never
	URL     string     `json:"url,omitempty"` // only when it was just made
}

func showShare(s ballast.Share, run, view string) shownShare {
	out := shownShare{ID: s.ID, Run: run, View: view, Creator: s.Creator, Created: s.Created}
	if !s.Expires.IsZero() {
		out.Expires = &s.Expires
	}
	return out
}

// createShare makes a public link: {"project":"red/secret","run":"r1","days":30},
// or with "view" in place of "run" to the project as that saved view shows it.
// The token is behind a # in the address, which browsers send nobody.
func createShare(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project, Run, View string
		Days               int // 0: no end
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, owner, run, err := s.shareTarget(r, in.Project, in.Run)
	if err != nil {
		return err
	}
	view, err := s.sharedView(r.Context(), p, in.View)
	if err != nil {
		return err
	}
	if view.ID != 0 && run.ID != 0 {
		return ballast.Errorf(ballast.Invalid, "a link is to a run or to a view, not to both")
	}
	u := auth.From(r.Context()).User
	ask := ballast.Share{ProjectID: p.ID, RunID: run.ID, ViewID: view.ID, CreatorID: u.ID, Creator: u.Name}
	if in.Days != 0 {
		life, err := linkDays(in.Days)
		if err != nil {
			return err
		}
		ask.Expires = time.Now().UTC().Add(life)
	}
	token, made, err := s.Auth.NewShare(r.Context(), ask, owner)
	if err != nil {
		return err
	}
	out := showShare(made, run.Name, view.Name)
	out.URL = s.url.String() + "/shared#" + token
	return answer(w, out)
}

// shareTarget finds what a link is to show; the caller must be a member.
func (s *Server) shareTarget(r *http.Request, path, name string) (p ballast.Project, owner ballast.Entity, run ballast.Run, err error) {
	entity, project, err := splitProject(path)
	if err != nil {
		return p, owner, run, err
	}
	if p, err = s.findProject(r.Context(), entity, project, auth.Write); err != nil {
		return p, owner, run, err
	}
	if owner, err = s.findEntity(r.Context(), p.Entity, auth.Write); err != nil || name == "" {
		return p, owner, run, err
	}
	run, err = s.findRun(r.Context(), entity, project, name, auth.Write)
	return p, owner, run, err
}

// sharedView finds a project's saved view by its name, none for "".
func (s *Server) sharedView(ctx context.Context, p ballast.Project, name string) (v ballast.View, err error) {
	if name == "" {
		return v, nil
	}
	var found []ballast.View
	err = s.DB.Read(ctx, func(tx *meta.Tx) error {
		found, err = tx.Views(p.ID, meta.ViewQuery{Type: ballast.ViewWorkspace, Name: name, Limit: 1})
		return err
	})
	if err == nil && len(found) == 0 {
		err = ballast.Errorf(ballast.NotFound, "project %s/%s has no saved view %.140q", p.Entity, p.Name, name)
	}
	if err != nil {
		return v, err
	}
	return found[0], nil
}

func listShares(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.findProject(r.Context(), r.PathValue("entity"), r.PathValue("project"), auth.Write)
	if err != nil {
		return err
	}
	out := []shownShare{}
	err = s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		all, err := tx.Shares(p.ID, time.Now())
		for _, one := range all {
			run, view, err := shownBy(tx, one)
			if ballast.Is(err, ballast.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, showShare(one, run, view))
		}
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, out)
}

// shownBy names the run or view that a link shows.
func shownBy(tx *meta.Tx, s ballast.Share) (run, view string, err error) {
	switch {
	case s.RunID != 0:
		r, err := tx.Run(s.RunID)
		return r.Name, "", err
	case s.ViewID != 0:
		v, err := tx.View(s.ViewID)
		return "", v.Name, err
	}
	return "", "", nil
}

// deleteShare takes a link back: whoever made it may, and an admin. One that is
// gone already is fine.
func deleteShare(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.findProject(r.Context(), r.PathValue("entity"), r.PathValue("project"), auth.Write)
	if err != nil {
		return err
	}
	id, err := linkID(r)
	if err != nil {
		return err
	}
	var one ballast.Share
	var owner ballast.Entity
	err = s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		if one, err = tx.Share(id); err != nil {
			return err
		}
		owner, err = tx.Entity(p.EntityID)
		return err
	})
	switch {
	case ballast.Is(err, ballast.NotFound), err == nil && one.ProjectID != p.ID:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case err != nil:
		return err
	}
	may := auth.Object{Entity: owner, Name: "this link", Owner: one.CreatorID}
	if err := s.Auth.May(r.Context(), auth.From(r.Context()), auth.Manage, may); err != nil {
		return err
	}
	err = s.DB.Write(r.Context(), "take a public link back", func(tx *meta.Tx) error { return tx.DeleteShare(id) })
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// getTeam says what a team's or a person's settings are; putTeam changes them.
func getTeam(s *Server, w http.ResponseWriter, r *http.Request) error {
	e, err := s.findEntity(r.Context(), r.PathValue("entity"), auth.Read)
	if err != nil {
		return err
	}
	return s.tellTeam(w, r, e)
}

func putTeam(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ Sharing *bool }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	e, err := s.findEntity(r.Context(), r.PathValue("entity"), auth.Manage)
	if err != nil {
		return err
	}
	if in.Sharing != nil {
		if err := s.Auth.SetSharing(r.Context(), e, *in.Sharing); err != nil {
			return err
		}
	}
	return s.tellTeam(w, r, e)
}

func (s *Server) tellTeam(w http.ResponseWriter, r *http.Request, e ballast.Entity) error {
	on, err := s.Auth.Sharing(r.Context(), e)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"name": e.Name, "kind": e.Kind, "sharing": on})
}

// --- what a link opens

// shareHeader carries the token of a public link.
const shareHeader = "X-Ballast-Share"

// opened is what a link shows.
type opened struct {
	share   ballast.Share
	project ballast.Project
	run     *ballast.Run  // nil: the whole project
	view    *ballast.View // how it is shown; nil: as it comes
}

// byShare finds what the request's link shows.
func (s *Server) byShare(w http.ResponseWriter, r *http.Request) (o opened, err error) {
	if err := s.limits.take(r.Context(), w, who(nil, r), time.Now()); err != nil {
		return o, err
	}
	if o.share, o.project, err = s.Auth.ByShare(r.Context(), r.Header.Get(shareHeader)); err != nil {
		return o, err
	}
	if o.share.ViewID != 0 {
		return o, s.openView(r.Context(), &o)
	}
	if o.share.RunID == 0 {
		return o, nil
	}
	var run ballast.Run
	err = s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		run, err = tx.Run(o.share.RunID)
		return err
	})
	if ballast.Is(err, ballast.NotFound) || err == nil && (!run.Deleted.IsZero() || run.ProjectID != o.project.ID) {
		err = ballast.Errorf(ballast.NotFound, "the run that this link showed is gone")
	}
	o.run = &run
	return o, err
}

func (s *Server) openView(ctx context.Context, o *opened) error {
	var v ballast.View
	err := s.DB.Read(ctx, func(tx *meta.Tx) (err error) {
		v, err = tx.View(o.share.ViewID)
		return err
	})
	if ballast.Is(err, ballast.NotFound) || err == nil && v.ProjectID != o.project.ID {
		return ballast.Errorf(ballast.NotFound, "the view that this link showed is gone")
	}
	o.view = &v
	return err
}

// shared says what a link shows.
func shared(s *Server, w http.ResponseWriter, r *http.Request) error {
	o, err := s.byShare(w, r)
	if err != nil {
		return err
	}
	out := map[string]any{"project": o.project.Entity + "/" + o.project.Name, "description": o.project.Description, "run": nil, "view": nil, "expires": showShare(o.share, "", "").Expires}
	if o.view != nil {
		out["view"] = map[string]any{"name": o.view.Name, "title": o.view.DisplayName, "spec": o.view.Spec}
	}
	if o.run != nil {
		out["description"] = ""
		out["run"] = map[string]any{"name": o.run.Name, "display": o.run.Display, "state": o.run.Live.State, "created": o.run.Created,
			"ordinal": o.run.Ordinal, "notes": o.run.Notes, "config": rawOrNull(o.run.Config)}
	}
	return answer(w, out)
}

// rawOrNull is a config as JSON, null when it has what JSON has not (NaN).
func rawOrNull(config []byte) json.RawMessage {
	if !json.Valid(config) {
		return json.RawMessage("null")
	}
	return config
}

// openedKey carries what a link shows to projectOf.
type openedKey struct{}

// through serves a request by a handler that members use, on what the link
// shows: of the body only the named members are passed on, and for a link to
// one run always that run. names with a * are for a whole project only.
func (s *Server) through(w http.ResponseWriter, r *http.Request, serve func(*Server, http.ResponseWriter, *http.Request) error, names ...string) error {
	o, err := s.byShare(w, r)
	if err != nil {
		return err
	}
	var asked map[string]json.RawMessage
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	path := o.project.Entity + "/" + o.project.Name
	passed := map[string]any{"project": path}
	for _, name := range names {
		name, whole := strings.CutPrefix(name, "*")
		if v, ok := asked[name]; ok && (!whole || o.run == nil) {
			passed[name] = v
		}
	}
	if o.run != nil {
		passed["runs"] = []string{o.run.Name}
	}
	body, err := json.Marshal(passed)
	if err != nil {
		return err
	}
	inner := r.Clone(context.WithValue(r.Context(), openedKey{}, o.project))
	inner.Body = io.NopCloser(bytes.NewReader(body))
	return serve(s, w, inner)
}

func sharedPanel(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.through(w, r, panel, "key", "x", "stream", "min", "max", "buckets", "*runs", "*groups")
}

func sharedKeys(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.through(w, r, catalogue, "*runs")
}

// sharedTable is for a link to a whole project: that of one run shows no other.
func sharedTable(s *Server, w http.ResponseWriter, r *http.Request) error {
	o, err := s.byShare(w, r)
	if err == nil && o.run != nil {
		err = ballast.Errorf(ballast.Denied, "this link shows one run, not the table of its project")
	}
	if err != nil {
		return err
	}
	return s.through(w, r, runTable, "*q", "*filter", "order", "columns", "offset", "limit")
}
