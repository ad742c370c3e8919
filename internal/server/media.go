package server

import (
	"net/http"

	"github.com/ballast-ml/ballast/internal/query"
)

// media sends what runs logged under a key that is no number, by step. The
// bytes are files of the runs; GET /files/ leads to them.
func media(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string   `json:"project"`
		Runs    []string `json:"runs"`
		Key     string   `json:"key"`
		Min     *int64   `json:"min"`
		Max     *int64   `json:"max"`
		Limit   int      `json:"limit"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	m, err := s.Query.Media(r.Context(), query.MediaRequest{ProjectID: p.ID, Runs: in.Runs, Key: in.Key, Min: in.Min, Max: in.Max, Limit: in.Limit})
	if err != nil {
		return err
	}
	return answer(w, m)
}
