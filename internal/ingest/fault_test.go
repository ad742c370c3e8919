package ingest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// grace is the collector's, long enough for a put.
const grace = 50 * time.Millisecond

// TestNothingLostNothingDoubled runs a client that sends each request until it
// is acknowledged, two workers that seal, fold, merge and collect at once, and
// faults before and after every commit and every put. Rows are compared after
// each request, while the workers run, and at the end.
func TestNothingLostNothingDoubled(t *testing.T) {
	trial := func(t *testing.T, db *meta.DB, seed uint64) {
		s := newSite(t, db, seed, Options{Seal: tiny, Grace: grace, Committers: 2})
		c := &trialClient{site: s, rnd: rand.New(rand.NewPCG(seed, 2)), run: s.newRun(t, fmt.Sprint("r", seed))}
		s.faults.set(0.25)
		for range 30 {
			c.send(t)
			var workers sync.WaitGroup
			for range 2 {
				job := c.rnd.IntN(6)
				workers.Go(func() { c.work(t, job) })
			}
			c.compare(t)
			workers.Wait()
		}
		s.faults.set(0)
		time.Sleep(grace) // for the collector, which comes last
		for _, job := range []int{0, 2, 4} {
			c.work(t, job)
		}
		time.Sleep(grace)
		c.work(t, 5)
		c.compare(t)
		c.finish(t)
	}
	seeds := uint64(20)
	t.Run("sqlite", func(t *testing.T) {
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { t.Parallel(); trial(t, metatest.Open(t), seed) })
		}
	})
	t.Run("mysql", func(t *testing.T) {
		if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
			t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
		}
		for seed := range seeds / 7 {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { trial(t, metatest.OpenMySQL(t), seed+1000) })
		}
	})
}

// trialClient is what one process sends, and what must be there.
type trialClient struct {
	*site
	rnd     *rand.Rand
	run     int64
	history []string
	events  []string
	console []string
}

func (c *trialClient) send(t *testing.T) {
	var rows, events []string
	for i := range 1 + c.rnd.IntN(5) {
		n := len(c.history) + i
		rows = append(rows, fmt.Sprintf(`{"_step":%d,"loss":%g,"k%d":%d}`, n, c.rnd.Float64(), c.rnd.IntN(4), n))
	}
	for i := range c.rnd.IntN(3) {
		events = append(events, fmt.Sprintf(`{"_timestamp":%d,"system.cpu":%d}`, 1700000000+len(c.events)+i, c.rnd.IntN(100)))
	}
	at := max(0, len(c.console)-c.rnd.IntN(4)) // a progress bar rewrites the last lines
	var lines []string
	for i := range c.rnd.IntN(8) {
		lines = append(lines, fmt.Sprintf("line %d %d", at+i, c.rnd.IntN(1000)))
	}
	parts := []string{stream("wandb-history.jsonl", len(c.history), rows...)}
	if len(events) > 0 {
		parts = append(parts, stream("wandb-events.jsonl", len(c.events), events...))
	}
	if len(lines) > 0 {
		parts = append(parts, stream("output.log", at, lines...))
	}
	body := files(append(parts, stream("wandb-summary.json", 0, fmt.Sprintf(`{"n":%d}`, len(c.history)+len(rows))))...)
	for {
		_, err := c.Append(t.Context(), request(t, c.run, body))
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
	}
	c.history, c.events = append(c.history, rows...), append(c.events, events...)
	c.console = append(c.console[:min(at, len(c.console))], append(lines, c.console[min(len(c.console), at+len(lines)):]...)...)
}

func (c *trialClient) work(t *testing.T, job int) {
	var err error
	switch job {
	case 0, 1:
		err = c.Seal(t.Context(), c.run)
	case 2, 3:
		err = c.Compact(t.Context(), c.run)
	case 4:
		err = c.SealConsole(t.Context(), c.run)
	case 5:
		err = c.Collect(t.Context())
	}
	// The collector's grace is very short here, so a reader that holds an
	// old list may find an object gone; a server's is a day.
	if err != nil && !errors.Is(err, errBroken) && !ballast.Is(err, ballast.NotFound) {
		t.Errorf("job %d: %v", job, err)
	}
}

func (c *trialClient) compare(t *testing.T) {
	t.Helper()
	for _, s := range []struct {
		stream ballast.Stream
		want   []string
	}{{ballast.History, c.history}, {ballast.Events, c.events}} {
		got, err := c.readRows(t.Context(), c.run, s.stream)
		for tries := 0; ballast.Is(err, ballast.NotFound) && tries < 50; tries++ {
			got, err = c.readRows(t.Context(), c.run, s.stream)
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(normal(s.want), normal(got)); d != "" {
			t.Fatalf("%s (-want +got):\n%s", s.stream, d)
		}
	}
}

// finish checks the console, the counters, and that the collector has left no
// object that nothing names.
func (c *trialClient) finish(t *testing.T) {
	var v meta.ConsoleView
	named := map[string]bool{}
	err := c.meta.Read(t.Context(), func(tx *meta.Tx) error {
		var err error
		if v, err = tx.ConsoleView(c.run, 0, -1); err != nil {
			return err
		}
		for _, s := range []ballast.Stream{ballast.History, ballast.Events} {
			all, err := tx.Segments(c.run, s)
			if err != nil {
				return err
			}
			for _, g := range all {
				named[g.Object] = true
			}
		}
		for _, b := range v.Blocks {
			named[b.Object] = true
		}
		summary, err := tx.Summary(c.run)
		if string(summary) != fmt.Sprintf(`{"n":%d}`, len(c.history)) {
			t.Errorf("summary %s, want n %d", summary, len(c.history))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := consoleView(c.opt.Stores, &v).Lines(t.Context(), 0, v.Lines)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines {
		got = append(got, l.Text)
	}
	if d := cmp.Diff(c.console, got); d != "" {
		t.Errorf("console (-want +got):\n%s", d)
	}
	named[meta.RunManifestName(c.run)] = true
	if n := c.bucket.count(); n != len(named) {
		t.Errorf("%d objects are stored, %d are named", n, len(named))
	}
}

// normal orders the members of rows, whose order is not kept.
func normal(rows []string) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		m := splitObject(r)
		slices.SortFunc(m, func(a, b member) int { return strings.Compare(a.name, b.name) })
		for _, x := range m {
			all[i] += x.name + ":" + x.value + " "
		}
	}
	return all
}
