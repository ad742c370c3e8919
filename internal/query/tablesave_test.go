package query

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// manyRuns fills a shelf with n runs of different kinds, created at a time.
func manyRuns(s *shelf, n int, created time.Time) {
	s.write(func(tx *meta.Tx) error {
		for i := range n {
			config := fmt.Sprintf(`{"lr":{"value":%d},"opt":{"value":{"name":"adam","betas":[0.9,%d]}},"a.b":{"value":7},"a":{"value":{"b":8}},"mixed":{"value":%s},"only-%d":{"value":"x"}}`,
				i%17, i%3, []string{"1", `"one"`, "null", "true", "NaN", "[1,2]"}[i%6], i%900)
			summary := fmt.Sprintf(`{"loss":%v,"_runtime":%d,"best":"NaN","val":{"acc":0.%d}}`, float64(i)/7, i, i%10)
			r := ballast.Run{Name: fmt.Sprintf("r%05d", i), Display: fmt.Sprint("run ", i), Group: fmt.Sprint("g", i%5), Tags: []string{"t", fmt.Sprint("t", i%4)},
				Notes: strings.Repeat("n", i%3), Created: created.Add(time.Duration(i%50) * time.Second), Config: []byte(config)}
			r.Live.State = []ballast.State{ballast.Finished, ballast.Running, ballast.Failed}[i%3]
			if i%2 == 0 {
				summary = ""
			}
			if _, err := s.create(tx, r, summary); err != nil {
				return err
			}
		}
		return nil
	})
}

// storedQuestions are asked of a stored table and of one read from the runs.
var storedQuestions = []RunQuery{
	{Order: []string{"-config.lr", "+name"}, Filter: []byte(`{"config.lr":{"$lt":9}}`)},
	{Order: []string{"+summary_metrics.loss"}, Filter: []byte(`{"config.opt.name":"adam","config.opt.betas.1":2}`)},
	{Filter: []byte(`{"config.a.b":8}`)}, {Filter: []byte(`{"config.a.b":7}`)},
	{Filter: []byte(`{"config.mixed":"one"}`)}, {Filter: []byte(`{"config.mixed":null}`)}, {Filter: []byte(`{"config.mixed":{"$exists":false}}`)},
	{Filter: []byte(`{"config.mixed":2}`)}, {Filter: []byte(`{"config.only-3":"x"}`)}, {Filter: []byte(`{"config.nobody":1}`)},
	{Filter: []byte(`{"summary_metrics.val.acc":{"$gt":0.5}}`), Order: []string{"-summary_metrics.val.acc"}},
	{Filter: []byte(`{"summary_metrics.best":NaN}`)}, {Filter: []byte(`{"tags":"t3","state":"running"}`)},
	{Order: []string{"-duration"}, Filter: []byte(`{"duration":{"$gte":0}}`)}, {Filter: []byte(`{"username":"ada","notes":"nn"}`)},
	{Filter: []byte(`{"project":"p","entity":"ada"}`), Order: []string{"-heartbeat_at"}}, {Filter: []byte(`{"host":"x"}`)},
	{Order: []string{"-updated_at"}, Filter: []byte(`{"group":"g2"}`)},
}

// sameAnswers compares the answers of a Query that may use what is stored with
// those of one that reads all runs.
func sameAnswers(t *testing.T, s *shelf, q *Query, eachAlone bool) {
	t.Helper()
	read := New(s.db, nil, nil, Options{Now: q.opt.Now})
	read.tables.get(s.project.ID, q.opt.Now()).unstored = true
	var all []field
	for _, rq := range storedQuestions {
		ask, err := rq.parse(q.opt.Now())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ask.fields...)
	}
	more := all
	if eachAlone { // a table grows with each question
		more = nil
	}
	for _, rq := range storedQuestions {
		if diff := cmp.Diff(answer(t, s, read, rq, all), answer(t, s, q, rq, more)); diff != "" {
			t.Errorf("%s %v (-read +stored):\n%.2000s", rq.Filter, rq.Order, diff)
		}
	}
}

