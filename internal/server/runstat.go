package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/export"
	"github.com/ballast-ml/ballast/internal/file"
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
	Format  string          `json:"format"` // of a file
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

// runFormats are the files that runs are exported as.
var runFormats = map[string]struct {
	typ   string
	write func(context.Context, io.Writer, *query.TableRows) error
}{
	"csv":     {"text/csv; charset=utf-8", export.RunsCSV},
	"parquet": {"application/vnd.apache.parquet", export.RunsParquet},
}

// exportRuns sends all runs found as a file.
func exportRuns(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in tableQuestion
	if err := readJSON(r, &in); err != nil {
		return err
	}
	format, ok := runFormats[in.Format]
	if !ok {
		return ballast.Errorf(ballast.Invalid, "format %.40q: it must be csv or parquet", in.Format)
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	rows, err := s.Query.OpenTable(r.Context(), p.ID, in.runs(), in.Columns)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", format.typ)
	h.Set("Content-Disposition", file.Attachment(p.Name+"-runs."+in.Format))
	h["Cache-Control"] = noStore
	return s.whole(r, w, func(w io.Writer) error { return format.write(r.Context(), w, rows) })
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
