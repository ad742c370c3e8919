package query

import (
	"context"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

const chartConfig = `{"_wandb":{"value":{"visualize":{
	"roc":{"panel_type":"Vega2","panel_config":{"userQuery":{"queryFields":[{"name":"runSets","fields":[{"name":"id"},{"name":"summaryTable","args":[{"name":"tableKey","value":"roc_table"}]}]}]}}},
	"odd":{"panel_type":"other"}, "none":5,
	"loss":{"panel_type":"Vega2","panel_config":{}}}}}}`

func TestDefinedCharts(t *testing.T) {
	want := []chart{{"roc", []string{"roc_table"}}, {"loss", nil}}
	if diff := cmp.Diff(want, definedCharts([]byte(chartConfig)), cmp.AllowUnexported(chart{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{``, `{}`, `[]`, `{"_wandb":{"value":{"visualize":[1]}}}`, `{"_wandb":5}`} {
		if c := definedCharts([]byte(bad)); c != nil {
			t.Errorf("%s: %v", bad, c)
		}
	}
}

func TestChartsInCatalogue(t *testing.T) {
	s := newSite(t)
	r := s.run(ballast.Run{Name: "a", Config: []byte(chartConfig)}, "")
	w := &writer{site: s, id: r.ID, lines: map[string]int{}}
	w.send(historyFile, `{"_step":0,"loss":1,"roc_table":{"_type":"table-file","path":"x"},"other_table":{"_type":"table-file","path":"y"}}`)
	c, err := s.q.Catalogue(context.Background(), s.project.ID, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	want := []CatalogueKey{
		{Key: "loss", Type: "number", Runs: 1},
		{Key: "other_table", Type: "media:table-file", Runs: 1},
		{Key: "roc", Type: "chart", Runs: 1},
		{Key: "roc_table", Type: "media:table-file", Runs: 1, Hidden: true},
	}
	if diff := cmp.Diff(want, c.History); diff != "" {
		t.Error(diff)
	}
}
