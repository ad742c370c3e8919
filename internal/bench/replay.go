package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// recordedStart is what the SDK sends when a run starts, up to the first point
// (test/sdk/record.py wrote it down), with {entity}, {project} and {run} where
// their names stood.
//
//go:embed recorded/start.json
var recordedStart []byte

// StartOptions say what to replay against a server.
type StartOptions struct {
	URL     string // of a server on this machine
	Key     string // of a user who may write to the entity
	Entity  string
	Project string        // "bench" when empty
	PID     int           // of the server, 0: its processor time is not told
	Starts  int           // 1000 when 0
	Within  time.Duration // the starts begin evenly spread over it; 1 s when 0
}

// StartResult is what a replay measured.
type StartResult struct {
	Machine  Machine        `json:"machine"`
	Starts   int            `json:"starts"`
	Requests int            `json:"requests"`          // of one start
	Failed   int            `json:"failed"`            // starts with an answer that was not 200
	Answers  map[string]int `json:"answers"`           // by status
	Seconds  float64        `json:"seconds"`           // from the first request to the last answer
	Init     Spread         `json:"init"`              // until wandb.init has its answer
	Point    Spread         `json:"point"`             // until the first point is stored, requests back to back
	CPU      float64        `json:"cpu_ms_each"`       // processor time of the server for one start
	ServerMS float64        `json:"server_ms_each"`    // the server's own time for one start's requests, alone on the machine
	Limit    float64        `json:"server_ms_allowed"` // for it
}

// Spread is a median and a 99th percentile, in milliseconds.
type Spread struct{ P50, P99 float64 }

type recordedRequest struct {
	Method, Path, Type, Encoding, Body string
}

// Start replays the recorded start of a run, once alone and then many times
// within a second.
func Start(ctx context.Context, o StartOptions) (*StartResult, error) {
	o.Starts, o.Within = orElse(o.Starts, 1000), orElse(o.Within, time.Second)
	o.Project = orElse(o.Project, "bench")
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" {
		return nil, fmt.Errorf("URL %q: the bench speaks http:// to a server on this machine", o.URL)
	}
	var requests []recordedRequest
	if err := json.Unmarshal(recordedStart, &requests); err != nil || len(requests) == 0 {
		return nil, fmt.Errorf("reading the recorded start: %d requests, %w", len(requests), err)
	}
	r := &StartResult{Machine: thisMachine(), Starts: o.Starts, Requests: len(requests), Answers: map[string]int{}, Limit: 1000}
	tag := strings.ToLower(rand.Text()[:8])
	one := func(i int) start { return replay(ctx, base, o, requests, fmt.Sprintf("%s-%d", tag, i)) }
	if s := one(-2); s.err != nil { // makes the project
		return nil, s.err
	}
	alone := one(-1)
	if alone.err != nil {
		return nil, alone.err
	}
	r.ServerMS = alone.point.Seconds() * 1000
	starts := make([]start, o.Starts)
	cpu := cpuOf(o.PID)
	begun := time.Now()
	var all sync.WaitGroup
	for i := range starts {
		time.Sleep(time.Until(begun.Add(o.Within * time.Duration(i) / time.Duration(o.Starts))))
		all.Go(func() { starts[i] = one(i) })
	}
	all.Wait()
	r.Seconds = time.Since(begun).Seconds()
	r.CPU = (cpuOf(o.PID) - cpu).Seconds() * 1000 / float64(o.Starts)
	return r, r.count(starts)
}

func orElse[T comparable](v, otherwise T) T {
	if v == *new(T) {
		return otherwise
	}
	return v
}

func (r *StartResult) count(starts []start) error {
	var inits, points []float64
	for _, s := range starts {
		if s.err != nil {
			return s.err
		}
		bad := false
		for _, status := range s.answers {
			r.Answers[fmt.Sprint(status)]++
			bad = bad || status != http.StatusOK
		}
		if bad {
			r.Failed++
		}
		inits, points = append(inits, s.init.Seconds()*1000), append(points, s.point.Seconds()*1000)
	}
	r.Init, r.Point = spread(inits), spread(points)
	return nil
}

func spread(ms []float64) Spread {
	slices.Sort(ms)
	return Spread{P50: ms[len(ms)/2], P99: ms[len(ms)*99/100]}
}

// start is one replayed start.
type start struct {
	answers     []int
	init, point time.Duration
	err         error
}

// replay sends the requests of a start one after the other, on a connection of
// its own as a process has.
func replay(ctx context.Context, base *url.URL, o StartOptions, requests []recordedRequest, run string) (s start) {
	begun := time.Now()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", base.Host)
	if err != nil {
		s.err = fmt.Errorf("connecting for run %s: %w", run, err)
		return s
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 4096)
	names := strings.NewReplacer("{entity}", o.Entity, "{project}", o.Project, "{run}", run)
	auth := "Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+o.Key))
	for i, r := range requests {
		body := names.Replace(r.Body)
		if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ballast-bench\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			r.Method, names.Replace(r.Path), base.Host, auth, r.Type, len(body), body); err != nil {
			s.err = fmt.Errorf("run %s, request %d: %w", run, i, err)
			return s
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			s.err = fmt.Errorf("run %s, answer %d: %w", run, i, err)
			return s
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			s.err = fmt.Errorf("run %s, answer %d: %w", run, i, err)
			return s
		}
		status := res.StatusCode
		if strings.Contains(string(answer), `"errors"`) {
			s.err = fmt.Errorf("run %s, answer %d: %.300s", run, i, answer)
			return s
		}
		s.answers = append(s.answers, status)
		if i == 0 {
			s.init = time.Since(begun)
		}
	}
	s.point = time.Since(begun)
	return s
}

// cpuOf is the processor time that a process has used; 0 where the system does
// not say.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * (time.Second / 100) // USER_HZ is 100 on Linux
}

// Print writes the result for people.
func (r *StartResult) Print(w io.Writer) {
	fmt.Fprintf(w, "%d starts of runs, %d requests each, begun within a second\n", r.Starts, r.Requests)
	fmt.Fprintf(w, "  failed              %d, answers %v\n", r.Failed, r.Answers)
	fmt.Fprintf(w, "  all answered after  %.2f s\n", r.Seconds)
	fmt.Fprintf(w, "  wandb.init waits    %.0f ms (median), %.0f ms (99 %%)\n", r.Init.P50, r.Init.P99)
	fmt.Fprintf(w, "  to the first point  %.0f ms (median), %.0f ms (99 %%)\n", r.Point.P50, r.Point.P99)
	fmt.Fprintf(w, "  processor time      %.1f ms of the server for each start\n", r.CPU)
	fmt.Fprintf(w, "  one start alone     %.1f ms of %.0f ms\n", r.ServerMS, r.Limit)
}
