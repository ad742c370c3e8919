package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/auth/authtest"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/graph"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/query"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/ui"
)

const password = "correct horse battery staple"

// stage is the real server over real rooms on SQLite and a folder, listening,
// with the cast of authtest: team red has project secret with the run r1.
type stage struct {
	*authtest.Cast
	t      testing.TB
	s      *Server
	front  *Front
	url    string
	bucket *fileblob.Bucket
	files  *file.Files
	log    *safeBuffer
}

// newStage starts a server. with changes its options.
func newStage(t testing.TB, with ...func(*Options, *Deps)) *stage {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, url: "http://" + l.Addr().String(), log: new(safeBuffer)}
	db := metatest.Open(t)
	st.Cast = authtest.New(t, db)
	o := Options{URL: st.url, Version: "1.2.3", StreamBytes: 1 << 20,
		Log: slog.New(slog.NewTextHandler(st.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	d := st.rooms(db)
	for _, f := range with {
		f(&o, &d)
	}
	if st.s, err = Open(d, o); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	st.front = NewFront(st.s)
	go func() { served <- st.front.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := st.front.Drain(ctx); err != nil {
			t.Errorf("draining: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	return st
}

func (st *stage) rooms(db *meta.DB) Deps {
	st.t.Helper()
	var err error
	st.bucket, err = fileblob.Open(st.t.TempDir(), fileblob.Options{URL: st.url, Keys: []fileblob.Key{{ID: "k", Secret: []byte("the secret of test links")}}})
	if err != nil {
		st.t.Fatal(err)
	}
	stores := map[int]blob.Bucket{0: st.bucket}
	in, err := ingest.Open(st.t.Context(), db, st.bucket, sqlqueue.New(db), ingest.Options{Patience: 50 * time.Millisecond})
	if err != nil {
		st.t.Fatal(err)
	}
	st.t.Cleanup(func() { in.Close() })
	q := query.New(db, stores, memcache.New(1<<20), query.Options{})
	st.files = file.New(db, file.Options{Stores: stores, MaxBytes: 1 << 20})
	artifacts := artifact.New(db, artifact.Options{Stores: stores})
	g, err := graph.New(graph.Options{DB: db, Auth: st.Auth, Query: q, Files: st.files, Artifacts: artifacts, Version: "1.2.3"})
	if err != nil {
		st.t.Fatal(err)
	}
	return Deps{DB: db, Auth: st.Auth, Ingest: in, Query: q, Files: st.files, Artifacts: artifacts, Graph: g, Stores: stores,
		UI: ui.FromFS(fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>app</title>")}, "assets/a.js": {Data: []byte("1")},
			"frame/page.html": {Data: []byte("<!doctype html><title>frame</title>")}, "frame/chart.html": {Data: []byte("<!doctype html><title>frame</title>")}})}
}

// reply is a response, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// text is the error's text of a JSON reply.
func (r reply) text() string {
	var e struct {
		Error  string
		Errors []struct{ Message string }
	}
	json.Unmarshal([]byte(r.body), &e)
	if len(e.Errors) > 0 {
		return e.Errors[0].Message
	}
	return e.Error
}

type header map[string]string

// do sends a request in a role ("" and "nobody" send no key).
func (st *stage) do(role, method, path string, body io.Reader, headers ...header) reply {
	st.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = st.url + path
	}
	r, err := http.NewRequestWithContext(st.t.Context(), method, path, body)
	if err != nil {
		st.t.Fatal(err)
	}
	if key := st.Keys[role]; key != "" {
		r.Header.Set("Authorization", basic(key))
	}
	if role == "admin+" {
		r.Header.Set("Use-Admin-Privileges", "true")
	}
	for _, h := range headers {
		for k, v := range h {
			r.Header.Set(k, v)
		}
	}
	return st.send(r)
}

func (st *stage) send(r *http.Request) reply {
	st.t.Helper()
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		st.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		st.t.Fatalf("%s %s: reading the reply: %v", r.Method, r.URL.Path, err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

func basic(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+key))
}

func (st *stage) run(name string) ballast.Run {
	st.t.Helper()
	var run ballast.Run
	err := st.DB.Read(st.t.Context(), func(tx *meta.Tx) (err error) {
		run, err = tx.RunByName(st.Project.ID, name)
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return run
}

// signIn gives a role's user a password and returns the cookie of a session.
func (st *stage) signIn(role string) *http.Cookie {
	st.t.Helper()
	hash, err := auth.HashPassword(password)
	if err != nil {
		st.t.Fatal(err)
	}
	u := st.Users[role]
	if err := st.DB.Write(st.t.Context(), "test", func(tx *meta.Tx) error { return tx.SetPassword(u.ID, hash) }); err != nil {
		st.t.Fatal(err)
	}
	r := st.do("", "POST", "/api/session", strings.NewReader(`{"user":"`+u.Name+`","password":"`+password+`"}`), header{"X-Ballast": "1"})
	if r.status != 200 {
		st.t.Fatalf("signing in: %d %s", r.status, r.body)
	}
	cookies := (&http.Response{Header: r.header}).Cookies()
	if len(cookies) != 1 {
		st.t.Fatalf("signing in set %d cookies", len(cookies))
	}
	return cookies[0]
}

// safeBuffer is a log that a test reads while the server writes.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
