package query

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// shelf is a store with one project.
type shelf struct {
	t       testing.TB
	db      *meta.DB
	user    ballast.User
	project ballast.Project
}

func newShelf(t testing.TB, db *meta.DB) *shelf {
	s := &shelf{t: t, db: db}
	s.write(func(tx *meta.Tx) (err error) {
		if s.user, err = tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, ""); err != nil {
			return err
		}
		s.project, _, err = tx.EnsureProject(s.user.EntityID, "p", s.user.ID, time.Now())
		return err
	})
	return s
}

func (s *shelf) write(fn func(*meta.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(context.Background(), "test", fn); err != nil {
		s.t.Fatal(err)
	}
}

// run adds a run, with a summary when it is not empty.
func (s *shelf) run(r ballast.Run, summary string) ballast.Run {
	s.t.Helper()
	s.write(func(tx *meta.Tx) (err error) {
		r, err = s.create(tx, r, summary)
		return err
	})
	return r
}

func (s *shelf) create(tx *meta.Tx, r ballast.Run, summary string) (ballast.Run, error) {
	r.ProjectID, r.UserID = s.project.ID, s.user.ID
	r, err := tx.CreateRun(r)
	if err != nil || summary == "" {
		return r, err
	}
	return r, tx.SetSummary(r.ID, []byte(summary))
}

func found(page *RunPage) string {
	s := ""
	for _, r := range page.Runs {
		s += r.Name
	}
	return s
}

// Every write that was acknowledged is seen by the next question, however
// soon after the last it comes.
func TestRunsAreFresh(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s, ctx := newShelf(t, db), context.Background()
		q := New(db, nil, nil, Options{})
		ask := func(filter, want string) {
			t.Helper()
			page, err := q.Runs(ctx, s.project.ID, RunQuery{Filter: []byte(filter)})
			if err != nil || found(page) != want || page.Total != len(want) {
				t.Errorf("%s: got %q of %d (%v), want %q", filter, found(page), page.Total, err, want)
			}
			if n, err := q.CountRuns(ctx, s.project.ID, []byte(filter)); err != nil || n != len(want) {
				t.Errorf("%s: counted %d (%v), want %d", filter, n, err, len(want))
			}
		}
		ask(`{}`, "")
		a := s.run(ballast.Run{Name: "a", Config: []byte(`{"lr":{"value":0.1}}`)}, `{"loss":1}`)
		ask(`{"config.lr":0.1}`, "a")
		ask(`{"summary_metrics.loss":{"$lt":0.5}}`, "")
		s.write(func(tx *meta.Tx) error { return tx.SetSummary(a.ID, []byte(`{"loss":0.25}`)) })
		ask(`{"summary_metrics.loss":{"$lt":0.5}}`, "a")
		b := s.run(ballast.Run{Name: "b", Tags: []string{"x"}}, "")
		ask(`{}`, "ab")
		ask(`{"tags":"x"}`, "b")
		s.write(func(tx *meta.Tx) error {
			r, err := tx.Run(b.ID)
			if err != nil {
				return err
			}
			r.Tags, r.Config = nil, []byte(`{"lr":{"value":0.1}}`)
			return tx.UpdateRun(r)
		})
		ask(`{"tags":"x"}`, "")
		ask(`{"config.lr":0.1}`, "ab")
		s.write(func(tx *meta.Tx) error { return tx.SetRunState(b.ID, ballast.Failed, 3, time.Now()) })
		ask(`{"state":"failed","exit_code":3}`, "b")
		s.write(func(tx *meta.Tx) error { return tx.DeleteRun(a.ID, time.Now()) })
		ask(`{"config.lr":0.1}`, "b")
		s.write(func(tx *meta.Tx) error { return tx.UndeleteRun(a.ID) })
		ask(`{"config.lr":0.1}`, "ab")
		s.write(func(tx *meta.Tx) error { return tx.DeleteRun(a.ID, time.Now()) })
		refs, err := q.runRefs(ctx, s.project.ID, []string{"a", "b", "B", "c"})
		if err != nil || len(refs) != 1 || refs["b"].ID != b.ID || refs["b"].Rev == 0 || refs["b"].Created.IsZero() {
			t.Errorf("the runs named a, b, B and c: %+v, %v", refs, err)
		}
		if _, err := q.Runs(ctx, s.project.ID+99, RunQuery{}); !ballast.Is(err, ballast.NotFound) {
			t.Errorf("a project that is not there: %v", err)
		}
	})
}

