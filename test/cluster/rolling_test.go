package cluster

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/ballast-ml/ballast/test/service"
)

// balancer is a load balancer in front of replicas: it asks each for /ready ten
// times a second and sends requests in turn to those that are.
type balancer struct {
	*httptest.Server
	turn    atomic.Uint64
	targets []*target
}

type target struct {
	url   *url.URL
	ready atomic.Bool
}

// balance starts a load balancer that ends with the test.
func balance(t *testing.T, replicas ...*replica) *balancer {
	t.Helper()
	b := &balancer{}
	for _, r := range replicas {
		u, err := url.Parse(r.url)
		if err != nil {
			t.Fatal(err)
		}
		b.targets = append(b.targets, &target{url: u})
	}
	stop := make(chan struct{})
	var probes sync.WaitGroup
	for _, at := range b.targets {
		at.probe()
		probes.Go(func() {
			for tick := time.NewTicker(100 * time.Millisecond); ; {
				select {
				case <-stop:
					tick.Stop()
					return
				case <-tick.C:
					at.probe()
				}
			}
		})
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(b.next()) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	b.Server = httptest.NewServer(proxy)
	t.Cleanup(func() { b.Close(); close(stop); probes.Wait() })
	return b
}

func (at *target) probe() {
	client := &http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(at.url.String() + "/ready")
	if err == nil {
		resp.Body.Close()
	}
	at.ready.Store(err == nil && resp.StatusCode == http.StatusOK)
}

// next is the address of the next replica that is ready, of any when none is.
func (b *balancer) next() *url.URL {
	for range b.targets {
		at := b.targets[b.turn.Add(1)%uint64(len(b.targets))]
		if at.ready.Load() {
			return at.url
		}
	}
	return b.targets[0].url
}

// TestRollingRestart restarts two replicas behind a load balancer, and their
// worker, one after the other under load: no run gets an answer that ends it,
// each row is there once, in order, and the worker does the jobs, to which SQS
// calls it.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	moto := service.StartMoto(t)
	name := "jobs"
	if _, err := sqs.NewFromConfig(moto.AWS).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name}); err != nil {
		t.Fatal(err)
	}
	c, replicas := newCluster(t, 2, "BALLAST_JOBS=off", "BALLAST_DRAIN_DELAY=2s",
		"BALLAST_QUEUE=sqs://"+name, "AWS_ENDPOINT_URL_SQS="+moto.Endpoint, "AWS_REGION="+moto.AWS.Region)
	worker := c.replica()
	worker.verb = "worker"
	worker.start()
	entry := balance(t, replicas...)
	through := &replica{c: c, url: entry.URL}
	var runs []*run
	var load sync.WaitGroup
	done := make(chan struct{})
	for i := range 4 {
		r := newRun(fmt.Sprintf("rolling%d", i), through)
		runs = append(runs, r)
		load.Go(func() {
			for rows := 20; r.failed == nil; rows += 20 {
				r.log(rows, 20)
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
		})
	}
	for _, r := range append(replicas, worker) {
		r.Stop()
		r.start()
		if r != worker {
			entry.await(t, r)
		}
	}
	close(done)
	load.Wait()
	again, acked := 0, 0
	for _, r := range runs {
		again, acked = again+r.again, acked+r.acked
		r.check(t, through)
	}
	t.Logf("%d rows were taken; %d requests were sent again", acked, again)

	first := runs[0]
	first.log(first.acked+300, 1) // a tail of so many chunks is due
	for deadline := time.Now().Add(60 * time.Second); worker.jobs(t) == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the worker does no job")
		}
	}
	for _, r := range replicas {
		if n := r.jobs(t); n > 0 {
			t.Errorf("%s, without jobs, did %d", r.url, n)
		}
	}
	if code, _, err := worker.post("/graphql", []byte("{}")); err != nil || code != http.StatusNotFound {
		t.Errorf("the worker answers a client: %d %v", code, err)
	}
}

// jobs returns how many jobs on tails the process has done.
func (r *replica) jobs(t *testing.T) (n int) {
	t.Helper()
	for line := range strings.Lines(string(r.get(t, "/metrics"))) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "ballast_seal_seconds_count") {
			each, _ := strconv.Atoi(value)
			n += each
		}
	}
	return n
}

// await waits until the balancer sends requests to a replica.
func (b *balancer) await(t *testing.T, r *replica) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		for _, at := range b.targets {
			if at.url.String() == r.url && at.ready.Load() {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the balancer does not find %s ready", r.url)
		}
	}
}
