package query

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

func statShelf(t testing.TB) (*shelf, *Query) {
	s := newShelf(t, metatest.Open(t))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, r := range []struct{ config, summary string }{
		{`{"opt":{"value":"adam"},"lr":{"value":0.001},"deep":{"value":{"a.b":1}}}`, `{"loss":1}`},
		{`{"opt":{"value":"adam"},"lr":{"value":0.1}}`, `{"loss":3}`},
		{`{"opt":{"value":"sgd"},"lr":{"value":1}}`, `{"loss":NaN,"_wandb":{"runtime":1}}`},
		{`{"lr":{"value":"auto"}}`, `{"loss":5}`},
	} {
		tags := []string{"all", fmt.Sprint("t", i%2)}
		s.run(ballast.Run{Name: fmt.Sprint("r", i), Tags: tags, Created: at.Add(time.Duration(i) * time.Second), Config: []byte(r.config)}, r.summary)
	}
	return s, New(s.db, nil, nil, Options{})
}

func TestTableStats(t *testing.T) {
	s, q := statShelf(t)
	ctx := context.Background()
	got, err := q.TableStats(ctx, s.project.ID, RunQuery{}, []string{"summary_metrics.loss", "config.lr", "config.opt", "tags", "created_at"})
	if err != nil {
		t.Fatal(err)
	}
	loss, lr := make([]int, tableBins), make([]int, tableBins)
	loss[0], loss[tableBins/2], loss[tableBins-1] = 1, 1, 1
	lr[0], lr[tableBins*2/3], lr[tableBins-1] = 1, 1, 1
	want := []ColumnStat{
		{Column: "summary_metrics.loss", Count: 3, Odd: 1, Min: 1, Max: 5, Mean: 3, Bins: loss},
		{Column: "config.lr", Count: 3, Min: 0.001, Max: 1, Mean: 0.367, Log: true, Bins: lr, Texts: []TextCount{{"auto", 1}}},
		{Column: "config.opt", Texts: []TextCount{{"adam", 2}, {"sgd", 1}}},
		{Column: "tags", Texts: []TextCount{{"all", 4}, {"t0", 2}, {"t1", 2}}},
	}
	got.Columns[1].Mean = float64(int(got.Columns[1].Mean*1e6+0.5)) / 1e6
	if diff := cmp.Diff(want, got.Columns[:4]); diff != "" {
		t.Error(diff)
	}
	if c := got.Columns[4]; !c.Time || c.Log || c.Max-c.Min != 3000 || got.Found != 4 {
		t.Errorf("times: %+v of %d", c, got.Found)
	}
	got, err = q.TableStats(ctx, s.project.ID, RunQuery{Text: "config.opt:adam"}, []string{"summary_metrics.loss"})
	if err != nil || got.Found != 2 || got.Columns[0].Max != 3 {
		t.Errorf("of the found: %+v, %v", got, err)
	}
	if _, err := q.TableStats(ctx, s.project.ID, RunQuery{}, []string{"nowhere"}); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("an unknown column: %v", err)
	}
}

func TestTableGroups(t *testing.T) {
	s, q := statShelf(t)
	ctx := context.Background()
	for _, c := range []struct {
		by, order, filter, want string
	}{
		{"config.opt", "-summary_metrics.loss", "", `null:1 5 "adam":2 2 "sgd":1 - `},
		{"config.opt", "+config.opt", "", `"adam":2 2 "sgd":1 - null:1 5 `},
		{"tags", "+ordinal", "", `"all":4 3 "t0":2 1 "t1":2 4 `},
		{"tags", "+ordinal", `{"config.opt":null}`, `"all":1 5 "t1":1 5 `},
		{"config.lr", "-config.lr", "", `"auto":1 5 1:1 - 0.1:1 3 0.001:1 1 `},
	} {
		got, err := q.TableGroups(ctx, s.project.ID, RunQuery{Filter: []byte(c.filter), Order: []string{c.order}}, c.by, []string{"summary_metrics.loss"})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, g := range got.Groups {
			mean := "-"
			if v, ok := g.Values["summary_metrics.loss"]; ok {
				mean = fmt.Sprint(v.Mean)
			}
			text += fmt.Sprintf("%s:%d %s ", g.Value, g.Runs, mean)
		}
		if text != c.want {
			t.Errorf("by %s, %s: %s, want %s", c.by, c.order, text, c.want)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
	}
	if _, err := q.TableGroups(ctx, s.project.ID, RunQuery{}, "", nil); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("by nothing: %v", err)
	}
}

func TestRunColumns(t *testing.T) {
	s, q := statShelf(t)
	got, err := q.RunColumns(context.Background(), s.project.ID, RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	want := []RunColumn{{"config.lr", "number", 4}, {"summary_metrics.loss", "number", 4}, {"config.opt", "text", 3}, {`config.deep.a\.b`, "number", 1}}
	if diff := cmp.Diff(want, got.Columns); diff != "" {
		t.Error(diff)
	}
	if got.Read != 4 || got.Found != 4 || got.More {
		t.Errorf("%+v", got)
	}
}

// BenchmarkTableStats100k: 100,000 runs, histograms of 30 columns and groups.
func BenchmarkTableStats100k(b *testing.B) {
	s, ctx := newShelf(b, metatest.Open(b)), context.Background()
	const n, fields = 100_000, 30
	columns := make([]string, fields)
	for j := range columns {
		columns[j] = fmt.Sprintf("summary_metrics.m%d", j)
	}
	for from := 0; from < n; from += 5000 {
		s.write(func(tx *meta.Tx) error {
			for i := from; i < from+5000; i++ {
				doc := fmt.Sprintf(`{"opt":{"value":"o%d"}}`, i%4)
				sum := "{"
				for j := range fields {
					sum += fmt.Sprintf(`"m%d":%d.5,`, j, (i*7919+j)%1009)
				}
				if _, err := s.create(tx, ballast.Run{Name: fmt.Sprint("r", i), Config: []byte(doc)}, sum[:len(sum)-1]+"}"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	q := New(s.db, nil, nil, Options{TableBytes: 1 << 30})
	run := func(name string, ask func() error) {
		b.Run(name, func(b *testing.B) {
			if err := ask(); err != nil { // reads the store
				b.Fatal(err)
			}
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("stats", func() error {
		_, err := q.TableStats(ctx, s.project.ID, RunQuery{Text: "config.opt != o1"}, columns)
		return err
	})
	run("groups", func() error {
		_, err := q.TableGroups(ctx, s.project.ID, RunQuery{}, "config.opt", columns)
		return err
	})
	run("columns", func() error {
		_, err := q.RunColumns(ctx, s.project.ID, RunQuery{})
		return err
	})
}
