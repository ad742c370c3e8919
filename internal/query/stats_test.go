package query

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRunStats(t *testing.T) {
	s, ctx := newShelf(t, metatest.Open(t)), context.Background()
	for i := range 101 {
		summary := fmt.Sprintf(`{"loss":%d,"odd":NaN}`, i)
		if i%10 == 9 {
			summary = `{"loss":"lost"}`
		}
		s.write(func(tx *meta.Tx) error {
			_, err := s.create(tx, ballast.Run{Name: fmt.Sprint("r", i), Config: fmt.Appendf(nil, `{"opt":{"value":%q},"deep":{"value":%v}}`, []string{"adam", "sgd", "adam"}[i%3], i%2 == 0)}, summary)
			return err
		})
	}
	q := New(s.db, nil, nil, Options{})
	got, err := q.RunStats(ctx, s.project.ID, RunQuery{Filter: []byte(`{"name":{"$ne":"r100"}}`)}, []string{"summary_metrics.loss", "summary_metrics.odd", "config.opt"}, []string{"config.opt"})
	if err != nil {
		t.Fatal(err)
	}
	sum, sq, n := 0.0, 0.0, 0.0
	for i := range 100 {
		if i%10 != 9 {
			sum, n = sum+float64(i), n+1
		}
	}
	for i := range 100 {
		if i%10 != 9 {
			sq += math.Pow(float64(i)-sum/n, 2)
		}
	}
	loss := got.Columns["summary_metrics.loss"]
	want := ColumnStats{Numbers: 90, Max: 98, Mean: sum / n, Stddev: math.Sqrt(sq / (n - 1)), Median: 49, Values: 1, Top: []TopValue{{json.RawMessage(`"lost"`), 10}}}
	bins := 0
	for _, b := range loss.Bins {
		bins += b
	}
	if loss.Bins = nil; bins != 90 {
		t.Errorf("the bins hold %d", bins)
	}
	if diff := cmp.Diff(want, loss, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("loss (-want +got):\n%s", diff)
	}
	if odd := got.Columns["summary_metrics.odd"]; odd.Special != 90 || odd.Missing != 10 || odd.Numbers != 0 || odd.Bins != nil {
		t.Errorf("odd: %+v", odd)
	}
	if opt := got.Columns["config.opt"]; opt.Values != 2 || string(opt.Top[0].Value) != `"adam"` || opt.Top[0].Runs != 67 {
		t.Errorf("opt: %+v", opt)
	}
	if len(got.Groups) != 2 || string(got.Groups[0].Values[0]) != `"adam"` || got.Groups[0].Runs != 67 || got.Groups[1].Runs != 33 || got.Groups[1].Columns["summary_metrics.loss"].Min != 1 {
		t.Errorf("groups: %+v", got.Groups)
	}
	for _, bad := range [][2][]string{{{"nonsense"}, nil}, {nil, {"nonsense"}}, {nil, make([]string, 9)}, {make([]string, 201), nil}} {
		if _, err := q.RunStats(ctx, s.project.ID, RunQuery{}, bad[0], bad[1]); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%d columns by %d: %v", len(bad[0]), len(bad[1]), err)
		}
	}
	// Extremes do not overflow, and a group of runs without the field is one.
	var c ColumnStats
	c.sumNumbers([]float64{math.MaxFloat64, -math.MaxFloat64, 0}, 20)
	if _, err := json.Marshal(c); err != nil {
		t.Errorf("extremes: %v in %+v", err, c)
	}
}