// answer is what a question finds: the runs' names, with their places. more are
// fields that are loaded too.
func answer(t *testing.T, s *shelf, q *Query, rq RunQuery, more []field) (all []string) {
	t.Helper()
	rq.First = maxPage
	ask, err := rq.parse(q.opt.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := q.ask(context.Background(), s.project.ID, append(ask.fields, more...), func(_ *meta.Tx, table *runTable) error {
		sel := table.pick(ask.filter, ask.keys, nil, 0, maxPage)
		for i, row := range sel.rows {
			all = append(all, table.rows[row].name+" "+sel.places[i].cursor(ask.keys))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A table that is read from what was stored of it answers as one that is read
// from the runs, after every sort of change that was made since.
func TestStoredTable(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s, ctx := newShelf(t, db), context.Background()
		manyRuns(s, meta.PartRuns+100, time.Now().Add(-time.Hour))
		now := time.Now()
		clock := func() time.Time { return now }
		var log bytes.Buffer
		fresh := func() *Query {
			return New(db, nil, nil, Options{Now: clock, Log: slog.New(slog.NewTextHandler(&log, nil))})
		}
		if err := fresh().SaveTables(ctx); err != nil {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Minute) // nothing that was written before is read again
		stored := func(q *Query, want bool) {
			t.Helper()
			sameAnswers(t, s, q, false)
			if table := q.tables.get(s.project.ID, now); table.restored != want {
				t.Errorf("the stored table was used: %v, want %v\n%s", table.restored, want, log.String())
			}
		}
		stored(fresh(), true)

		var other ballast.Project
		ids := s.runIDs()
		s.write(func(tx *meta.Tx) (err error) {
			if other, _, err = tx.EnsureProject(s.user.EntityID, "other", s.user.ID, now); err != nil {
				return err
			}
			r, err := tx.Run(ids["r00001"])
			if err != nil {
				return err
			}
			r.Config, r.Group, r.Tags = []byte(`{"lr":{"value":8},"new":{"value":1}}`), "g2", nil
			if err := tx.UpdateRun(r); err != nil {
				return err
			}
			if err := tx.SetSummary(ids["r00002"], []byte(`{"loss":-1,"val":{"acc":0.99}}`)); err != nil {
				return err
			}
			if err := tx.SetRunState(ids["r00004"], ballast.Killed, 1, now); err != nil {
				return err
			}
			if err := tx.SetHeartbeat(ids["r00007"], now.Add(time.Hour)); err != nil {
				return err
			}
			if err := tx.DeleteRun(ids["r00005"], now); err != nil {
				return err
			}
			return tx.MoveRun(ids["r00006"], other.ID, now)
		})
		s.run(ballast.Run{Name: "zz", Config: []byte(`{"lr":{"value":3}}`)}, `{"loss":2}`)
		log.Reset()
		stored(fresh(), false) // half of the parts was dropped with the run that moved
		now = now.Add(10 * time.Minute)
		if err := fresh().SaveTables(ctx); err != nil {
			t.Fatal(err)
		}
		stored(fresh(), true)
	})
}

// runIDs are the ids of a shelf's runs by name.
func (s *shelf) runIDs() map[string]int64 {
	s.t.Helper()
	ids := map[string]int64{}
	err := s.db.Read(context.Background(), func(tx *meta.Tx) error {
		return tx.Runs(s.project.ID, meta.RunScan{Lean: true}, func(r *ballast.Run, _ []byte) error {
			ids[r.Name] = r.ID
			return nil
		})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

// rawStore opens a store and its file beside it.
func rawStore(t *testing.T) (*meta.DB, *sql.DB) {
	path := filepath.Join(t.TempDir(), "meta.db")
	db, err := meta.Open(context.Background(), meta.Options{SQLite: path, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close(); db.Close() })
	return db, raw
}

// What is damaged, or was stored before the clock was put back, is not used.
func TestStoredTableThatIsWrong(t *testing.T) {
	db, raw := rawStore(t)
	s, ctx := newShelf(t, db), context.Background()
	manyRuns(s, storedFrom, time.Now().Add(-time.Hour))
	now := time.Now().Add(10 * time.Minute)
	var log bytes.Buffer
	fresh := func() *Query {
		return New(s.db, nil, nil, Options{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&log, nil))})
	}
	parts := func() (n int) {
		if err := raw.QueryRow("SELECT COUNT(*) FROM run_part").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		what, statement string
		back            time.Duration
		warns           bool
	}{
		{what: "a flipped bit", statement: "UPDATE run_part_bundle SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB)", warns: true},
		{what: "cut", statement: "UPDATE run_part_bundle SET body = substr(body, 1, 3)", warns: true},
		{what: "without columns", statement: "DELETE FROM run_part_bundle", warns: true},
		{what: "a run too few", statement: "UPDATE run_part SET runs = runs - 1", warns: true},
		{what: "a run changed without a trace", statement: "UPDATE run SET rev = rev + 1 WHERE ordinal = 5", warns: true},
		{what: "the clock was put back", back: time.Hour},
	} {
		log.Reset()
		if err := fresh().SaveTables(ctx); err != nil || parts() != 1 {
			t.Fatalf("%s: %d parts, %v", c.what, parts(), err)
		}
		if c.statement != "" {
			if _, err := raw.Exec(c.statement); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(-c.back)
		q := fresh()
		sameAnswers(t, s, q, false)
		if q.tables.get(s.project.ID, now).restored {
			t.Errorf("%s: the stored table was used", c.what)
		}
		if warned := strings.Contains(log.String(), "made again"); warned != c.warns || warned && parts() != 0 {
			t.Errorf("%s: %d parts are left; the log says %q", c.what, parts(), log.String())
		}
		if err := fresh().dropFuture(ctx); err != nil || parts() != 0 {
			t.Errorf("%s: %d parts are left, %v", c.what, parts(), err)
		}
	}
}

// A purged run leaves nothing of itself in the stored table.
func TestStoredTableForgets(t *testing.T) {
	db, raw := rawStore(t)
	s, ctx := newShelf(t, db), context.Background()
	manyRuns(s, storedFrom, time.Now().Add(-time.Hour))
	if err := New(s.db, nil, nil, Options{}).SaveTables(ctx); err != nil {
		t.Fatal(err)
	}
	sameAnswers(t, s, New(s.db, nil, nil, Options{}), true)
	id := s.runIDs()["r00003"]
	s.write(func(tx *meta.Tx) error {
		if err := tx.DeleteRun(id, time.Now()); err != nil {
			return err
		}
		return tx.PurgeRun(id, time.Now().Add(time.Hour), time.Now())
	})
	var n int
	if err := raw.QueryRow("SELECT COUNT(*) FROM run_part_bundle").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d bundles are left, %v", n, err)
	}
}

// The list in the order of creation, which an index answers, is that of the
// table of all runs, page by page.
func TestListByCreation(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s, ctx := newShelf(t, db), context.Background()
		manyRuns(s, 300, time.Now().Add(-time.Hour))
		gone := s.runIDs()["r00100"]
		s.write(func(tx *meta.Tx) error { return tx.DeleteRun(gone, time.Now()) })
		q := New(db, nil, nil, Options{})
		const all = `{"name":{"$ne":"nobody"}}` // finds the same in the table
		for _, order := range []string{"+created_at", "-created_at"} {
			var after, afterAll string
			for page := 0; ; page++ {
				got, gotSel, err := q.page(ctx, s.project.ID, RunQuery{Order: []string{order}, First: 70, After: after}, nil)
				if err != nil {
					t.Fatal(err)
				}
				want, wantSel, err := q.page(ctx, s.project.ID, RunQuery{Order: []string{order}, First: 70, After: afterAll, Filter: []byte(all)}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s, page %d (-table +index):\n%.2000s", order, page, diff)
				}
				if gotSel.live != wantSel.live || gotSel.running != wantSel.running || gotSel.live != 299 {
					t.Errorf("%s: %d runs, %d running; the table has %d and %d", order, gotSel.live, gotSel.running, wantSel.live, wantSel.running)
				}
				if !got.More {
					break
				}
				after, afterAll = got.Cursors[69], want.Cursors[69]
			}
			got, err := q.Runs(ctx, s.project.ID, RunQuery{Order: []string{order}, First: 20, Offset: 290})
			if err != nil || len(got.Runs) != 9 {
				t.Errorf("the last page by its offset has %d runs, %v", len(got.Runs), err)
			}
		}
		if n, err := q.CountRuns(ctx, s.project.ID, nil); err != nil || n != 299 {
			t.Errorf("counted %d, %v", n, err)
		}
	})
}

// FuzzPart: a column and a bundle of any bytes are refused or read, never
// worse; what was encoded comes back.
func FuzzPart(f *testing.F) {
	p := newPart()
	for i, doc := range []string{`{"a":{"value":1},"b":{"value":"x"}}`, `{"a":{"value":null},"c":{"value":[1,{"d":2}]},"a":{"value":3}}`, `{}`} {
		p.add(&ballast.Run{ID: int64(i + 1), Config: []byte(doc)}, []byte(`{"loss":1}`))
	}
	for _, b := range p.bundles() {
		f.Add(b)
	}
	for _, c := range p.columns {
		f.Add(c.encode(3))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = openBundle(b, func(string, []byte) {})
		last := -1
		_ = eachCell(b, 3, func(row int, v value) {
			if row <= last || row > 2 || v.kind == missing {
				t.Errorf("row %d after %d has %v", row, last, v)
			}
			last = row
		})
	})
}

// Of two members of one name the last counts; what it replaces leaves nothing.
func TestPartColumns(t *testing.T) {
	p := newPart()
	p.add(&ballast.Run{ID: 1, Config: []byte(`{"a":{"value":"x"},"a":{"value":2}}`)}, nil)
	p.add(&ballast.Run{ID: 2, Config: []byte(`{"a":{"value":[1]},"a":{"value":{"b":1}}}`)}, []byte(`{"a":7}`))
	p.add(&ballast.Run{ID: 3, Config: []byte(`{"a":{"value":"x"},"a":{}}`)}, nil)
	read := map[string]string{}
	for _, b := range p.bundles() {
		if err := openBundle(b, func(name string, body []byte) {
			if err := eachCell(body, 3, func(row int, v value) {
				read[name] += fmt.Sprintf("%d:%s ", row, v.appendJSON(nil, false))
			}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}); err != nil {
			t.Error(err)
		}
	}
	got := map[string]string{"ca": read["ca"], "sa": read["sa"], "r#id": read["r#id"]}
	if diff := cmp.Diff(map[string]string{"ca": `0:2 1:{"b":1} `, "sa": "1:7 ", "r#id": "0:1 1:2 2:3 "}, got); diff != "" {
		t.Error(diff)
	}
}
