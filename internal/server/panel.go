package server

import (
	"net/http"
	"strconv"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/query"
)

// panelAsk is a panel as a browser asks for it.
type panelAsk struct {
	Runs    []string         `json:"runs"`
	Groups  []query.RunGroup `json:"groups"`
	Key     string           `json:"key"`
	X       string           `json:"x"`
	Stream  string           `json:"stream"`
	Min     *float64         `json:"min"`
	Max     *float64         `json:"max"`
	Buckets int              `json:"buckets"`
}

func (a *panelAsk) request(p ballast.Project) (query.PanelRequest, error) {
	stream := ballast.History
	switch a.Stream {
	case "", "history":
	case "events":
		stream = ballast.Events
	default:
		return query.PanelRequest{}, ballast.Errorf(ballast.Invalid, "stream %.40q: it must be history or events", a.Stream)
	}
	return query.PanelRequest{ProjectID: p.ID, Runs: a.Runs, Key: a.Key, X: a.X, Stream: stream, Min: a.Min, Max: a.Max, Buckets: a.Buckets}, nil
}

// panel sends one metric of many runs in the packed form, or statistics of it
// over groups of runs, or several panels together.
func panel(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		panelAsk
		Project string     `json:"project"`
		Panels  []panelAsk `json:"panels"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	if in.Panels != nil {
		return s.panelsTogether(w, r, p, in.Runs, in.Panels)
	}
	if in.Runs != nil && in.Groups != nil {
		return ballast.Errorf(ballast.Invalid, "a panel has either runs or groups, not both")
	}
	ask, err := in.request(p)
	if err != nil {
		return err
	}
	var body []byte
	if in.Groups != nil {
		body, err = s.Query.PackedGroups(r.Context(), query.GroupRequest{Panel: ask, Groups: in.Groups})
	} else {
		body, err = s.Query.PackedPanel(r.Context(), ask)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h["Cache-Control"] = noStore
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, err = w.Write(body)
	return err
}

// catalogue lists the keys that runs have.
func catalogue(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string   `json:"project"`
		Runs    []string `json:"runs"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	keys, err := s.Query.Catalogue(r.Context(), p.ID, in.Runs)
	if err != nil {
		return err
	}
	return answer(w, keys)
}

// projectOf returns the project that a request names, "entity/project", when
// the caller may read it.
func (s *Server) projectOf(r *http.Request, path string) (ballast.Project, error) {
	if p, ok := r.Context().Value(openedKey{}).(ballast.Project); ok {
		return p, nil // a public link shows this and nothing else
	}
	entity, project, err := splitProject(path)
	if err != nil {
		return ballast.Project{}, err
	}
	return s.findProject(r.Context(), entity, project, auth.Read)
}
