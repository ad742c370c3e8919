package server

import (
	"encoding/json"
	"net/http"

	"github.com/ballast-ml/ballast/internal/query"
)

// tableQuestion is what is asked about the runs of a table as a whole.
type tableQuestion struct {
	Project string          `json:"project"`
	Text    string          `json:"q"`
	Filter  json.RawMessage `json:"filter"`
	Order   []string        `json:"order"`
	Columns []string        `json:"columns"`
	By      string          `json:"by"`
}

func (in tableQuestion) runs() query.RunQuery {
	return query.RunQuery{Text: in.Text, Filter: in.Filter, Order: in.Order}
}

// runStats sends ranges and histograms of columns over the runs found.
func runStats(s *Server, w http.ResponseWriter, r *http.Request) error {
	return askTable(s, w, r, func(project int64, in tableQuestion) (any, error) {
		return s.Query.TableStats(r.Context(), project, in.runs(), in.Columns)
	})
}

// runGroups sends one level of groups of the runs found.
func runGroups(s *Server, w http.ResponseWriter, r *http.Request) error {
	return askTable(s, w, r, func(project int64, in tableQuestion) (any, error) {
		return s.Query.TableGroups(r.Context(), project, in.runs(), in.By, in.Columns)
	})
}

// runColumns sends the names that can be columns.
func runColumns(s *Server, w http.ResponseWriter, r *http.Request) error {
	return askTable(s, w, r, func(project int64, in tableQuestion) (any, error) {
		return s.Query.RunColumns(r.Context(), project, in.runs())
	})
}

func askTable(s *Server, w http.ResponseWriter, r *http.Request, ask func(int64, tableQuestion) (any, error)) error {
	var in tableQuestion
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	out, err := ask(p.ID, in)
	if err != nil {
		return err
	}
	return answer(w, out)
}
