package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestScreens: what screens ask two replicas for. A write through one is told
// to browsers at the other and is in the next panel there; with Redis gone the panels are the same, and /ready says what is missing.
func TestScreens(t *testing.T) {
	t.Parallel()
	c, replicas := newCluster(t, 2)
	a, b := replicas[0], replicas[1]
	r := newRun("seen", a)
	r.log(300, 100)

	events := b.follow(t)
	begun := time.Now()
	r.log(310, 10)
	for told := ""; !strings.Contains(told, `"run":"seen"`) || !strings.Contains(told, `"steps":310`); {
		var open bool
		select {
		case told, open = <-events:
		case <-time.After(20 * time.Second): // it looks each second; a busy machine takes its time
		}
		if !open {
			t.Fatal("a change through one replica is not told at the other")
		}
	}
	t.Logf("a change through one replica was told at the other after %v", time.Since(begun))

	first := a.panel(t)
	for _, at := range replicas {
		if got := at.panel(t); !bytes.Equal(got, first) {
			t.Errorf("%s: the panel is not the one that the first replica sent", at.url)
		}
	}
	hits := func() bool {
		n := b.metric(t, `ballast_cache_reads_total{outcome="hit"}`)
		return n != "" && n != "0"
	}
	for deadline := time.Now().Add(30 * time.Second); !hits(); time.Sleep(100 * time.Millisecond) { // a Redis that was slow once is left alone for a second
		if time.Now().After(deadline) {
			t.Fatal("the second replica computes panels that the first shares")
		}
		a.panel(t)
		b.panel(t)
	}
	r.log(320, 10)
	second := b.panel(t)
	if bytes.Equal(second, first) {
		t.Error("rows that were acknowledged are not in the panel of the other replica")
	}

	if state := a.ready(t); state["slower"] != "" {
		t.Errorf("with Redis there, /ready says %q", state["slower"])
	}
	c.redis.Kill()
	a.awaitSlower(t, true)
	for _, at := range replicas {
		if got := at.panel(t); !bytes.Equal(got, second) {
			t.Errorf("%s: without Redis the panel is another", at.url)
		}
	}
	c.redis.Restart(t)
	a.awaitSlower(t, false)
}

// follow opens the stream of changes of ada's project, and returns its events
// until the test ends.
func (r *replica) follow(t *testing.T) <-chan string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/live?project=ada/p", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("api", r.c.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("following: %v %v", resp, err)
	}
	events := make(chan string, 100)
	opened := make(chan struct{})
	go func() {
		defer close(events)
		defer resp.Body.Close()
		for buf, began := make([]byte, 64<<10), false; ; {
			n, err := resp.Body.Read(buf)
			if !began && n > 0 {
				close(opened)
				began = true
			}
			if err != nil {
				return
			}
			events <- string(buf[:n])
		}
	}()
	select {
	case <-opened:
	case <-time.After(20 * time.Second):
		t.Fatal("the stream of changes does not begin")
	}
	return events
}

// panel is the packed chart of the runs that the tests make.
func (r *replica) panel(t *testing.T) []byte {
	t.Helper()
	code, body, err := r.post("/api/panel", []byte(`{"project":"ada/p","runs":["seen"],"key":"loss"}`))
	if err != nil || code != http.StatusOK {
		t.Fatalf("panel: %d %.200s %v", code, body, err)
	}
	return body
}

// metric is the value of a line of /metrics, "" when it is not there.
func (r *replica) metric(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(string(r.get(t, "/metrics"))) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (r *replica) ready(t *testing.T) (state map[string]string) {
	t.Helper()
	if err := json.Unmarshal(r.get(t, "/ready"), &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// awaitSlower waits until the replica says, while it stays ready, that it is
// slower or is not any more.
func (r *replica) awaitSlower(t *testing.T, slower bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); (r.ready(t)["slower"] != "") != slower; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("/ready does not say slower=%v: %v", slower, r.ready(t))
		}
	}
}

func (r *replica) get(t *testing.T, path string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %.200s %v", path, resp.Status, body, err)
	}
	return body
}
