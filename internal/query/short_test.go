package query

import (
	"context"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
)

// TestShortNames: a metric or a setting may be written without its prefix, in
// every question that takes a query, unless it is both.
func TestShortNames(t *testing.T) {
	s, q := statShelf(t)
	s.run(ballast.Run{Name: "x", Tags: []string{"all"}, Config: []byte(`{"both":{"value":1}}`)}, `{"both":2,"val/top1":0.9,"a":{"b.c":7}}`)
	ctx := context.Background()
	for _, c := range []struct{ text, want string }{
		{"loss > 2", "r1 r3"}, {"opt:adam and lr < 0.01", "r0"}, {"val/top1 > 0.8", "x"}, {"not lr exists", "x"}, {"opt in [sgd, muon]", "r2"}, {`"val/top1" >= 0.9`, "x"}, {"opt ~ ^ad", "r0 r1"}, {"a.b.c = 7", "x"},
	} {
		table, err := q.RunTable(ctx, s.project.ID, RunQuery{Text: c.text, Order: []string{"+name"}}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var names []string
		for _, r := range table.Rows {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s found %q, want %q", c.text, got, c.want)
		}
		stats, err := q.TableStats(ctx, s.project.ID, RunQuery{Text: c.text}, nil)
		if err != nil || stats.Found != len(names) {
			t.Errorf("%s: statistics of %+v, %v", c.text, stats, err)
			continue
		}
		// The Mongo-style document that goes with it has the whole names.
		if n, err := q.CountRuns(ctx, s.project.ID, stats.Filter); err != nil || n != len(names) {
			t.Errorf("%s as %s finds %d, %v", c.text, stats.Filter, n, err)
		}
		groups, err := q.TableGroups(ctx, s.project.ID, RunQuery{Text: c.text}, "tags", nil)
		if err != nil || groups.Found != len(names) {
			t.Errorf("%s: groups of %+v, %v", c.text, groups, err)
		}
	}
	for text, says := range map[string]string{"both > 1": "a metric and a setting", "losss > 1": `field "losss" is unknown`, "loss > 1 and losss > 1": "character 14", "stat:x": `"state" is the nearest`} {
		if _, err := q.RunTable(ctx, s.project.ID, RunQuery{Text: text}, nil); !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want Invalid that says %s", text, err, says)
		}
	}
}
