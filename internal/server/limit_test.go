package server

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

func TestRate(t *testing.T) {
	st := newStage(t, func(o *Options, _ *Deps) { o.Rate, o.Burst = 0.5, 3 })
	for i := range 3 {
		r := st.do("member", "POST", r1Stream, strings.NewReader(`{}`))
		if r.status != 200 || r.header.Get("RateLimit-Limit") != "3" || r.header.Get("RateLimit-Reset") == "" {
			t.Errorf("request %d: %d %v", i, r.status, r.header)
		}
	}
	r := st.do("member", "POST", r1Stream, strings.NewReader(`{}`))
	if r.status != 429 || r.header.Get("Retry-After") == "" || r.header.Get("RateLimit-Remaining") != "0" && len(r.header.Get("RateLimit-Remaining")) > 3 {
		t.Errorf("one too many: %d %v", r.status, r.header)
	}
	if r := st.do("service", "POST", r1Stream, strings.NewReader(`{}`)); r.status != 200 {
		t.Errorf("another key: %d", r.status)
	}
	guess := header{"Authorization": "Bearer local-0000000000000000000000000000000000000000"}
	for i, want := range []int{401, 401, 401, 429} {
		if r := st.do("", "POST", r1Stream, strings.NewReader(`{}`), guess); r.status != want {
			t.Errorf("guessed key %d: %d, want %d", i, r.status, want)
		}
	}
	if r := st.do("", "GET", "/healthz", nil); r.status != 200 || r.header.Get("RateLimit-Limit") != "" {
		t.Errorf("probes are limited: %d %v", r.status, r.header)
	}
}

func TestLimiter(t *testing.T) {
	l := newLimiter(10, 2, nil)
	now := time.Now()
	for i, want := range []bool{true, true, false} {
		if err := l.take(t.Context(), httptest.NewRecorder(), "a", now); (err == nil) != want {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if err := l.take(t.Context(), httptest.NewRecorder(), "a", now.Add(150*time.Millisecond)); err != nil {
		t.Errorf("after a while: %v", err)
	}
	if newLimiter(0, 5, nil) != nil {
		t.Error("a rate of 0 limits")
	}
}

// TestSharedTokens: what replicas count together decides, and each counts for
// itself while that is not known.
func TestSharedTokens(t *testing.T) {
	known, left := true, 1.0
	l := newLimiter(10, 1, func(_ context.Context, who string, perSecond float64, burst int) (float64, bool, bool) {
		if who != "a" || perSecond != 10 || burst != 1 {
			t.Errorf("asked for %q, %v a second, %d at once", who, perSecond, burst)
		}
		left--
		return max(0, left), left >= 0, known
	})
	now := time.Now()
	for i, want := range []bool{true, false} {
		if err := l.take(t.Context(), httptest.NewRecorder(), "a", now); (err == nil) != want {
			t.Errorf("shared, request %d: %v", i, err)
		}
	}
	known = false
	for i, want := range []bool{true, false} {
		if err := l.take(t.Context(), httptest.NewRecorder(), "a", now); (err == nil) != want {
			t.Errorf("alone, request %d: %v", i, err)
		}
	}
}

// deadDisk is a store of the server's own that does not answer.
type deadDisk struct{ blob.Direct }

func (deadDisk) Stat(context.Context, string) (blob.Info, error) {
	return blob.Info{}, errors.New("dial tcp: no route to secret-host")
}

// deadBucket is one that all replicas share.
type deadBucket struct{ blob.Bucket }

func (deadBucket) Stat(context.Context, string) (blob.Info, error) {
	return blob.Info{}, errors.New("no such host")
}

func TestReady(t *testing.T) {
	shared := newStage(t, func(_ *Options, d *Deps) { d.Stores = map[int]blob.Bucket{1: deadBucket{}} })
	if r := shared.do("", "GET", "/ready", nil); r.status != 200 {
		t.Errorf("without a bucket that all replicas share: %d %s, which would take all of them away", r.status, r.body)
	}
	st := newStage(t, func(_ *Options, d *Deps) { d.Stores = map[int]blob.Bucket{0: deadDisk{}} })
	r := st.do("", "GET", "/ready", nil)
	if r.status != 503 || strings.Contains(r.body, "secret-host") || r.header.Get("Retry-After") == "" {
		t.Errorf("without its store: %d %s", r.status, r.body)
	}
	if r := st.do("", "GET", "/healthz", nil); r.status != 200 {
		t.Errorf("healthz looks at the store: %d", r.status)
	}
}

func TestMetrics(t *testing.T) {
	st := newStage(t)
	st.logged()
	r := st.do("", "GET", "/metrics", nil)
	for _, want := range []string{
		`ballast_http_request_seconds_count{route="POST /files/{entity}/{project}/{run}/file_stream",status="2xx"} 1`,
		"ballast_stream_bytes_total", "ballast_http_requests_in_flight 1",
	} {
		if !strings.Contains(r.body, want) {
			t.Errorf("/metrics lacks %s:\n%s", want, r.body)
		}
	}
	if r := st.do("", "GET", "/metrics", nil, header{"X-Forwarded-For": "203.0.113.9"}); r.status != 403 {
		t.Errorf("through a proxy: %d", r.status)
	}
	token := newStage(t, func(o *Options, _ *Deps) { o.MetricsToken = "let me see" })
	if r := token.do("", "GET", "/metrics", nil); r.status != 401 {
		t.Errorf("without the token: %d", r.status)
	}
	if r := token.do("", "GET", "/metrics", nil, header{"Authorization": "Bearer let me see"}); r.status != 200 {
		t.Errorf("with the token: %d", r.status)
	}
}

// TestMetricsDocumented: docs/metrics.md names every figure.
func TestMetricsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	st := newStage(t)
	m := st.s.metrics
	all := append(st.s.Ingest.Collectors(), m.seconds, m.inFlight, m.bytes, m.live, m.panics)
	descs := make(chan *prometheus.Desc, 100)
	for _, c := range all {
		c.Describe(descs)
	}
	close(descs)
	n := 0
	for d := range descs {
		_, name, _ := strings.Cut(d.String(), `fqName: "`)
		name, _, _ = strings.Cut(name, `"`)
		if n++; !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/metrics.md does not name %s", name)
		}
	}
	if n < 15 {
		t.Errorf("only %d figures were found", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, u := range []string{"", "ballast.example.com", "ftp://x", "https://x/base", "http://"} {
		if _, err := Open(Deps{}, Options{URL: u}); err == nil || !strings.Contains(err.Error(), "external URL") {
			t.Errorf("external URL %q: %v", u, err)
		}
	}
}

func TestTextOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("password=x"), "internal error"},
		{ballast.Wrap(ballast.Unavailable, io.ErrClosedPipe, "the store failed"), "the store failed"},
		{ballast.Errorf(ballast.Internal, "secret"), "internal error"},
	} {
		if got := textOf(c.err); got != c.want {
			t.Errorf("%v shows %q, want %q", c.err, got, c.want)
		}
	}
}
