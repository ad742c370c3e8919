package main

import (
	"net"
	"net/http"
	"time"
)

// early answers on the listener while the store is being opened or migrated:
// the process is alive, and not ready.
type early struct {
	listener *net.TCPListener
	http     *http.Server
	done     chan struct{}
}

func answerEarly(l *net.TCPListener) *early {
	e := &early{listener: l, done: make(chan struct{})}
	e.http = &http.Server{Handler: http.HandlerFunc(starting), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(e.done)
		e.http.Serve(lent{l})
	}()
	return e
}

func starting(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "close")
	if r.URL.Path == "/healthz" {
		w.Write([]byte(`{"status":"ok"}` + "\n"))
		return
	}
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
	w.Write([]byte(`{"error":"starting: the store is being opened"}` + "\n"))
}

// handOver stops answering; the listener is then free for the real server.
// Connections that wait in it meanwhile are the real server's.
func (e *early) handOver() {
	e.http.Close()
	<-e.done
	e.listener.SetDeadline(time.Time{})
}

// lent is a listener that its server cannot close: Close only ends Accept.
type lent struct{ *net.TCPListener }

func (l lent) Close() error { return l.SetDeadline(time.Unix(1, 0)) }
