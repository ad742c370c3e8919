package server

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// probes are the routes of a process that runs jobs only.
var probes = map[string]bool{"GET /healthz": true, "GET /ready": true, "GET /metrics": true}

// healthz says that the process answers; it looks at nothing else.
func healthz(_ *Server, w http.ResponseWriter, _ *http.Request) error {
	return answer(w, map[string]string{"status": "ok"})
}

// readiness remembers the last look at what the server depends on, so that
// probes cost nothing.
type readiness struct {
	mu      sync.Mutex
	checked time.Time
	err     error
}

const readyFor = time.Second

// isReady says whether requests can be served: the server is not draining,
// and its database and stores answer.
func isReady(s *Server, w http.ResponseWriter, r *http.Request) error {
	if s.draining.Load() {
		return ballast.Errorf(ballast.Unavailable, "draining: the server is about to stop")
	}
	if err := s.ready.look(r.Context(), s.checkDeps); err != nil {
		return err
	}
	state := map[string]string{"status": "ready", "version": s.opt.Version}
	if s.opt.Slower != nil {
		if text := s.opt.Slower(); text != "" {
			state["slower"] = text
		}
	}
	return answer(w, state)
}

func (c *readiness) look(ctx context.Context, check func(context.Context) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) > readyFor {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		c.err, c.checked = check(ctx), time.Now()
	}
	return c.err
}

func (s *Server) checkDeps(ctx context.Context) error {
	if err := s.DB.Ping(ctx); err != nil {
		return err
	}
	for id, store := range s.Stores {
		if _, ours := store.(blob.Direct); !ours {
			continue // all replicas share it: taking each of them away would help nobody
		}
		if _, err := store.Stat(ctx, "ready"); err != nil && !ballast.Is(err, ballast.NotFound) {
			return ballast.Wrap(ballast.Unavailable, err, "store %d does not answer", id)
		}
	}
	return nil
}

// metricsPage shows the figures to Prometheus: with the token when one is
// set, else only to this machine itself (docs/design/032).
func metricsPage(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := s.mayScrape(r); err != nil {
		return err
	}
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}

func (s *Server) mayScrape(r *http.Request) error {
	if want := s.opt.MetricsToken; want != "" {
		got, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 {
			return nil
		}
		return ballast.Errorf(ballast.Unsigned, "metrics need the configured token: Authorization: Bearer <token>")
	}
	if ip := net.ParseIP(remote(r)); ip != nil && ip.IsLoopback() && !forwarded(r) {
		return nil
	}
	return ballast.Errorf(ballast.Denied, "metrics are shown to this machine only, until a metrics token is set")
}

// notTelemetry answers the SDK's question for an OpenTelemetry collector: 404
// is what makes it send nothing (PROTOCOL section 1.6).
func notTelemetry(*Server, http.ResponseWriter, *http.Request) error {
	return ballast.Errorf(ballast.NotFound, "this server takes no telemetry")
}
