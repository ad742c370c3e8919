package query

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// chunkOf encodes rows {"x": row, "_step": row}.
func chunkOf(from, to int64) []byte {
	var b history.Builder
	for row := from; row < to; row++ {
		b.Row()
		b.Number([]byte("x"), float64(row), true)
		b.Number([]byte("_step"), float64(row), true)
	}
	return b.Append(nil)
}

// Rows that came late, into a hole of sealed rows, are read at their place and
// once.
func TestLateRows(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	sealed, err := history.OpenTail([]history.TailChunk{{Row0: 0, Rows: 5, Data: chunkOf(0, 5)}, {Row0: 10, Rows: 5, Data: chunkOf(10, 15)}})
	if err != nil {
		t.Fatal(err)
	}
	var object bytes.Buffer
	info, err := history.WriteSegment(ctx, &object, []history.Source{sealed}, history.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.q.stores[0].Put(ctx, "segment", &object, info.Bytes); err != nil {
		t.Fatal(err)
	}
	st, err := s.q.openView(ctx, meta.StreamView{
		Rows: 20, Sealed: 15,
		Segments: []meta.Segment{{Rows: 15, Visible: 15, Object: "segment", Points: info.Points, StepMin: 0, StepMax: 14, DirOff: info.DirOff, DirLen: info.DirLen}},
		Tail:     []meta.Chunk{{Row0: 5, Rows: 5, Data: chunkOf(5, 10)}, {Row0: 15, Rows: 5, Data: chunkOf(15, 20)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var p history.Points
	if err := st.series(ctx, "x", history.All(), &p); err != nil || p.Len() != 20 || !slices.IsSorted(p.Row) || !slices.IsSorted(p.Value) {
		t.Errorf("the series has rows %v, %v", p.Row, err)
	}
	rows, err := s.q.printRows(ctx, st, ballast.History, st.spans())
	if err != nil || len(rows) != 20 || rows[7] != `{"_step":7,"x":7}` {
		t.Errorf("the rows are %q, %v", rows, err)
	}
	n := int64(0)
	err = st.join(ctx, []string{"x", "_step"}, history.All(), func(j *joined) error {
		if x, _ := j.value(0); j.row != n || x != float64(n) {
			t.Errorf("joined row %d is %d with %v", n, j.row, x)
		}
		n++
		return nil
	})
	if err != nil || n != 20 || st.visible() != 20 {
		t.Errorf("joined %d of %d rows, %v", n, st.visible(), err)
	}
}

// BenchmarkSeries1M draws one metric of a sealed run of 1,000,000 steps: the
// whole of it from levels of detail, a short range from pages, over a time,
// and as rows for the SDK.
func BenchmarkSeries1M(b *testing.B) {
	s, ctx := newSite(b), context.Background()
	w := s.writer("r")
	random := rand.New(rand.NewPCG(1, 2))
	const n, batch = 1_000_000, 5000
	lines := make([]string, batch)
	for from := 0; from < n; from += batch {
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"loss":%v,"acc":%v,"_runtime":%v,"_step":%d}`, random.Float32(), random.Float64(), float64(from+i)/100, from+i)
		}
		w.send(historyFile, lines...)
		if from/batch%40 == 39 {
			w.seal()
		}
	}
	w.seal()
	low, high := f64(500_000), f64(501_000)
	for _, c := range []struct {
		name string
		pr   PanelRequest
	}{
		{"grid", PanelRequest{Key: "loss", Buckets: 1500}},
		{"range", PanelRequest{Key: "loss", Min: low, Max: high}},
		{"runtime", PanelRequest{Key: "loss", X: "_runtime", Buckets: 1500}},
		{"metric", PanelRequest{Key: "loss", X: "acc", Buckets: 1500}},
	} {
		c.pr.ProjectID, c.pr.Runs = s.project.ID, []string{"r"}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if p, err := s.q.Panel(ctx, c.pr); err != nil || p.Runs[0].Total == 0 {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("sampled", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.Sampled(ctx, w.id, SampleSpec{Keys: []string{"_step", "loss"}}); err != nil || len(rows) != 500 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("history", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.History(ctx, w.id, RowQuery{}); err != nil || len(rows) != 500 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("scan page", func(b *testing.B) {
		for b.Loop() {
			if rows, err := s.q.History(ctx, w.id, RowQuery{MinStep: p64(400_000), MaxStep: p64(401_000)}); err != nil || len(rows) != 1000 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("keys", func(b *testing.B) {
		for b.Loop() {
			if keys, err := s.q.Keys(ctx, w.id); err != nil || len(keys.Keys) != 4 {
				b.Fatal(keys, err)
			}
		}
	})
}
