package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
)

// pickTable is a table of n runs with a loss and a rate.
func pickTable(n int) (*runTable, func(i int, loss float64, rate string)) {
	t := &runTable{}
	t.reset([]field{{name: "name"}, {name: "state"}, {name: "created_at"}, {source: fromSummary, path: []string{"loss"}}, {source: fromConfig, path: []string{"rate"}}})
	ex, rev := newExtractor(t.fields), int64(0)
	put := func(i int, loss float64, rate string) {
		rev++
		t.put(&ballast.Run{ID: int64(i + 1), Ordinal: int64(i), Rev: rev, Name: fmt.Sprint("r", i), Created: noon.Add(time.Duration(i) * time.Second),
			Config: fmt.Appendf(nil, `{"rate":{"value":%q}}`, rate)}, fmt.Appendf(nil, `{"loss":%g}`, loss), ex)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		put(i, float64(random.IntN(500)), "low")
	}
	return t, put
}

// TestDeepPages: pages far from the start, by offset and by cursor, are those of
// the whole order, also after values have changed, and what changed elsewhere
// does not put the runs in order again.
func TestDeepPages(t *testing.T) {
	table, put := pickTable(3 * partialOrder)
	rq := RunQuery{Text: "summary_metrics.loss < 400", Order: []string{"-summary_metrics.loss"}, First: 170}
	ask, err := rq.parse(noon)
	if err != nil {
		t.Fatal(err)
	}
	pick := func(after *place, offset, first int) selection {
		return table.pick(ask.filter, ask.keys, after, offset, first)
	}
	check := func(when string) {
		t.Helper()
		// The whole, by the plain comparison of places.
		want := table.matching(ask.filter)
		slices.SortFunc(want, func(a, b int32) int {
			return comparePlace(table.place(a, ask.keys), table.place(b, ask.keys), ask.keys)
		})
		var paged, followed []int32
		var after *place
		for offset := 0; offset < len(want); offset += ask.first {
			p, f := pick(nil, offset, ask.first), pick(after, 0, ask.first)
			paged, followed = append(paged, p.rows...), append(followed, f.rows...)
			if p.more != (offset+ask.first < len(want)) || f.more != p.more || p.total != len(want) {
				t.Fatalf("%s, from %d: more %v and %v, total %d of %d", when, offset, p.more, f.more, p.total, len(want))
			}
			after = &f.places[len(f.places)-1]
		}
		if diff := cmp.Diff(want, paged); diff != "" {
			t.Errorf("%s: pages by offset (-whole +pages): %s", when, diff)
		}
		if diff := cmp.Diff(want, followed); diff != "" {
			t.Errorf("%s: pages by cursor (-whole +pages): %s", when, diff)
		}
	}
	kept := func() *int32 { return &table.inOrder(ask.filter, ask.keys)[0] }
	check("at first")
	before := kept()
	put(7, 250.5, "high")
	check("after a loss changed")
	if kept() == before {
		t.Error("the order was kept although a value of it changed")
	}
	put(8, 399.5, "low")
	put(9, 1e9, "low")
	before = kept()
	put(7, 250.5, "low")
	if kept() != before {
		t.Error("a value that the order does not look at put all runs in order again")
	}
	table.remove(table.byID[9])
	check("after a run went")
}

func BenchmarkDeepPage(b *testing.B) {
	table, put := pickTable(100_000)
	ask, err := RunQuery{Order: []string{"-summary_metrics.loss"}, First: 200}.parse(noon)
	if err != nil {
		b.Fatal(err)
	}
	for _, changed := range []bool{false, true} {
		b.Run(fmt.Sprintf("changed=%v", changed), func(b *testing.B) {
			for i := range b.N {
				if changed {
					put(5, float64(i)+0.5, "low")
				}
				table.pick(ask.filter, ask.keys, nil, 50_000, 200)
			}
		})
	}
}
