package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// bareSite is the write path behind the least of an HTTP server.
type bareSite struct {
	db       *meta.DB
	in       *ingest.Ingest
	project  int64
	decoders chan *filestream.Decoder
	runs     map[string]int64
}

func newBareSite(t testing.TB) (*bareSite, string) {
	dir := t.TempDir()
	db, err := meta.Open(t.Context(), meta.Options{SQLite: filepath.Join(dir, "meta.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	bucket, err := fileblob.Open(filepath.Join(dir, "objects"), fileblob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &bareSite{db: db, decoders: make(chan *filestream.Decoder, runtime.GOMAXPROCS(0)), runs: map[string]int64{}}
	for range cap(s.decoders) {
		s.decoders <- new(filestream.Decoder)
	}
	if s.in, err = ingest.Open(t.Context(), db, bucket, sqlqueue.New(db), ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.in.Close() })
	if os.Getenv("BALLAST_BENCH_SEAL") != "0" {
		done := make(chan struct{})
		go func() { defer close(done); s.in.Run(t.Context()) }()
		t.Cleanup(func() { <-done })
	}
	err = db.Write(t.Context(), "making a project", func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("me", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "bench", 0, time.Now())
		s.project = p.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", s.upsert)
	mux.HandleFunc("POST /files/{entity}/{project}/{run}/file_stream", s.stream)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return s, web.URL
}

func (s *bareSite) upsert(w http.ResponseWriter, r *http.Request) {
	var q struct{ Variables struct{ Name string } }
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	err := s.db.Write(r.Context(), "making a run", func(tx *meta.Tx) error {
		run, err := tx.CreateRun(ballast.Run{ProjectID: s.project, Name: q.Variables.Name})
		s.runs[q.Variables.Name] = run.ID
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	fmt.Fprintf(w, `{"data":{"upsertBucket":{"bucket":{"name":%q,"project":{"name":"bench","entity":{"name":"me"}}}}}}`, q.Variables.Name)
}

func (s *bareSite) stream(w http.ResponseWriter, r *http.Request) {
	release, err := s.in.Reserve(r.Context(), r.ContentLength)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTooManyRequests)
		return
	}
	defer release()
	buf := bytes.NewBuffer(make([]byte, 0, r.ContentLength+bytes.MinRead))
	buf.ReadFrom(r.Body)
	d := <-s.decoders
	req, err := filestream.Decode(buf.Bytes(), d)
	s.decoders <- d
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := s.in.Append(r.Context(), ingest.Request{RunID: s.runs[r.PathValue("run")], Request: req}); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("{}"))
}

// TestIngest drives a real write path for a moment. BALLAST_BENCH_SECONDS
// makes it a measurement, BALLAST_BENCH_SEAL=0 leaves sealing out.
func TestIngest(t *testing.T) {
	s, url := newBareSite(t)
	d := 200 * time.Millisecond
	if text := os.Getenv("BALLAST_BENCH_SECONDS"); text != "" {
		n, err := time.ParseDuration(text + "s")
		if err != nil {
			t.Fatal(err)
		}
		d = n
	}
	r, err := Ingest(t.Context(), IngestOptions{URL: url, Dir: t.TempDir(), PID: os.Getpid(), Duration: d, Runs: 64})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.Print(&out)
	t.Log("\n" + out.String())
	var lines int64
	err = s.db.Read(t.Context(), func(tx *meta.Tx) error {
		for _, id := range s.runs {
			v, err := tx.TailView(id, ballast.History)
			if err != nil {
				return err
			}
			lines += v.Live.HistoryLines
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := r.Big.Requests*100 + r.Small.Requests; lines != want || r.Big.Requests == 0 || r.Small.Requests == 0 {
		t.Errorf("%d lines are stored, %d were acknowledged", lines, want)
	}
	if r.Big.EchoRatio <= 0 || r.Small.DiskRatio <= 0 || r.MemoryMax == 0 {
		t.Errorf("ratios are missing: %+v", r)
	}
}

// TestBody checks that a body reads as the requests that it stands for.
func TestBody(t *testing.T) {
	b := newBody(rand.New(rand.NewPCG(1, 1)), bodyShape{rows: 3, keys: 10}).clone()
	for _, line := range []int64{0, 3, 123456} {
		b.at(line)
		req, err := filestream.Decode(b.text, new(filestream.Decoder))
		if err != nil {
			t.Fatal(err)
		}
		if h := req.History; h.Offset != line || h.Lines != 3 || h.StepMin != firstStep+line || h.StepMax != firstStep+line+2 || req.Points != 3*13 {
			t.Errorf("line %d: offset %d, %d lines, steps %d to %d, %d points", line, h.Offset, h.Lines, h.StepMin, h.StepMax, req.Points)
		}
		if !bytes.Contains(req.Summary, fmt.Append(nil, `"_step":`, firstStep+line+2)) {
			t.Errorf("line %d: summary %s", line, req.Summary)
		}
	}
}
