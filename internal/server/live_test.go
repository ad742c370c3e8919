package server

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// listen follows red/secret and returns the lines that come.
func (st *stage) listen(ctx context.Context, role string) <-chan string {
	st.t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", st.url+"/api/live?project=red/secret", nil)
	if err != nil {
		st.t.Fatal(err)
	}
	r.Header.Set("Authorization", basic(st.Keys[role]))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		st.t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		st.t.Fatalf("following: %d %v", res.StatusCode, res.Header)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for scan := bufio.NewScanner(res.Body); scan.Scan(); {
			if scan.Text() != "" {
				lines <- scan.Text()
			}
		}
	}()
	return lines
}

// next waits for a line that holds a text.
func next(t *testing.T, lines <-chan string, want string) string {
	t.Helper()
	after := time.After(5 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the stream ended before %q came", want)
			}
			if strings.Contains(line, want) {
				return line
			}
		case <-after:
			t.Fatalf("%q did not come", want)
		}
	}
}

func TestLive(t *testing.T) {
	st := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := st.listen(ctx, "viewer")
	next(t, lines, "following")
	// The stage made the run just before: a page that read its data before that would not know.
	next(t, lines, `"run":"r1","rev":1,"ver":0,"state":"running","steps":0`)
	time.Sleep(1200 * time.Millisecond) // the first look
	st.logged()
	line := next(t, lines, `"run":"r1"`)
	if !strings.Contains(line, `"steps":2`) || !strings.Contains(line, `"list":true`) && !strings.Contains(line, `"list":false`) || strings.Contains(line, "loss") {
		t.Errorf("the event is %s", line)
	}
	if err := st.DB.Write(t.Context(), "test", func(tx *meta.Tx) error {
		_, err := tx.CreateRun(ballast.Run{ProjectID: st.Project.ID, Name: "r2", UserID: st.Users["member"].ID})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if line := next(t, lines, `"run":"r2"`); !strings.Contains(line, `"list":true`) {
		t.Errorf("a new run does not change the list: %s", line)
	}
	cancel()
	for range lines {
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		st.s.live.mu.Lock()
		left := len(st.s.live.topics) + len(st.s.live.perUser) + st.s.live.streams
		st.s.live.mu.Unlock()
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the hub still remembers a browser that left")
		}
	}
}

// TestLiveStrain: who follows is told that requests are put off, whether the
// stream was open before or is opened then.
func TestLiveStrain(t *testing.T) {
	st := newStage(t)
	lines := st.listen(t.Context(), "viewer")
	next(t, lines, "following")
	release, err := st.s.Ingest.Reserve(t.Context(), 1<<40) // all there is
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := st.s.Ingest.Reserve(t.Context(), 1); !ballast.Is(err, ballast.Busy) {
		t.Fatalf("with all memory taken: %v, want Busy", err)
	}
	next(t, lines, `"why":"full"`)
	next(t, st.listen(t.Context(), "viewer"), `"why":"full"`)
}

// TestLiveStrainOver: a strain that only a stream which was just opened was told
// of is over for it too, and those who followed before hear the same.
func TestLiveStrainOver(t *testing.T) {
	st := newStage(t)
	var strained atomic.Bool
	st.s.live.strain = func() ingest.Strain {
		if strained.Load() {
			return ingest.Full
		}
		return ingest.NoStrain
	}
	before := st.listen(t.Context(), "viewer")
	next(t, before, "following")
	time.Sleep(1200 * time.Millisecond) // the next look is a while away
	strained.Store(true)
	opened := st.listen(t.Context(), "viewer")
	next(t, opened, `"why":"full"`)
	strained.Store(false)
	for _, lines := range []<-chan string{opened, before} {
		next(t, lines, `"why":""`)
	}
}

func TestLiveLimit(t *testing.T) {
	h := newHub(newStage(t).s)
	defer h.close(t.Context())
	for range livePerUser {
		if _, err := h.join(1, 7); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.join(2, 7); !ballast.Is(err, ballast.Busy) {
		t.Errorf("one stream too many: %v, want Busy", err)
	}
	if _, err := h.join(1, 8); err != nil {
		t.Errorf("another person: %v", err)
	}
	// A browser that does not read is cut off, and harms nobody.
	topic := h.topics[1]
	for range 20 {
		h.tell(topic, nil, true)
	}
	for w := range topic.watchers {
		if !w.gone {
			t.Error("a browser that does not read is kept")
		}
	}
}

// TestDrain: an accepted request is finished, endless ones end, /ready says
// no, and new connections are refused.
func TestDrain(t *testing.T) {
	st := newStage(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := func(_ *Server, w http.ResponseWriter, _ *http.Request) error {
		close(entered)
		<-leave
		return answer(w, "done")
	}
	st.s.handler.(*http.ServeMux).Handle("GET /slow/{$}", st.s.wrap(route{pattern: "GET /slow", serve: slow, sort: open}))
	if r := st.do("", "GET", "/ready", nil); r.status != 200 {
		t.Fatalf("before: %d %s", r.status, r.body)
	}
	lines := st.listen(t.Context(), "viewer")
	next(t, lines, "following")
	got := make(chan reply, 1)
	go func() { got <- st.do("", "GET", "/slow/", nil) }()
	<-entered
	drained := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	go func() { drained <- st.front.Drain(ctx) }()
	for range lines { // ends
	}
	select {
	case err := <-drained:
		t.Fatalf("drained with a request under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := http.Get(st.url + "/healthz"); err == nil {
		t.Error("a draining server accepts")
	}
	close(leave)
	if r := <-got; r.status != 200 || r.body != "\"done\"\n" {
		t.Errorf("the request under way: %d %s", r.status, r.body)
	}
	if err := <-drained; err != nil {
		t.Errorf("draining: %v", err)
	}
}

// TestRetire: a server that will stop says so to probes, still answers, and has
// its clients leave.
func TestRetire(t *testing.T) {
	st := newStage(t)
	st.s.Retire()
	if r := st.do("", "GET", "/ready", nil); r.status != 503 || !strings.Contains(r.body, "draining") {
		t.Errorf("/ready: %d %s", r.status, r.body)
	}
	res, err := http.Get(st.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || !res.Close {
		t.Errorf("a request meanwhile: %s, the connection stays open: %v", res.Status, !res.Close)
	}
}

// TestProbesOnly: a worker answers probes and nothing else.
func TestProbesOnly(t *testing.T) {
	st := newStage(t)
	s, err := Open(st.s.Deps, Options{URL: st.url, ProbesOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/healthz": 200, "/ready": 200, "/graphql": 404, "/api/home": 404, "/": 404} {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
