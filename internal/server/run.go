package server

import (
	"encoding/json"
	"net/http"

	"github.com/ballast-ml/ballast/internal/query"
)

// runTable sends a page of a project's run table.
func runTable(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string          `json:"project"`
		Text    string          `json:"q"`
		Filter  json.RawMessage `json:"filter"`
		Order   []string        `json:"order"`
		Columns []string        `json:"columns"`
		Offset  int             `json:"offset"`
		Limit   int             `json:"limit"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	ask := query.RunQuery{Text: in.Text, Filter: in.Filter, Order: in.Order, Offset: in.Offset, First: in.Limit}
	table, err := s.Query.RunTable(r.Context(), p.ID, ask, in.Columns)
	if err != nil {
		return err
	}
	return answer(w, table)
}
