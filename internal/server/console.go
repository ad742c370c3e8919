package server

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/query"
)

// logLine is a console line as the web app reads it.
type logLine struct {
	N     int64      `json:"n"`
	T     *time.Time `json:"t"`
	Level *string    `json:"level"`
	Label *string    `json:"label"`
	Text  string     `json:"text"`
}

// logs sends console lines of a run: a range, the last ones, or what a search
// found.
func logs(s *Server, w http.ResponseWriter, r *http.Request) error {
	want, err := logRequest(r.URL.Query())
	if err != nil {
		return err
	}
	run, err := s.runOf(r)
	if err != nil {
		return err
	}
	got, err := s.Query.Logs(r.Context(), run.ID, want)
	if err != nil {
		return err
	}
	out := struct {
		Total   int64     `json:"total"`
		Lines   []logLine `json:"lines"`
		Matches []int64   `json:"matches,omitempty"`
		More    bool      `json:"more,omitempty"`
	}{Total: got.Total, Lines: make([]logLine, len(got.Lines)), Matches: got.Matches, More: got.More}
	for i, l := range got.Lines {
		out.Lines[i] = logLine{N: l.Number, Level: optional(l.Level), Label: optional(l.Label), Text: l.Text}
		if !l.Time.IsZero() {
			out.Lines[i].T = &l.Time
		}
	}
	return answer(w, out)
}

func logRequest(q url.Values) (query.LogRequest, error) {
	lr := query.LogRequest{Search: q.Get("search"), Regexp: q.Get("regex") == "1", Case: q.Get("case") == "1", Level: q.Get("level")}
	for name, to := range map[string]func(int64){
		"from": func(n int64) { lr.From = n },
		"n":    func(n int64) { lr.N = int(n) },
		"tail": func(n int64) { lr.N, lr.Tail = int(n), true },
	} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || (name != "from" && n > 10_000) {
			return lr, ballast.Errorf(ballast.Invalid, "%s=%.40q: it must be a number from 0, of lines at most 10000", name, text)
		}
		to(n)
	}
	return lr, nil
}

// downloadLogs sends the whole console as a text file.
func downloadLogs(s *Server, w http.ResponseWriter, r *http.Request) error {
	run, err := s.runOf(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", file.Attachment(run.Name+".log"))
	h["Cache-Control"] = noStore
	return s.Query.WriteLogs(r.Context(), run.ID, &movingReply{w: w, control: http.NewResponseController(w)})
}

// runOf returns the run that a path names when the caller may read it.
func (s *Server) runOf(r *http.Request) (ballast.Run, error) {
	return s.findRun(r.Context(), r.PathValue("entity"), r.PathValue("project"), r.PathValue("run"), auth.Read)
}

// movingReply gives the reader time as long as bytes leave.
type movingReply struct {
	w       http.ResponseWriter
	control *http.ResponseController
	next    time.Time
}

func (m *movingReply) Write(p []byte) (int, error) {
	if now := time.Now(); now.After(m.next) {
		m.control.SetWriteDeadline(now.Add(transferPause))
		m.next = now.Add(transferPause / 4)
	}
	return m.w.Write(p)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
