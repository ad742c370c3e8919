package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// APIOptions says what of wandb.Api to measure.
type APIOptions struct {
	URL, Key string // of a server of our own
	PID      int
	Runs     int    // in the project that is listed; 0: 10,000
	Rows     int    // of the run that is scanned, of 5 keys each; 0: 1,000,000
	Python   string // an interpreter with the SDK, "" to leave the scan out
}

// APIResult is what Api measured.
type APIResult struct {
	Machine Machine      `json:"machine"`
	Lists   []ListResult `json:"lists"`
	Scans   []ScanResult `json:"scans,omitempty"`
}

// ListResult is a listing of runs through the document that api.runs sends,
// page after page.
type ListResult struct {
	Name      string  `json:"name"`
	Full      bool    `json:"full"` // lazy=False: config and summary too
	Page      int     `json:"page"`
	Runs      int     `json:"runs"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"runs_per_s"`
	Server    float64 `json:"server_seconds"` // of processor time
	Bytes     int64   `json:"bytes"`
	Bare      float64 `json:"bare_runs_per_s"` // the same replies from a server that has them ready
	Ratio     float64 `json:"of_bare"`
}

// ScanResult is scan_history by the real SDK.
type ScanResult struct {
	Keys    int     `json:"keys"` // 0: all
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"`        // of the client, whole
	Client  float64 `json:"client_seconds"` // of processor time, of the interpreter and what it waited for
	Server  float64 `json:"server_seconds"` // of processor time
	Share   float64 `json:"server_share"`   // of Seconds: on a busy machine, compare Client
}

// API measures listing runs and scanning a history.
func API(ctx context.Context, o APIOptions) (*APIResult, error) {
	if o.Runs == 0 {
		o.Runs = 10_000
	}
	if o.Rows == 0 {
		o.Rows = 1_000_000
	}
	base, err := url.Parse(o.URL)
	if err != nil {
		return nil, err
	}
	r := &APIResult{Machine: thisMachine()}
	if err := fillProject(ctx, base, o); err != nil {
		return nil, fmt.Errorf("making %d runs: %w", o.Runs, err)
	}
	filter := `{"config.lr":{"$gte":0.0},"tags":"even","summary_metrics.loss":{"$lt":1000000}}`
	for _, l := range []ListResult{
		{Name: "all, lazy", Page: 50}, {Name: "all, lazy", Page: 1000}, {Name: "all, full", Page: 1000, Full: true},
		{Name: "filtered, lazy", Page: 50}, {Name: "filtered, lazy", Page: 1000}, {Name: "filtered, full", Page: 1000, Full: true},
	} {
		which := "{}"
		if strings.HasPrefix(l.Name, "filtered") {
			which = filter
		}
		if err := l.measure(ctx, base, o, which); err != nil {
			return nil, fmt.Errorf("listing %s: %w", l.Name, err)
		}
		r.Lists = append(r.Lists, l)
	}
	if o.Python == "" {
		return r, nil
	}
	if err := fillHistory(ctx, base, o); err != nil {
		return nil, fmt.Errorf("logging %d rows: %w", o.Rows, err)
	}
	for _, keys := range []int{5, 0} {
		s, err := scan(ctx, o, keys)
		if err != nil {
			return nil, fmt.Errorf("scanning with the SDK of %s: %w", o.Python, err)
		}
		r.Scans = append(r.Scans, *s)
	}
	return r, nil
}

