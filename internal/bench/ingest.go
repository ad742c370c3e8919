package bench

import (
	"context"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// IngestOptions say what to send where.
type IngestOptions struct {
	URL      string        // of a running server
	Key      string        // an API key that may write
	PID      int           // of the server, for its memory; 0: not reported
	Dir      string        // where the limit of the disk is measured; should be on the server's disk
	Project  string        // "bench"
	Runs     int           // each has one request in flight; 64
	Duration time.Duration // of each measurement; 5 s
}

// IngestResult is what was reached, with the limits of the same machine in the
// same run.
type IngestResult struct {
	Machine   Machine    `json:"machine"`
	Big       IngestRate `json:"big"`   // 100 rows × 100 keys a request
	Small     IngestRate `json:"small"` // 1 row × 10 keys
	Memory    int64      `json:"memory_bytes"`
	MemoryMax int64      `json:"memory_max_bytes"`
}

// IngestRate is one measurement. The same client sent the same bodies to an
// HTTP server that only reads and answers (Echo); the same bytes were written
// to a file and synced every 4 MB (Disk).
type IngestRate struct {
	Rows       int     `json:"rows"`
	Keys       int     `json:"keys"`
	BodyBytes  int     `json:"body_bytes"`
	Runs       int     `json:"runs"`
	Seconds    float64 `json:"seconds"`
	Requests   int64   `json:"requests"`
	PerSecond  float64 `json:"requests_per_second"`
	Points     float64 `json:"points_per_second"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
	Echo       float64 `json:"echo_requests_per_second"`
	EchoRatio  float64 `json:"of_echo"`
	Disk       float64 `json:"disk_requests_per_second"`
	DiskRatio  float64 `json:"of_disk"`
	BusyOrGone int64   `json:"refused"` // 429 and 503 answers, sent again
	CPU        float64 `json:"server_core_seconds,omitempty"`
}

// Ingest measures durable ingest through the real file stream.
func Ingest(ctx context.Context, o IngestOptions) (*IngestResult, error) {
	if o.Runs == 0 {
		o.Runs = 64
	}
	if o.Duration == 0 {
		o.Duration = 5 * time.Second
	}
	if o.Project == "" {
		o.Project = "bench"
	}
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" {
		return nil, fmt.Errorf("URL %q: the bench speaks http:// to a server on this machine", o.URL)
	}
	r := &IngestResult{Machine: thisMachine()}
	for _, part := range []struct {
		shape bodyShape
		rate  *IngestRate
	}{{bodyShape{1, 10}, &r.Small}, {bodyShape{100, 100}, &r.Big}} { // small first: the big leave the sealer busy for a while
		if err := measureIngest(ctx, base, o, part.shape, part.rate); err != nil {
			return nil, err
		}
	}
	if o.PID != 0 {
		r.Memory, r.MemoryMax = memoryOf(o.PID)
	}
	return r, nil
}

// measureIngest fills one rate: the server, then the limits.
func measureIngest(ctx context.Context, base *url.URL, o IngestOptions, shape bodyShape, rate *IngestRate) error {
	random := mathrand.New(mathrand.NewPCG(uint64(shape.rows), uint64(shape.keys)))
	bodies := make([]*body, 4)
	for i := range bodies {
		bodies[i] = newBody(random, shape)
	}
	*rate = IngestRate{Rows: shape.rows, Keys: shape.keys, BodyBytes: len(bodies[0].text), Runs: o.Runs}
	tag := tagged()
	paths := make([]string, o.Runs)
	for i := range paths {
		var err error
		if paths[i], err = upsertRun(ctx, base, o.Key, o.Project, fmt.Sprintf("%s-%dx%d-%d", tag, shape.rows, shape.keys, i)); err != nil {
			return err
		}
	}
	before := cpuOf(o.PID)
	got, err := drive(ctx, base, paths, o.Key, bodies, o.Duration)
	if err != nil {
		return err
	}
	got.fill(rate, shape)
	if o.PID != 0 {
		rate.CPU = (cpuOf(o.PID) - before).Seconds()
	}
	echo, stop, err := startEcho()
	if err != nil {
		return err
	}
	defer stop()
	bare, err := drive(ctx, echo, paths, "", bodies, min(o.Duration, 3*time.Second))
	if err != nil {
		return err
	}
	rate.Echo = float64(len(bare.took)) / bare.seconds
	rate.EchoRatio = rate.PerSecond / rate.Echo
	if rate.Disk, err = diskLimit(o.Dir, bodies[0].text, min(o.Duration, 3*time.Second)); err != nil {
		return err
	}
	rate.DiskRatio = rate.PerSecond / rate.Disk
	return nil
}

// driven is what a drive measured.
type driven struct {
	mu      sync.Mutex
	seconds float64
	took    []time.Duration
	again   int64
}

// drive sends bodies on one connection for each path, one request in flight on
// each, for a time.
func drive(ctx context.Context, base *url.URL, paths []string, key string, bodies []*body, d time.Duration) (*driven, error) {
	all := &driven{}
	began := time.Now()
	end := began.Add(d)
	group, ctx := errgroup.WithContext(ctx)
	for i, path := range paths {
		group.Go(func() error { return all.run(ctx, base, path, key, bodies, i, end) })
	}
	err := group.Wait()
	all.seconds = time.Since(began).Seconds()
	return all, err
}

func (a *driven) run(ctx context.Context, base *url.URL, path, key string, bodies []*body, seed int, end time.Time) error {
	c, err := dial(ctx, base, path, key)
	if err != nil {
		return err
	}
	defer c.net.Close()
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	b := bodies[seed%len(bodies)].clone()
	var took []time.Duration
	var again int64
	for line := int64(0); time.Now().Before(end); line += int64(b.rows) {
		b.at(line)
		sent := time.Now()
		for {
			status, err := c.post(b.text)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if status == http.StatusOK {
				break
			}
			if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
				return fmt.Errorf("%s: status %d", path, status)
			}
			again++
			time.Sleep(50 * time.Millisecond)
		}
		took = append(took, time.Since(sent))
		if rest := b.pause - time.Since(sent); rest > 0 {
			time.Sleep(rest)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = append(a.took, took...)
	a.again += again
	return nil
}

func (a *driven) fill(r *IngestRate, s bodyShape) {
	slices.Sort(a.took)
	n := len(a.took)
	r.Seconds, r.Requests, r.BusyOrGone = a.seconds, int64(n), a.again
	if n == 0 {
		return
	}
	r.PerSecond = float64(n) / a.seconds
	r.Points = r.PerSecond * float64(s.rows) * float64(s.keys)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	r.P50, r.P99, r.Max = ms(a.took[n/2]), ms(a.took[n*99/100]), ms(a.took[n-1])
}

// startEcho starts a server that reads bodies and answers, no more.
func startEcho() (*url.URL, func(), error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	s := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Write([]byte("{}"))
	})}
	go s.Serve(l)
	return &url.URL{Scheme: "http", Host: l.Addr().String()}, func() { s.Close() }, nil
}

// diskLimit is how many bodies a second can be written to a file that is
// synced every 4 MB, or every 64 bodies: what one commit holds.
func diskLimit(dir string, text []byte, d time.Duration) (float64, error) {
	f, err := os.CreateTemp(dir, "ballast-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { f.Close(); os.Remove(f.Name()) }()
	each := max(1, min(64, (4<<20)/len(text)))
	began, n := time.Now(), 0
	for time.Since(began) < d && n*len(text) < 2<<30 {
		for range each {
			if _, err := f.Write(text); err != nil {
				return 0, err
			}
			n++
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// Print writes the result for a person.
func (r *IngestResult) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, %s\n", r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Go)
	for _, p := range []IngestRate{r.Big, r.Small} {
		fmt.Fprintf(w, "%3d rows × %d keys, %d runs: %8.2f M points/s  %8.0f requests/s  p50 %.1f ms  p99 %.1f ms  max %.0f ms\n", p.Rows, p.Keys, p.Runs,
			p.Points/1e6, p.PerSecond, p.P50, p.P99, p.Max)
		fmt.Fprintf(w, "    bodies of %d bytes; a bare HTTP server takes %.0f requests/s (%.0f %%), write and sync %.0f (%.0f %%); sent again %d\n",
			p.BodyBytes, p.Echo, 100*p.EchoRatio, p.Disk, 100*p.DiskRatio, p.BusyOrGone)
	}
	if r.Memory > 0 {
		fmt.Fprintf(w, "memory of the server: %d MB, at most %d MB\n", r.Memory>>20, r.MemoryMax>>20)
	}
}
