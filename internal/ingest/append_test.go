package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// newClock starts now: a new run has heard from its process at the real time.
func newClock() *clock { return &clock{now: time.Now().UTC()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

func (s *site) live(t *testing.T, run int64) ballast.Live {
	t.Helper()
	var v meta.StreamView
	if err := s.meta.Read(t.Context(), func(tx *meta.Tx) error {
		var err error
		v, err = tx.TailView(run, ballast.History)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return v.Live
}

// TestSyncTwice sends the same rows with another order of keys and in other
// pieces, as a second sync does, and then a run started again.
func TestSyncTwice(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db, 1, Options{})
		run := s.newRun(t, "r")
		send := func(offset int, lines ...string) Reply {
			t.Helper()
			r, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", offset, lines...))))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		send(0, `{"_step":0,"loss":1.5,"n":{"a":NaN}}`, `{"_step":1,"loss":0.5}`)
		send(2, `{"_step":2,"loss":Infinity}`)
		if r := send(0, `{"loss":1.5,"n":{"a":NaN},"_step":0}`); r.NewSession {
			t.Error("the same line in another order counted as a new session")
		}
		send(1, `{"loss":0.5,"_step":1}`, `{"_step":2,"loss":Infinity}`, `{"_step":3,"loss":"x"}`)
		want := []string{`{"_step":0,"loss":1.5,"n":{"a":NaN}}`, `{"_step":1,"loss":0.5}`, `{"_step":2,"loss":Infinity}`, `{"_step":3,"loss":"x"}`}
		if d := cmp.Diff(normal(want), normal(s.rows(t, run, ballast.History))); d != "" {
			t.Errorf("synced twice (-want +got):\n%s", d)
		}
		if r := send(0, `{"_step":0,"loss":9}`); !r.NewSession {
			t.Error("another first line did not count as a new session")
		}
		if d := cmp.Diff(normal([]string{`{"_step":0,"loss":9}`}), normal(s.rows(t, run, ballast.History))); d != "" {
			t.Errorf("run again (-want +got):\n%s", d)
		}
	})
}

// TestGapAnswers checks what a client ahead of the next line is told.
func TestGapAnswers(t *testing.T) {
	c := newClock()
	s := newSite(t, metatest.Open(t), 1, Options{Now: c.Now})
	run := s.newRun(t, "r")
	ahead := func() error {
		_, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", 7, `{"_step":7}`))))
		return err
	}
	err := ahead()
	var r interface{ RetryAfter() time.Duration }
	if !ballast.Is(err, ballast.Unavailable) || !errors.As(err, &r) || r.RetryAfter() <= 0 || r.RetryAfter() > 30*time.Second {
		t.Fatalf("first answer %v", err)
	}
	c.pass(31 * time.Second)
	if err := ahead(); err != nil {
		t.Fatalf("after half a minute: %v", err)
	}
	if live := s.live(t, run); live.Gaps != 7 || live.HistoryLines != 8 {
		t.Errorf("counters %+v", live)
	}
}

// TestSharedRun has two processes write one run.
func TestSharedRun(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db, 1, Options{})
		run := s.newRun(t, "r")
		for _, m := range []struct{ writer, body string }{
			{"w1", files(stream("wandb-history.jsonl", 0, `{"a":1}`, `{"a":2}`), stream("wandb-summary.json", 0, `{"a":2,"x":{"y":1}}`))},
			{"w2", files(stream("wandb-history.jsonl", 0, `{"b":1}`), stream("wandb-summary.json", 0, `{"b":1,"c":NaN}`))},
			{"w1", files(stream("wandb-history.jsonl", 1, `{"a":2}`, `{"a":3}`), stream("wandb-summary.json", 0, `{"a":3,"x":{"y":2}}`))},
		} {
			r := request(t, run, m.body)
			r.Writer = m.writer
			if _, err := s.Append(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{`{"_step":0,"a":1}`, `{"_step":1,"a":2}`, `{"_step":2,"b":1}`, `{"_step":3,"a":3}`}
		if d := cmp.Diff(normal(want), normal(s.rows(t, run, ballast.History))); d != "" {
			t.Errorf("rows (-want +got):\n%s", d)
		}
		var summary []byte
		if err := db.Read(t.Context(), func(tx *meta.Tx) (err error) { summary, err = tx.Summary(run); return err }); err != nil {
			t.Fatal(err)
		}
		if string(summary) != `{"a":3,"x":{"y":2},"b":1,"c":NaN}` {
			t.Errorf("summary %s", summary)
		}
	})
}

// TestSystemMetrics keeps the last value of each.
func TestSystemMetrics(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	run := s.newRun(t, "r")
	for i, lines := range [][]string{{`{"_wandb":true,"system.cpu":1.5,"system.gpu.0.temp":60}`, `{"system.cpu":2.5}`}, {`{"system.cpu":-Infinity,"system.disk.\\.in":7}`}} {
		if _, err := s.Append(t.Context(), request(t, run, files(stream("wandb-events.jsonl", 2*i, lines...)))); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	if err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) { got, err = tx.SystemSummary(run); return err }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(normal([]string{`{"system.cpu":-Infinity,"system.gpu.0.temp":60,"system.disk.\\.in":7}`}), normal([]string{string(got)})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestBadRequestFailsAlone puts one request that cannot be stored into a pool
// of good ones.
func TestBadRequestFailsAlone(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	const n = 40
	var batch []*waiting
	for i := range n {
		run := s.newRun(t, fmt.Sprint("r", i))
		w := &waiting{append: meta.Append{Run: run, Summary: []byte{}}, since: time.Now(), done: make(chan struct{})}
		if i == 17 {
			w.append.System = func([]byte) ([]byte, error) { return nil, errBroken }
		}
		batch = append(batch, w)
	}
	s.commit(batch)
	for i, w := range batch {
		if (w.err != nil) != (i == 17) {
			t.Errorf("request %d: %v", i, w.err)
		}
	}
}

func TestReserve(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Budget: 100})
	release, err := s.Reserve(t.Context(), 1000) // more than there is takes all
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Reserve(ctx, 1); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("while all is taken: %v", err)
	}
	release()
	release()
	a, err := s.Reserve(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Reserve(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	a()
	b()
}

// TestCrashedOnlyWhenHeard ends a silent run, but not before the server has
// listened for five minutes without a break.
func TestCrashedOnlyWhenHeard(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := newClock()
		s := newSite(t, db, 1, Options{Now: c.Now})
		run := s.newRun(t, "r")
		if _, err := s.Append(t.Context(), request(t, run, `{}`)); err != nil {
			t.Fatal(err)
		}
		sweep := func() ballast.State {
			t.Helper()
			if err := s.SweepStates(t.Context()); err != nil {
				t.Fatal(err)
			}
			return s.live(t, run).State
		}
		c.pass(time.Hour) // the server was down
		if got := sweep(); got != ballast.Running {
			t.Errorf("just started: %s", got)
		}
		c.pass(10 * time.Minute) // the machine slept
		for at := range 19 {
			if got := sweep(); got != ballast.Running {
				t.Errorf("after %d quarters of a minute: %s", at, got)
			}
			c.pass(15 * time.Second)
		}
		c.pass(30 * time.Second)
		if got := sweep(); got != ballast.Crashed {
			t.Errorf("after five minutes: %s", got)
		}
		if _, err := s.Append(t.Context(), request(t, run, `{}`)); err != nil {
			t.Fatal(err)
		}
		if got := s.live(t, run).State; got != ballast.Running {
			t.Errorf("after a heartbeat: %s", got)
		}
	})
}

