// Package server is the HTTP front: one table of routes (routes.go), and
// around every handler the same wrapping (wrap.go): request id, log, metrics,
// limits of size and time, security headers, who is calling, and the row of
// the policy table that says who may.
//
// Handlers return errors; reply.go has the one table from their kind to a
// status. No URL is ever made from a request's Host: everything absolute comes
// from the configured external URL.
package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/graph"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
	"github.com/ballast-ml/ballast/internal/system"
	"github.com/ballast-ml/ballast/ui"
)

// Deps are the rooms that the routes lead to. All are needed but UI.
type Deps struct {
	DB        *meta.DB
	Auth      *auth.Auth
	Ingest    *ingest.Ingest
	Query     *query.Query
	Files     *file.Files
	Artifacts *artifact.Artifacts
	Graph     *graph.Graph        // answers POST /graphql; the caller is in the context
	Stores    map[int]blob.Bucket // every store, by id
	System    *system.System      // the settings that may change
	Providers []Provider          // identity providers, in the order of their buttons
	UI        *ui.App             // nil: the embedded build
}

// Options are the server's settings. Zero fields take the defaults.
type Options struct {
	URL          string // the one external URL, "https://ballast.example.com"
	Version      string
	MetricsToken string        // bearer token of /metrics; without it, only the same machine may read
	Rate         float64       // requests a second for each key; 0: no limit
	Burst        int           // requests at once before Rate counts; 0: ten seconds' worth
	Tokens       Tokens        // what replicas share of Rate; nil: each counts for itself
	Frames       []string      // origins that may show the app in a frame, beside our own
	Objects      []string      // origins that signed URLs of objects lead to, beside our own
	Undelete     time.Duration // how long a deleted run can be brought back; 0: 30 days
	StreamBytes  int64         // longest file stream body, also after gunzip; 0: 64 MB
	Log          *slog.Logger
	Metrics      *prometheus.Registry // nil: one of its own
	ProbesOnly   bool                 // serve /healthz, /ready and /metrics only: the process is a worker
	Slower       func() string        // says in words what does not answer and makes the server slower only, "" when all is well; nil: nothing can
}

// Server answers requests. Open makes one.
type Server struct {
	Deps
	opt      Options
	url      *url.URL
	log      *slog.Logger
	handler  http.Handler
	metrics  *metrics
	policy   *auth.Policy
	limits   *limiter
	runs     *runCache
	live     *hub
	decoders chan *filestream.Decoder
	ready    readiness

	draining  atomic.Bool
	done      chan struct{} // closed when draining starts: endless replies end
	underWay  sync.WaitGroup
	closeDone sync.Once
}

const defaultStreamBytes = 64 << 20

// Open builds the route table. It fails when the external URL is not one, or
// when a route has no row in the policy table.
func Open(d Deps, o Options) (*Server, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("external URL %q: it must be http:// or https:// and a host, without a path", o.URL)
	}
	u.Path = ""
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.StreamBytes <= 0 {
		o.StreamBytes = defaultStreamBytes
	}
	if o.Undelete <= 0 {
		o.Undelete = 30 * 24 * time.Hour
	}
	if d.UI == nil {
		d.UI = ui.New()
	}
	s := &Server{Deps: d, opt: o, url: u, log: o.Log, done: make(chan struct{})}
	s.metrics = newMetrics(o.Metrics)
	s.limits = newLimiter(o.Rate, o.Burst, o.Tokens)
	if s.policy, err = auth.LoadPolicy(); err != nil {
		return nil, err
	}
	s.runs = newRunCache()
	s.live = newHub(s)
	s.decoders = make(chan *filestream.Decoder, runtime.GOMAXPROCS(0))
	for range cap(s.decoders) {
		s.decoders <- new(filestream.Decoder)
	}
	table := routes()
	if o.ProbesOnly {
		table = slices.DeleteFunc(table, func(rt route) bool { return !probes[rt.pattern] })
	}
	if s.handler, err = s.mux(table); err != nil {
		return nil, err
	}
	return s, nil
}

// Retire says that the server will stop: /ready refuses, so that load balancers
// send new requests elsewhere, and each reply asks for its connection to be
// closed. Requests are still answered.
func (s *Server) Retire() { s.draining.Store(true) }

// end ends endless replies.
func (s *Server) end() {
	s.closeDone.Do(func() { close(s.done) })
}
