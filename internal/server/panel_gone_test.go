package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/query"
)

// slowBucket answers no read before its reader goes away.
type slowBucket struct {
	blob.Bucket
	asked, gone *atomic.Int64
	first       chan struct{} // closed with the first read
}

func (b *slowBucket) Get(ctx context.Context, _ string, _, _ int64) (io.ReadCloser, error) {
	if b.asked.Add(1) == 1 {
		close(b.first)
	}
	<-ctx.Done()
	b.gone.Add(1)
	return nil, ctx.Err()
}

// A browser that leaves a page closes its requests: the server stops reading
// for them at once, and begins no more reads.
func TestPanelIsGivenUp(t *testing.T) {
	slow := &slowBucket{asked: new(atomic.Int64), gone: new(atomic.Int64), first: make(chan struct{})}
	st := newStage(t, func(_ *Options, d *Deps) {
		slow.Bucket = d.Stores[0]
		d.Query = query.New(d.DB, map[int]blob.Bucket{0: slow}, nil, query.Options{Workers: 2})
	})
	var names []string
	for i := range 20 {
		name := fmt.Sprint("gone", i)
		run := st.runOf("member", name, ballast.Running, time.Now())
		body := `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":0,\"loss\":1}"]}},"complete":true,"exitcode":0}`
		if r := st.do("member", "POST", "/files/red/secret/"+name+"/file_stream", strings.NewReader(body)); r.status != 200 {
			t.Fatalf("logging: %d %s", r.status, r.body)
		}
		if err := st.s.Ingest.Seal(t.Context(), run.ID); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	ask, err := json.Marshal(map[string]any{"project": "red/secret", "runs": names, "key": "loss"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, "POST", st.url+"/api/panel", strings.NewReader(string(ask)))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("api", st.Keys["viewer"])
	answered := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		answered <- err
	}()
	select {
	case <-slow.first:
	case err := <-answered:
		t.Fatalf("answered without a read: %v", err)
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is read")
	}
	leave()
	if err := <-answered; err == nil {
		t.Fatal("answered although no read was")
	}
	for end := time.Now().Add(5 * time.Second); slow.gone.Load() < slow.asked.Load(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d reads go on after the reader went away", slow.asked.Load()-slow.gone.Load())
		}
	}
	begun := slow.asked.Load()
	time.Sleep(200 * time.Millisecond)
	if again := slow.asked.Load(); again != begun || again > 2 {
		t.Errorf("%d reads, then %d, of 20 runs: two at once were under way when the reader left", begun, again)
	}
}
