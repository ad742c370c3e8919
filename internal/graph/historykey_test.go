package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDeleteHistoryKeys: what was deleted is in no answer any more, neither in
// rows nor samples, keys nor the summary; the rest stays as it was.
func TestDeleteHistoryKeys(t *testing.T) {
	s := newStage(t)
	id := s.logged("r1")
	const mutation = `mutation($i:DeleteHistoryKeysInput!){deleteHistoryKeys(input:$i){keys keyCount valueCount}}`
	remove := func(input map[string]any) (keys any, values any) {
		t.Helper()
		input["id"] = id
		a := s.must("member", mutation, map[string]any{"i": input})
		return a.at("deleteHistoryKeys.keys"), a.at("deleteHistoryKeys.valueCount")
	}
	see := func() map[string]any {
		t.Helper()
		a := s.must("viewer", `{project(name:"secret",entityName:"red"){run(name:"r1"){history(samples:500) historyKeys summaryMetrics historyLineCount
			sampledHistory(specs:["{\"keys\":[\"_step\",\"loss\"],\"samples\":100}"])}}}`, nil)
		run, ok := a.at("project.run").(map[string]any)
		if !ok {
			t.Fatalf("%s", a.Body)
		}
		return run
	}
	before := see()
	if keys, n := remove(map[string]any{"prefix": "dict.", "dryRun": true}); !cmp.Equal(keys, []any{"dict.val1", "dict.val2"}) || n != "22" && n != 22.0 {
		t.Errorf("a dry run found %v with %v values", keys, n)
	}
	if diff := cmp.Diff(before, see()); diff != "" {
		t.Errorf("a dry run changed (-before +after):\n%s", diff)
	}
	remove(map[string]any{"prefix": "dict.", "pattern": "^te.t$"})
	remove(map[string]any{"keys": []string{"loss"}, "minStep": 10})
	now := see()
	for name, body := range now {
		for _, gone := range []string{"val1", "dict", "only here"} {
			if strings.Contains(fmt.Sprint(body), gone) {
				t.Errorf("%s still has %q: %v", name, gone, body)
			}
		}
	}
	rows := now["history"].([]any)
	want := []any{`{"_step":9,"loss":0.09999999999999998,"n":NaN}`, `{"_step":10,"n":NaN}`, `{"_step":11,"n":NaN}`}
	if len(rows) != 12 || !cmp.Equal(rows[9:], want) || rows[5] != `{"_step":5}` {
		t.Errorf("rows are %v", rows)
	}
	if n := len(now["sampledHistory"].([]any)[0].([]any)); n != 9 {
		t.Errorf("%d samples of loss are left, want 9", n)
	}
	if got, want := now["summaryMetrics"], `{"_step":11,"n":NaN,"loss":0.09999999999999998}`; got != want {
		t.Errorf("the summary is %s, want %s", got, want)
	}
	if keys, _ := remove(map[string]any{"pattern": "."}); !cmp.Equal(keys, []any{"loss", "n"}) {
		t.Errorf("the last deletion was of %v", keys)
	}
	if got := see()["history"].([]any); len(got) != 12 || got[11] != `{"_step":11}` {
		t.Errorf("rows are %v", got)
	}
	for _, c := range []struct {
		input map[string]any
		says  string
	}{
		{map[string]any{}, "no keys are named"},
		{map[string]any{"keys": []string{"_step"}}, "underscore"},
		{map[string]any{"pattern": "("}, "no regular expression"},
	} {
		c.input["id"] = id
		if a := s.do("member", mutation, map[string]any{"i": c.input}); !slices.Equal(a.codes(), []string{"INVALID"}) || !strings.Contains(string(a.Body), c.says) {
			t.Errorf("%v: %s", c.input, a.Body)
		}
	}
}