// fillProject makes runs with config, summary and tags, as many at once as
// cores help.
func fillProject(ctx context.Context, base *url.URL, o APIOptions) error {
	const query = `mutation U($name:String,$config:JSONString,$summary:JSONString,$tags:[String!]){upsertBucket(input:{name:$name,modelName:"list",config:$config,summaryMetrics:$summary,tags:$tags}){bucket{id}}}`
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := range o.Runs {
		group.Go(func() error {
			random := rand.New(rand.NewPCG(7, uint64(i)))
			config, summary := map[string]any{}, map[string]any{"loss": i * 7919 % o.Runs}
			for k := range 30 {
				config["c"+strconv.Itoa(k)] = map[string]any{"value": random.IntN(100)}
				summary["m"+strconv.Itoa(k)] = random.Float64()
			}
			config["lr"] = map[string]any{"value": float64(i) / 1000}
			tags := []string{}
			if i%2 == 0 {
				tags = append(tags, "even")
			}
			c, _ := json.Marshal(config)
			s, _ := json.Marshal(summary)
			_, err := ask(ctx, base, o.Key, query, map[string]any{"name": fmt.Sprintf("run%06d", i), "config": string(c), "summary": string(s), "tags": tags})
			return err
		})
	}
	return group.Wait()
}

// ask sends a GraphQL request and returns the whole reply.
func ask(ctx context.Context, base *url.URL, key, query string, variables map[string]any) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("graphql").String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("api", key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || bytes.Contains(text[:min(len(text), 64)], []byte(`"errors"`))) {
		err = fmt.Errorf("status %d: %.300s", res.StatusCode, text)
	}
	return text, err
}

// What api.runs selects of a run, without and with lazy=False.
const (
	lightFields = `id tags name displayName sweepName state group jobType commit readOnly createdAt heartbeatAt description notes historyLineCount user { name username }`
	fullFields  = lightFields + ` config systemMetrics summaryMetrics historyKeys`
	runsQuery   = `query Runs($project: String!, $entity: String!, $cursor: String, $perPage: Int = 50, $order: String, $filters: JSONString) {
  project(name: $project, entityName: $entity) { internalId runCount(filters: $filters) readOnly
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) { edges { node { projectId ...Fields } cursor } pageInfo { endCursor hasNextPage } } } }
fragment Fields on Run { %s }`
)

func (l *ListResult) measure(ctx context.Context, base *url.URL, o APIOptions, filter string) error {
	fields := lightFields
	if l.Full {
		fields = fullFields
	}
	query := fmt.Sprintf(runsQuery, fields)
	var pages [][]byte
	began, busy := time.Now(), processorTime(o.PID)
	for cursor := any(nil); ; {
		text, err := ask(ctx, base, o.Key, query, map[string]any{"entity": "bench", "project": "list", "perPage": l.Page, "cursor": cursor, "order": "+created_at", "filters": filter})
		if err != nil {
			return err
		}
		var page struct {
			Data struct {
				Project struct {
					Runs struct {
						Edges    []struct{ Cursor string }
						PageInfo struct{ HasNextPage bool }
					}
				}
			}
		}
		if err := json.Unmarshal(text, &page); err != nil {
			return err
		}
		edges := page.Data.Project.Runs.Edges
		if len(edges) == 0 {
			return fmt.Errorf("an empty page: %.300s", text)
		}
		pages = append(pages, text)
		l.Runs += len(edges)
		l.Bytes += int64(len(text))
		if !page.Data.Project.Runs.PageInfo.HasNextPage {
			break
		}
		cursor = edges[len(edges)-1].Cursor
	}
	l.Seconds, l.Server = time.Since(began).Seconds(), processorTime(o.PID)-busy
	l.PerSecond = float64(l.Runs) / l.Seconds
	bare, err := readyReplies(ctx, pages)
	l.Bare = float64(l.Runs) / bare.Seconds()
	l.Ratio = l.PerSecond / l.Bare
	return err
}

