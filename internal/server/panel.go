package server

import (
	"net/http"
	"strconv"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/query"
)

// panel sends one metric of many runs in the packed form, or statistics of it
// over groups of runs.
func panel(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string           `json:"project"`
		Runs    []string         `json:"runs"`
		Groups  []query.RunGroup `json:"groups"`
		Key     string           `json:"key"`
		X       string           `json:"x"`
		Stream  string           `json:"stream"`
		Min     *float64         `json:"min"`
		Max     *float64         `json:"max"`
		Buckets int              `json:"buckets"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	stream := ballast.History
	switch in.Stream {
	case "", "history":
	case "events":
		stream = ballast.Events
	default:
		return ballast.Errorf(ballast.Invalid, "stream %.40q: it must be history or events", in.Stream)
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	if in.Runs != nil && in.Groups != nil {
		return ballast.Errorf(ballast.Invalid, "a panel has either runs or groups, not both")
	}
	ask := query.PanelRequest{ProjectID: p.ID, Runs: in.Runs, Key: in.Key, X: in.X, Stream: stream, Min: in.Min, Max: in.Max, Buckets: in.Buckets}
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
