package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestReplace: another server answers from the moment that it takes over, as
// the retired one that it is when the process is about to stop; the last one's
// requests are waited for.
func TestReplace(t *testing.T) {
	st := newStage(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := func(_ *Server, w http.ResponseWriter, _ *http.Request) error {
		close(entered)
		<-leave
		return answer(w, "done")
	}
	st.s.handler.(*http.ServeMux).Handle("GET /slow/{$}", st.s.wrap(route{pattern: "GET /slow", serve: slow, sort: open}))
	got := make(chan reply, 1)
	go func() { got <- st.do("", "GET", "/slow/", nil) }()
	<-entered
	lines := st.listen(t.Context(), "viewer")
	next(t, lines, "following")
	st.front.Retire()
	o := st.s.opt
	o.Metrics = nil // each server has its own
	second, err := Open(st.s.Deps, o)
	if err != nil {
		t.Fatal(err)
	}
	answered := st.front.Replace(second)
	for range lines { // ends
	}
	if r := st.do("", "GET", "/slow/", nil); strings.Contains(r.body, "done") {
		t.Errorf("the last server still answers: %d %s", r.status, r.body)
	}
	if r := st.do("", "GET", "/ready", nil); r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, "draining") {
		t.Errorf("a process that will stop is ready: %d %s", r.status, r.body)
	}
	brief, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := answered(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting with a request under way: %v", err)
	}
	close(leave)
	if err := answered(t.Context()); err != nil {
		t.Errorf("waiting for the last request: %v", err)
	}
	if r := <-got; r.status != http.StatusOK {
		t.Errorf("the request under way: %d %s", r.status, r.body)
	}
}
