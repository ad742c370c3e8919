package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Front answers the connections of a listener by one server after another: a
// server with other settings takes the place of the last while requests are
// under way, and no connection ends.
type Front struct {
	http    *http.Server
	mu      sync.RWMutex
	current *Server
	retired bool // whoever is current, the process will stop
}

// NewFront returns a front that answers by a server.
func NewFront(first *Server) *Front {
	f := &Front{current: first}
	f.http = &http.Server{
		Handler:           f,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(first.log.Handler(), slog.LevelDebug),
	}
	return f
}

// ServeHTTP answers by the server that is current now.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.RLock()
	s := f.current
	s.underWay.Add(1)
	f.mu.RUnlock()
	defer s.underWay.Done()
	s.handler.ServeHTTP(w, r)
}

// Serve answers connections of a listener until Drain. It returns nil after a
// drain.
func (f *Front) Serve(l net.Listener) error {
	if err := f.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", l.Addr(), err)
	}
	return nil
}

// Replace answers new requests by another server from now on. The last one ends
// its endless replies; what it returns waits until the last one has answered
// what is under way, until its context ends at most.
func (f *Front) Replace(next *Server) (answered func(context.Context) error) {
	f.mu.Lock()
	last := f.current
	f.current = next
	if f.retired {
		next.Retire()
	}
	f.mu.Unlock()
	last.end()
	return last.answered
}

// answered waits until what was under way when another server took over is
// answered, until ctx ends at most.
func (s *Server) answered(ctx context.Context) error {
	defer s.live.close(ctx)
	answered := make(chan struct{})
	go func() {
		s.underWay.Wait()
		close(answered)
	}()
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for requests under the settings before: %w", ctx.Err())
	}
}

// Retire says that the process will stop; see [Server.Retire].
func (f *Front) Retire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retired = true
	f.current.Retire()
}

// Drain stops accepting, ends endless replies, and waits until every accepted
// request is answered or the context ends; then it closes what is left and
// returns the context's error.
func (f *Front) Drain(ctx context.Context) error {
	f.Retire()
	f.mu.RLock()
	s := f.current
	f.mu.RUnlock()
	s.end()
	defer s.live.close(ctx)
	if err := f.http.Shutdown(ctx); err != nil {
		f.http.Close()
		return fmt.Errorf("waiting for requests under way: %w", err)
	}
	return nil
}