// A walk over 10,000 runs by pages of 50 meets each once, in order.
func TestPaging10k(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	table := &runTable{}
	table.reset(append(slices.Clone(baseFields), field{source: fromSummary, path: []string{"loss"}}))
	ex := newExtractor(table.fields)
	const n = 10_000
	for i := range int64(n) {
		table.put(&ballast.Run{ID: i + 1, Ordinal: i, Name: fmt.Sprint(i), Created: noon.Add(time.Duration(i/3) * time.Second)}, fmt.Appendf(nil, `{"loss":%d}`, random.IntN(500)), ex)
	}
	for _, order := range []string{"+created_at", "-summary_metrics.loss"} {
		seen, after, last := map[int32]bool{}, "", place{}
		for {
			ask, err := RunQuery{Order: []string{order}, After: after}.parse(noon)
			if err != nil {
				t.Fatal(err)
			}
			sel := table.pick(ask.filter, ask.keys, ask.after, 0, ask.first)
			for i, row := range sel.rows {
				if seen[row] || len(seen) > 0 && comparePlace(last, sel.places[i], ask.keys) >= 0 {
					t.Fatalf("%s: run %d comes twice or too late", order, row)
				}
				seen[row], last = true, sel.places[i]
			}
			if !sel.more {
				break
			}
			after = last.cursor(ask.keys)
		}
		if len(seen) != n {
			t.Errorf("%s: met %d runs of %d", order, len(seen), n)
		}
	}
}

