package bench

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
	"golang.org/x/sync/errgroup"
)

// fields makes runs with 30 fields of config and 30 of summary.
func (f *filler) fields(ctx context.Context, runs int) error {
	r := rand.New(rand.NewPCG(1, 2))
	for made := 0; made < runs; {
		n := min(2000, runs-made)
		err := f.db.Write(ctx, "make runs", func(tx *meta.Tx) error {
			for i := range n {
				config, summary := fmt.Appendf(nil, `{"lr":{"value":%v}`, r.Float64()), fmt.Appendf(nil, `{"loss":%v`, r.NormFloat64())
				for j := range 29 {
					config = fmt.Appendf(config, `,"param_%d":{"value":%d}`, j, r.IntN(1000))
					summary = fmt.Appendf(summary, `,"metric/%d":%v`, j, r.Float32())
				}
				run, err := tx.CreateRun(ballast.Run{ProjectID: f.project.ID, Name: fmt.Sprintf("r%07d", made+i), Group: fmt.Sprint("g", i%20), Tags: []string{fmt.Sprint("t", i%7)}, Config: append(config, '}')})
				if err != nil {
					return err
				}
				if err := tx.SetRunState(run.ID, ballast.Finished, 0, time.Now()); err != nil {
					return err
				}
				if err := tx.SetSummary(run.ID, append(summary, '}')); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		made += n
	}
	return f.storeTable(ctx, runs)
}

// storeTable does what a server does some seconds after so many runs came.
func (f *filler) storeTable(ctx context.Context, runs int) error {
	if runs >= 10_000 {
		time.Sleep(20 * time.Second) // what changed just before is read again with the first question
	}
	return query.New(f.db, nil, nil, query.Options{}).SaveTables(ctx)
}

// tableTimes are what questions to a table cost.
type tableTimes struct {
	cold, lean, page, count times
	coldCPU                 time.Duration
}

func askTable(ctx context.Context, s *Server, o Options, runs int) (t tableTimes, err error) {
	ask := func(filter any, order string, limit int) func() error {
		return func() error {
			b, err := s.call(ctx, "/api/runs", map[string]any{"project": "bench/table", "filter": filter, "order": []string{order},
				"columns": []string{"config.lr", "config.param_3", "summary_metrics.loss", "summary_metrics.metric/3"}, "limit": limit})
			if err != nil {
				return err
			}
			var table struct {
				Total, Found int
				Rows         []json.RawMessage
			}
			if err := json.Unmarshal(b, &table); err != nil {
				return err
			}
			if table.Total != runs || table.Found == 0 || limit > 0 && len(table.Rows) == 0 {
				return fmt.Errorf("the table has %d runs, %d found, %d in the page", table.Total, table.Found, len(table.Rows))
			}
			return nil
		}
	}
	filter := map[string]any{"config.lr": map[string]any{"$lt": 0.5}, "summary_metrics.loss": map[string]any{"$gt": 0}, "tags": map[string]any{"$ne": "t3"}}
	time.Sleep(time.Duration(o.Size.of(0, 6, 6)) * time.Second) // what was written just now is read again with each question
	if t.lean, err = repeat(ctx, 1, ask(nil, "-created_at", 50)); err != nil {
		return t, err
	}
	before := cpuOf(s.PID)
	if t.cold, err = repeat(ctx, 1, ask(filter, "-summary_metrics.loss", 50)); err != nil {
		return t, err
	}
	t.coldCPU = cpuOf(s.PID) - before
	if t.page, err = repeat(ctx, 20, ask(filter, "-summary_metrics.loss", 50)); err != nil {
		return t, err
	}
	t.count, err = repeat(ctx, 20, func() error {
		var data struct{ Project struct{ RunCount int } }
		return s.graphql(ctx, `query Count($f:JSONString){project(name:"table",entityName:"bench"){runCount(filters:$f)}}`, map[string]any{"f": `{"summary_metrics.loss":{"$gt":0}}`}, &data)
	})
	return t, err
}

// measureTable measures the run table.
func measureTable(ctx context.Context, o Options, f *Figure) error {
	runs := o.Size.of(1000, 100_000, 100_000)
	s, err := filled(ctx, o, "table", func(f *filler) error { return f.fields(ctx, runs) })
	if err != nil {
		return err
	}
	defer s.Stop()
	t, err := askTable(ctx, s, o, runs)
	if err != nil {
		return err
	}
	scan := millis(scanLimit(3*runs, 1))
	f.add("first page after a start, no filter", t.lean.at(0), "ms", 1000, true)
	f.add("first question after a start, three conditions and an order", t.cold.at(0), "ms", 1000, true)
	f.add("  cores' time of it", millis(t.coldCPU), "ms", 0, true)
	f.add("filter by three, sort, a page; median", t.page.at(0.5), "ms", 100, true).limited(scan, "ms: a walk over three columns in memory")
	f.add("count, median", t.count.at(0.5), "ms", 10, true).limited(scan, "ms: a walk over three columns in memory")
	f.memory(s)
	return nil
}

// measureFiles measures one large file up and down.
func measureFiles(ctx context.Context, o Options, f *Figure) error {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	base, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	if _, err := upsertRun(ctx, base, s.Key, "files", "one"); err != nil {
		return err
	}
	size := o.Size.of(1<<20, 256<<20, 1<<30)
	content := make([]byte, size)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= size; i += 8 {
		x := r.Uint64()
		for k := range 8 {
			content[i+k] = byte(x >> (8 * k))
		}
	}
	var up, down, rawUp, rawDown, hashed times
	for i := range 3 {
		hashed = append(hashed, hashTime(content))
		name := fmt.Sprintf("model-%d.bin", i)
		place, err := s.reserve(ctx, name)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := put(ctx, place, content); err != nil {
			return err
		}
		up = append(up, time.Since(began))
		began = time.Now()
		if err := s.get(ctx, name, int64(size)); err != nil {
			return err
		}
		down = append(down, time.Since(began))
		w, d, err := rawFile(s.Dir, content)
		if err != nil {
			return err
		}
		rawUp, rawDown = append(rawUp, w), append(rawDown, d)
	}
	perSecond := func(t times) float64 { return float64(size) / (sorted(t).at(0.5) / 1000) / 1e6 }
	for _, v := range []struct {
		what     string
		got, raw times
		of       string
	}{{"upload, hashed while it is written", up, rawUp, "MB/s: write and sync of a file"}, {"download", down, rawDown, "MB/s: read of a file"}} {
		limit := perSecond(v.raw)
		f.add(v.what, perSecond(v.got), "MB/s", 0.8*limit, false).limited(limit, v.of)
	}
	f.add("  MD5 of the same bytes, the fastest of 3", float64(size)/slices.Min(hashed).Seconds()/1e6, "MB/s", 0, false)
	f.Notes = "The goal is 80 % of the raw disk, measured in the same run. An upload is hashed by MD5, which clients compare, on one core: it cannot be faster than that. A download of a file in memory is bounded by the loopback."
	f.memory(s)
	return nil
}

// hashTime is how long one core takes for the MD5 of content.
func hashTime(content []byte) time.Duration {
	began := time.Now()
	md5.Sum(content)
	return time.Since(began)
}

func (s *Server) reserve(ctx context.Context, name string) (string, error) {
	var data struct {
		CreateRunFiles struct {
			Files []struct{ UploadURL string }
		}
	}
	err := s.graphql(ctx, `mutation M($n:[String!]!){createRunFiles(input:{entityName:"bench",projectName:"files",runName:"one",files:$n}){files{uploadUrl}}}`, map[string]any{"n": []string{name}}, &data)
	if err == nil && len(data.CreateRunFiles.Files) != 1 {
		err = fmt.Errorf("%d places for one file", len(data.CreateRunFiles.Files))
	}
	if err != nil {
		return "", err
	}
	return data.CreateRunFiles.Files[0].UploadURL, nil
}

func put(ctx context.Context, place string, content []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, place, bytes.NewReader(content))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("upload: status %d", res.StatusCode)
	}
	return nil
}

func (s *Server) get(ctx context.Context, name string, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/files/bench/files/one/"+name, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth("api", s.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && (n != size || res.StatusCode != http.StatusOK) {
		err = fmt.Errorf("download: status %d, %d of %d bytes", res.StatusCode, n, size)
	}
	return err
}