// readyReplies is how long a client needs for the same replies from a server that
// has them ready.
func readyReplies(ctx context.Context, pages [][]byte) (time.Duration, error) {
	next := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write(pages[next])
		next++
	}))
	defer s.Close()
	base, err := url.Parse(s.URL)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for range pages {
		text, err := ask(ctx, base, "k", "query", nil)
		if err != nil {
			return 0, err
		}
		var page any
		if err := json.Unmarshal(text, &page); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// fillHistory logs the rows that are scanned, and ends the run.
func fillHistory(ctx context.Context, base *url.URL, o APIOptions) error {
	path, err := upsertRun(ctx, base, o.Key, "scan", "big")
	if err != nil {
		return err
	}
	c, err := dial(ctx, base, path, o.Key)
	if err != nil {
		return err
	}
	defer c.net.Close()
	const portion = 20_000
	for from := 0; from < o.Rows; from += portion {
		var lines []string
		for i := from; i < min(from+portion, o.Rows); i++ {
			at := float64(i) * 0.01
			lines = append(lines, fmt.Sprintf(`{"_step":%d,"_timestamp":%s,"_runtime":%s,"a":%s,"b":%s,"c":%d,"d":%s,"e":%d}`,
				i, number(1.79e9+at), number(at), number(at*37), number(1/float64(i+1)), i, number(float64(i*7919%1000)/7), i%13))
		}
		body, err := json.Marshal(map[string]any{"files": map[string]any{"wandb-history.jsonl": map[string]any{"offset": from, "content": lines}}})
		if err != nil {
			return err
		}
		if status, err := c.post(body); err != nil || status != http.StatusOK {
			return fmt.Errorf("rows from %d on: status %d, %w", from, status, err)
		}
	}
	if status, err := c.post([]byte(`{"complete":true,"exitcode":0}`)); err != nil || status != http.StatusOK {
		return fmt.Errorf("ending the run: status %d, %w", status, err)
	}
	time.Sleep(3 * time.Second) // what the end set off is not the scan's
	return nil
}

const scanScript = `import sys, time, wandb
keys = ["a", "b", "c", "d", "e"][:int(sys.argv[1])] or None
run = wandb.Api(timeout=120).run("bench/scan/big")
began = time.time()
n = sum(1 for _ in run.scan_history(keys=keys))
print("RESULT", n, time.time() - began)
`

// scan runs the SDK and compares its whole time with the server's processor
// time in it.
func scan(ctx context.Context, o APIOptions, keys int) (*ScanResult, error) {
	home, err := os.MkdirTemp("", "ballast-bench-sdk-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	cmd := exec.CommandContext(ctx, o.Python, "-c", scanScript, strconv.Itoa(keys))
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "WANDB_BASE_URL="+o.URL, "WANDB_API_KEY="+o.Key, "WANDB_SILENT=true")
	var fault bytes.Buffer
	cmd.Stderr = &fault
	before := processorTime(o.PID)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %.1000s", err, fault.Bytes())
	}
	s := &ScanResult{Keys: keys, Server: processorTime(o.PID) - before}
	_, text, _ := strings.Cut(string(out), "RESULT ")
	if _, err := fmt.Sscan(text, &s.Rows, &s.Seconds); err != nil || s.Rows != o.Rows {
		return nil, fmt.Errorf("%d rows came of %d: %.300q", s.Rows, o.Rows, out)
	}
	s.Share = s.Server / s.Seconds
	s.Client = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return s, nil
}

// processorTime is what a process has used, in seconds; 0 where the system does
// not say.
func processorTime(pid int) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	const perSecond = 100 // USER_HZ of Linux
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / perSecond
}

// Print writes the result for a person.
func (r *APIResult) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, %s\n", r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Go)
	for _, l := range r.Lists {
		fmt.Fprintf(w, "api.runs, %-14s %4d a page: %6.0f runs/s (%d runs, %.1f MB, %.2f s, %.2f s of the server's processor time); the same replies ready: %.0f runs/s (%.0f %%)\n",
			l.Name+",", l.Page, l.PerSecond, l.Runs, float64(l.Bytes)/1e6, l.Seconds, l.Server, l.Bare, 100*l.Ratio)
	}
	for _, s := range r.Scans {
		what := strconv.Itoa(s.Keys) + " keys"
		if s.Keys == 0 {
			what = "all keys"
		}
		fmt.Fprintf(w, "scan_history, %s: %d rows in %.1f s; the server's processor time %.1f s, %.0f %% of it; the client's %.1f s\n", what, s.Rows, s.Seconds, s.Server, 100*s.Share, s.Client)
	}
}