// TestSlowStore: while the store takes no writes, memory stays within the
// budget, requests are put off with a time to come back, and the runs that were
// put off do not count as crashed.
func TestSlowStore(t *testing.T) {
	at := newClock()
	db := metatest.Open(t)
	s := newSite(t, db, 1, Options{Budget: 1 << 20, Patience: 50 * time.Millisecond, CrashAfter: time.Minute, Now: at.Now})
	const clients = 40
	var runs []int64
	for i := range clients {
		runs = append(runs, s.newRun(t, fmt.Sprint("r", i)))
		if _, err := s.Append(t.Context(), request(t, runs[i], `{}`)); err != nil {
			t.Fatal(err)
		}
	}
	silent := s.newRun(t, "silent")
	if _, err := s.Append(t.Context(), request(t, silent, `{}`)); err != nil {
		t.Fatal(err)
	}
	held, free := make(chan struct{}), make(chan struct{})
	blocked := make(chan error, 1)
	go func() {
		blocked <- db.Write(context.Background(), "being slow", func(tx *meta.Tx) error {
			// On MySQL others may write: what they need is held.
			err := tx.SetHeartbeat(silent, time.Unix(0, 0))
			for _, run := range runs {
				err = errors.Join(err, tx.SetRunStop(run, false))
			}
			close(held)
			<-free
			return err
		})
	}()
	<-held
	var busy, stored atomic.Int64
	var mu sync.Mutex
	used, most := int64(0), int64(0)
	note := func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		used += n
		most = max(most, used)
	}
	send := func(run int64, line int) error {
		release, err := s.Reserve(context.Background(), 100<<10)
		if err != nil {
			var later interface{ RetryAfter() time.Duration }
			if !ballast.Is(err, ballast.Busy) || !errors.As(err, &later) || later.RetryAfter() <= 0 {
				return fmt.Errorf("no memory: %w", err)
			}
			busy.Add(1)
			s.Heard(run)
			return nil
		}
		note(100 << 10)
		defer func() { note(-100 << 10); release() }()
		_, err = s.Append(context.Background(), request(t, run, fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":%d,"content":["{\"a\":1}"]}}}`, line)))
		if err == nil {
			stored.Add(1)
		}
		return err
	}
	var g errgroup.Group
	for _, run := range runs {
		g.Go(func() error { return send(run, 0) })
	}
	for busy.Load() < clients-10 {
		time.Sleep(10 * time.Millisecond)
	}
	if n := stored.Load(); n != 0 {
		t.Errorf("%d requests are stored while the store takes none", n)
	}
	strained := func(when string, want Strain) {
		t.Helper()
		if got := s.Strain(); got != want {
			t.Errorf("%s the strain is %q, want %q", when, got, want)
		}
	}
	strained("with requests put off", Full)
	at.pass(50 * time.Second)
	strained("with a commit of 50 s under way", Slow)
	for _, run := range runs { // they come again, all the time
		s.Heard(run)
	}
	close(free)
	if err := errors.Join(g.Wait(), <-blocked); err != nil {
		t.Fatal(err)
	}
	if most > 1<<20 {
		t.Errorf("%d bytes were in hand, %d are allowed", most, 1<<20)
	}
	if stored.Load()+busy.Load() != clients || stored.Load() == 0 {
		t.Errorf("%d stored, %d put off of %d", stored.Load(), busy.Load(), clients)
	}
	strained("just after a commit of 50 s", Slow)
	at.pass(strainLasts)
	strained("when the store takes writes again", NoStrain)
	at.pass(-strainLasts)
	// A minute and a half after their last stored request.
	for range 3 {
		if err := s.SweepStates(t.Context()); err != nil {
			t.Fatal(err)
		}
		at.pass(29 * time.Second)
		for _, run := range runs {
			s.Heard(run)
		}
	}
	at.pass(10 * time.Second)
	if err := s.SweepStates(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, run := range append(slices.Clone(runs), silent) {
		if crashed := s.live(t, run).State == ballast.Crashed; crashed != (run == silent) {
			t.Errorf("run %d, silent %v, is %s", run, run == silent, s.live(t, run).State)
		}
	}
}