// rawFile writes, syncs and reads a file.
func rawFile(dir string, content []byte) (write, read time.Duration, err error) {
	name := filepath.Join(dir, "raw")
	defer os.Remove(name)
	began := time.Now()
	w, err := os.Create(name)
	if err != nil {
		return 0, 0, err
	}
	if _, err = w.Write(content); err == nil {
		err = w.Sync()
	}
	w.Close()
	if err != nil {
		return 0, 0, err
	}
	write, began = time.Since(began), time.Now()
	r, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, make([]byte, 1<<20))
	return write, time.Since(began), err
}

// measureIdle is Idle as a figure.
func measureIdle(ctx context.Context, o Options, f *Figure) error {
	r, err := Idle(ctx, IdleOptions{Exe: o.Exe, Dir: o.Dir, Runs: o.Size.of(1000, 100_000, 100_000), Starts: o.Size.of(1, 5, 5), Rest: time.Duration(o.Size.of(0, 10, 10))*time.Second + 1})
	if err != nil {
		return err
	}
	f.add("memory at rest", float64(r.Memory)/(1<<20), "MB", 50, true)
	f.add(fmt.Sprintf("start to /ready with %d runs, median", r.Runs), float64(r.Starts[len(r.Starts)/2]), "ms", 300, true).limited(float64(r.Empty), "ms: the program alone")
	f.add("the program", float64(r.Binary)/(1<<20), "MB", 60, true)
	f.Memory, f.Peak = r.Memory, r.Peak
	return nil
}

