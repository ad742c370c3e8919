package server

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
)

// route is a row of the route table.
type route struct {
	pattern string // as http.ServeMux reads it; also the row of the policy table
	serve   func(*Server, http.ResponseWriter, *http.Request) error
	body    int64            // the longest body; 0: none is read
	time    time.Duration    // for the whole exchange; 0: the handler moves the deadlines as bytes flow
	sort    sort             // which security headers, and whether a caller is looked for
	need    auth.Requirement // of the policy table
	quiet   bool             // logged at debug level: it is called all the time
}

// sort is the sort of a route.
type sort uint8

const (
	api     sort = iota // JSON for a caller with a key or a session
	open                // JSON for anyone: no caller is looked for
	page                // the web app, for anyone
	tests               // the web app, where it tries addresses that are not in use yet
	content             // bytes that people uploaded, by signed URL
	framed              // pages that run what people uploaded or wrote, in frames without an origin
)

// exchange is a request being answered: it notes what the log needs.
type exchange struct {
	http.ResponseWriter
	id     string
	status int
	bytes  int64
	user   string
	err    error

	operation string // of GraphQL
}

type exchangeKey struct{}

func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(p)
	x.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// wrap makes a handler of a route: everything that each request goes through.
func (s *Server) wrap(rt route) http.Handler {
	times := s.metrics.route(rt.pattern)
	sets := newHeaders(s.url.Scheme == "https", s.opt.Frames, s.opt.Objects)
	set := map[sort]map[string][]string{api: sets.api, open: sets.api, page: sets.page, tests: sets.tests, content: sets.content, framed: sets.framed}[rt.sort]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		x := &exchange{ResponseWriter: w, id: requestID(r)}
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			if p := recover(); p != nil {
				s.panicked(x, r, p)
			}
			if x.status == 0 {
				x.status = http.StatusOK
			}
			times.observe(x.status, time.Since(start))
			s.logRequest(&rt, x, r, time.Since(start))
		}()
		setHeaders(w, set)
		w.Header()["X-Request-Id"] = []string{x.id}
		if s.draining.Load() {
			w.Header().Set("Connection", "close") // the next request goes elsewhere
		}
		if err := s.run(&rt, x, r, start); err != nil {
			x.err = classify(err)
			if x.status == 0 {
				fail(x, x.id, x.err)
			}
		}
	})
}

// run checks what must hold before the handler sees the request.
func (s *Server) run(rt *route, x *exchange, r *http.Request, start time.Time) error {
	if rt.body > 0 && r.ContentLength > rt.body {
		x.Header().Set("Connection", "close")
		return ballast.Errorf(ballast.TooLarge, "the body has %d bytes, at most %d are allowed here", r.ContentLength, rt.body)
	}
	ctx := r.Context()
	if rt.time > 0 {
		control := http.NewResponseController(x.ResponseWriter)
		deadline := start.Add(rt.time)
		control.SetReadDeadline(deadline) // a test's recorder has none to set
		control.SetWriteDeadline(deadline.Add(5 * time.Second))
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	if rt.body > 0 {
		r.Body = http.MaxBytesReader(x.ResponseWriter, r.Body, rt.body)
	}
	if rt.sort == api {
		caller, err := s.caller(ctx, r)
		if err != nil {
			// Keys that are no good count too, for their address.
			if ballast.Is(err, ballast.Unsigned) {
				if busy := s.limits.take(ctx, x, who(nil, r), start); busy != nil {
					return busy
				}
			}
			return err
		}
		x.user = caller.User.Name
		if err := s.limits.take(ctx, x, who(caller, r), start); err != nil {
			return err
		}
		if err := s.checkOrigin(caller, r); err != nil {
			return err
		}
		ctx = auth.WithCaller(ctx, caller)
		if err := rt.need.Admit(caller); err != nil {
			return err
		}
	}
	return rt.serve(s, x, r.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
}

// panicked answers with nothing but the request's id; the trace goes to the
// log. A handler that gave up on purpose (http.ErrAbortHandler) stays one.
func (s *Server) panicked(x *exchange, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.metrics.panics.Inc()
	s.log.LogAttrs(r.Context(), slog.LevelError, "panic while answering", slog.String("request", x.id),
		slog.Any("panic", p), slog.String("trace", string(debug.Stack())))
	if x.status == 0 {
		fail(x, x.id, ballast.Errorf(ballast.Internal, "panic"))
		return
	}
	panic(http.ErrAbortHandler) // half a reply is out: break the connection
}

// logRequest writes the access log. The query is left out: it holds the
// signatures of links and other secrets.
func (s *Server) logRequest(rt *route, x *exchange, r *http.Request, d time.Duration) {
	level := slog.LevelInfo
	switch {
	case x.status >= 500:
		level = slog.LevelWarn
	case rt.quiet:
		level = slog.LevelDebug
	}
	ctx := r.Context()
	if !s.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("request", x.id), slog.String("method", r.Method), slog.String("path", loggedPath(r.URL.Path)),
		slog.Int("status", x.status), slog.Int64("bytes", x.bytes), slog.Duration("took", d)}
	if x.user != "" {
		attrs = append(attrs, slog.String("user", x.user))
	}
	if trace := traceID(r); trace != "" {
		attrs = append(attrs, slog.String("trace", trace))
	}
	if x.operation != "" {
		attrs = append(attrs, slog.String("operation", x.operation[:min(len(x.operation), 100)]))
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("error", x.err.Error()))
	}
	s.log.LogAttrs(ctx, level, "request", attrs...)
}

// requestID takes the client's id when it is a plain one, else makes one.
func requestID(r *http.Request) string {
	if ids := r.Header["X-Request-Id"]; len(ids) == 1 && plainID(ids[0]) {
		return ids[0]
	}
	return fmt.Sprintf("%016x", rand.Uint64())
}

func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// remote is the address of the peer, without its port.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// forwarded reports whether a proxy passed the request on.
func forwarded(r *http.Request) bool {
	for k := range r.Header {
		if k == "Forwarded" || k == "Via" || k == "X-Real-Ip" || strings.HasPrefix(k, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// loggedPath is a path without the token of an invitation.
func loggedPath(path string) string {
	if strings.HasPrefix(path, "/invite/") {
		return "/invite/…"
	}
	return path
}
