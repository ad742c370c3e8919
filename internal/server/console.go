package server

import (
	"io"
	"log/slog"
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

	Updates int `json:"updates,omitempty"` // how often its text was replaced
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
	if r.URL.Query().Get("counts") == "1" {
		return logCounts(s, w, r, run)
	}
	got, err := s.Query.Logs(r.Context(), run.ID, want)
	if err != nil {
		return err
	}
	out := struct {
		Total   int64     `json:"total"`
		Found   *int64    `json:"found,omitempty"`
		Lines   []logLine `json:"lines"`
		Matches []int64   `json:"matches,omitempty"`
		More    bool      `json:"more,omitempty"`
	}{Total: got.Total, Lines: make([]logLine, len(got.Lines)), Matches: got.Matches, More: got.More}
	if want.Only {
		out.Found = &got.Found
	}
	for i, l := range got.Lines {
		out.Lines[i] = logLine{N: l.Number, Level: optional(l.Level), Label: optional(l.Label), Text: l.Text, Updates: l.Updates}
		if !l.Time.IsZero() {
			out.Lines[i].T = &l.Time
		}
	}
	return answer(w, out)
}

// logCounts sends how many lines a console has of each level and process.
func logCounts(s *Server, w http.ResponseWriter, r *http.Request, run ballast.Run) error {
	got, err := s.Query.LogCounts(r.Context(), run.ID)
	if err != nil {
		return err
	}
	return answer(w, struct {
		Levels map[string]int64 `json:"levels"`
		Labels map[string]int64 `json:"labels"`
	}{got.Levels, got.Labels})
}

func logRequest(q url.Values) (query.LogRequest, error) {
	lr := query.LogRequest{Search: q.Get("search"), Regexp: q.Get("regex") == "1", Case: q.Get("case") == "1", Level: q.Get("level"),
		Label: q.Get("label"), Only: q.Get("only") == "1"}
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
	return s.whole(r, w, func(w io.Writer) error { return s.Query.WriteLogs(r.Context(), run.ID, w) })
}

// runOf returns the run that a path names when the caller may read it.
func (s *Server) runOf(r *http.Request) (ballast.Run, error) {
	return s.findRun(r.Context(), r.PathValue("entity"), r.PathValue("project"), r.PathValue("run"), auth.Read)
}

// whole sends what write writes, however long that takes. When write fails
// after the first byte the connection breaks, so that nobody takes a part for
// the whole.
func (s *Server) whole(r *http.Request, w http.ResponseWriter, write func(io.Writer) error) error {
	out := &movingReply{w: w, control: http.NewResponseController(w)}
	err := write(out)
	if err == nil || !out.begun {
		return err
	}
	s.log.LogAttrs(r.Context(), slog.LevelWarn, "a download broke off", slog.String("path", r.URL.Path), slog.String("error", err.Error()))
	panic(http.ErrAbortHandler)
}

// movingReply gives the reader time as long as bytes leave.
type movingReply struct {
	w       http.ResponseWriter
	control *http.ResponseController
	next    time.Time
	begun   bool
}

func (m *movingReply) Write(p []byte) (int, error) {
	m.begun = true
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