// measureKill kills the server under load and looks for what was acknowledged.
func measureKill(ctx context.Context, o Options, f *Figure) error {
	trials := o.Size.of(2, 10, 100)
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	var acknowledged, lost, doubled int64
	var ready times
	for trial := range trials {
		sent, err := s.killedUnderLoad(ctx, trial, time.Duration(200+r.IntN(1000))*time.Millisecond)
		if err != nil {
			return err
		}
		took, err := s.again(ctx, o.Exe)
		if err != nil {
			return err
		}
		ready = append(ready, took)
		for name, lines := range sent {
			have, total, err := s.stored(ctx, name)
			if err != nil {
				return err
			}
			acknowledged += lines
			lost += max(0, lines-have)
			doubled += max(0, total-have)
		}
	}
	f.add(fmt.Sprintf("%d rows acknowledged in %d trials: lost", acknowledged, trials), float64(lost), "rows", 0, true)
	f.add("stored twice", float64(doubled), "rows", 0, true)
	f.add("from the kill's restart to /ready, worst", sorted(ready).at(1), "ms", 0, true)
	f.memory(s)
	if lost+doubled > 0 {
		return fmt.Errorf("%d rows were lost and %d stored twice", lost, doubled)
	}
	f.Notes = "The trials of test/trial also compare every value, and fill the disk."
	return nil
}

// killedUnderLoad writes to some runs until the server is killed and returns
// how many lines of each were acknowledged.
func (s *Server) killedUnderLoad(ctx context.Context, trial int, after time.Duration) (map[string]int64, error) {
	base, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	sent := map[string]int64{}
	var g errgroup.Group
	for i := range 8 {
		name := fmt.Sprintf("kill-%d-%d", trial, i)
		path, err := upsertRun(ctx, base, s.Key, "kill", name)
		if err != nil {
			return nil, err
		}
		c, err := dial(ctx, base, path, s.Key)
		if err != nil {
			return nil, err
		}
		b := newBody(rand.New(rand.NewPCG(uint64(trial), uint64(i))), bodyShape{rows: 1 + 30*(i%3), keys: 20})
		g.Go(func() error {
			defer c.net.Close()
			for line := int64(0); ; line += int64(b.rows) {
				b.at(line)
				status, err := c.post(b.text)
				mu.Lock()
				sent[name] = line
				mu.Unlock()
				if err != nil { // it is dead
					return nil
				}
				if status != http.StatusOK {
					return fmt.Errorf("run %s: status %d", name, status)
				}
			}
		})
	}
	time.Sleep(after)
	if err := s.cmd.Process.Kill(); err != nil {
		return nil, err
	}
	s.cmd.Wait()
	return sent, g.Wait()
}

// stored is how many rows a run has by its counter, and how many values one of
// its keys has.
func (s *Server) stored(ctx context.Context, name string) (rows, values int64, err error) {
	var data struct {
		Project struct {
			Run struct{ HistoryLineCount int64 }
		}
	}
	err = s.graphql(ctx, `query Q($r:String!){project(name:"kill",entityName:"bench"){run(name:$r){historyLineCount}}}`, map[string]any{"r": name}, &data)
	if err != nil {
		return 0, 0, err
	}
	p, _, err := s.panel(ctx, map[string]any{"project": "bench/kill", "runs": []string{name}, "key": "train/metric_3"})
	if err != nil {
		return 0, 0, err
	}
	return data.Project.Run.HistoryLineCount, p.Runs[0].Total, nil
}