// A walk while runs come and go meets every run that stays exactly once.
func TestPaging(t *testing.T) {
	s, ctx := newShelf(t, metatest.Open(t)), context.Background()
	const n = 1000
	random := rand.New(rand.NewPCG(1, 2))
	s.write(func(tx *meta.Tx) error {
		for i := range n {
			_, err := s.create(tx, ballast.Run{Name: fmt.Sprintf("r%05d", i), Display: fmt.Sprint("run ", random.IntN(500)), Created: time.Now().Add(-time.Duration(random.IntN(1e6)) * time.Second)}, "")
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, order := range []string{"+created_at", "-display_name"} {
		q := New(s.db, nil, nil, Options{})
		seen, after, pages := map[string]int{}, "", 0
		var last []string
		for {
			page, err := q.Runs(ctx, s.project.ID, RunQuery{Order: []string{order}, After: after, Filter: []byte(`{"name":{"$regex":"^r"}}`)})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Runs {
				seen[r.Name]++
				last = append(last, r.Name)
			}
			if pages++; pages == 3 {
				s.write(func(tx *meta.Tx) error {
					if _, err := s.create(tx, ballast.Run{Name: "new" + order, Created: time.Unix(0, 0)}, ""); err != nil {
						return err
					}
					r, err := tx.RunByName(s.project.ID, last[len(last)-1]) // where the cursor stands
					if err != nil {
						return err
					}
					return tx.DeleteRun(r.ID, time.Now())
				})
			}
			if !page.More {
				break
			}
			after = page.Cursors[len(page.Cursors)-1]
		}
		want := n
		if order != "+created_at" {
			want-- // the one deleted in the first walk
		}
		if len(seen) != want || pages != 20 {
			t.Errorf("%s: met %d runs on %d pages, want %d on 20", order, len(seen), pages, want)
		}
		for name, times := range seen {
			if times != 1 {
				t.Errorf("%s: met %s %d times", order, name, times)
			}
		}
	}
}

func TestRunTable(t *testing.T) {
	s, ctx := newShelf(t, metatest.Open(t)), context.Background()
	q := New(s.db, nil, nil, Options{})
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s.run(ballast.Run{Name: "a", Display: "first", Tags: []string{"x"}, Group: "g", Created: created, Config: []byte(`{"lr":{"value":0.1},"opt":{"value":{"name":"adam"}}}`)}, `{"loss":NaN,"_wandb":{"runtime":12.5}}`)
	s.run(ballast.Run{Name: "b", Created: created.Add(time.Hour)}, `{"loss":-Infinity}`)
	got, err := q.RunTable(ctx, s.project.ID, RunQuery{}, []string{"config.lr", "config.opt", "summary_metrics.loss", "created_at", "duration"})
	if err != nil {
		t.Fatal(err)
	}
	got.Millis = 0
	row := RunRow{Name: "a", Display: "first", State: ballast.Running, Created: created, Heartbeat: created, Runtime: 12.5, User: "ada", Group: "g", Tags: []string{"x"}, Rev: 1,
		Values: map[string]json.RawMessage{"config.lr": []byte("0.1"), "config.opt": []byte(`{"name":"adam"}`), "summary_metrics.loss": []byte(`"NaN"`), "created_at": []byte(`"2026-01-02T03:04:05Z"`), "duration": []byte("12.5")}}
	other := RunRow{Name: "b", State: ballast.Running, Created: created.Add(time.Hour), Heartbeat: created.Add(time.Hour), User: "ada", Tags: []string{}, Ordinal: 1, Rev: 1,
		Values: map[string]json.RawMessage{"summary_metrics.loss": []byte(`"-Infinity"`), "created_at": []byte(`"2026-01-02T04:04:05Z"`), "duration": []byte("0")}}
	if diff := cmp.Diff(&RunTable{Total: 2, Found: 2, Running: 2, Rows: []RunRow{other, row}}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Errorf("the table is no JSON: %v", err)
	}
	got, err = q.RunTable(ctx, s.project.ID, RunQuery{Text: "group:g", Offset: 1}, nil)
	if err != nil || got.Total != 2 || got.Found != 1 || len(got.Rows) != 0 {
		t.Errorf("second page of one: %+v, %v", got, err)
	}
	if _, err := q.RunTable(ctx, s.project.ID, RunQuery{}, []string{"nowhere"}); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("an unknown column: %v", err)
	}
}

// The tables of many projects stay within their bytes, but for the one asked.
func TestTablesAreBounded(t *testing.T) {
	s, ctx := newShelf(t, metatest.Open(t)), context.Background()
	q := New(s.db, nil, nil, Options{TableBytes: 64 << 10})
	var projects []int64
	for i := range 8 {
		s.write(func(tx *meta.Tx) (err error) {
			if s.project, _, err = tx.EnsureProject(s.user.EntityID, fmt.Sprintf("p%d", i), s.user.ID, time.Now()); err != nil {
				return err
			}
			for j := range 50 {
				if _, err := s.create(tx, ballast.Run{Name: fmt.Sprint(j)}, `{"x":1}`); err != nil {
					return err
				}
			}
			return nil
		})
		projects = append(projects, s.project.ID)
	}
	for _, p := range slices.Concat(projects, projects) {
		if n, err := q.CountRuns(ctx, p, []byte(`{"summary_metrics.x":1}`)); err != nil || n != 50 {
			t.Fatalf("project %d: %d runs, %v", p, n, err)
		}
		if b := q.tables.bytes(); b > 80<<10 {
			t.Fatalf("the tables hold %d bytes", b)
		}
	}
}

// BenchmarkRunTable100k asks 100,000 runs with 70 fields for a page: three
// conditions and an order by a metric. The first question, which reads the
// store, is outside of the time and reported as cold-ms.
func BenchmarkRunTable100k(b *testing.B) {
	s, ctx := newShelf(b, metatest.Open(b)), context.Background()
	random := rand.New(rand.NewPCG(1, 2))
	const n = 100_000
	for from := 0; from < n; from += 5000 {
		s.write(func(tx *meta.Tx) error {
			for i := from; i < from+5000; i++ {
				config, summary := []byte(`{"lr":{"value":`+fmt.Sprint(random.Float64())+`}`), []byte(`{"loss":`+fmt.Sprint(random.NormFloat64()))
				for j := range 35 {
					config = fmt.Appendf(config, `,"param_%d":{"value":%d}`, j, random.IntN(1000))
					summary = fmt.Appendf(summary, `,"metric/%d":%v`, j, random.Float32())
				}
				if _, err := s.create(tx, ballast.Run{Name: fmt.Sprintf("r%06d", i), Tags: []string{"t" + fmt.Sprint(i%7)}, Config: append(config, '}')}, string(append(summary, '}'))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	q := New(s.db, nil, nil, Options{})
	rq := RunQuery{Filter: []byte(`{"config.lr":{"$lt":0.5},"summary_metrics.loss":{"$gt":0},"tags":{"$ne":"t3"}}`), Order: []string{"-summary_metrics.loss"}, First: 100}
	ask := func() {
		if page, err := q.Runs(ctx, s.project.ID, rq); err != nil || len(page.Runs) != 100 {
			b.Fatalf("%d runs, %v", len(page.Runs), err)
		}
	}
	time.Sleep(overlap) // what was written just now is read again each time
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start, before := time.Now(), used()
	ask()
	cold, coldCPU := time.Since(start), used()-before
	time.Sleep(10 * time.Millisecond)
	before = used()
	for b.Loop() {
		ask()
	}
	b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "core-ms/op")
	b.ReportMetric(float64(coldCPU.Milliseconds()), "cold-core-ms")
	b.ReportMetric(float64(cold.Milliseconds()), "cold-ms")
	b.ReportMetric(float64(q.tables.bytes())/(1<<20), "MB")
}
