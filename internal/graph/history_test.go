package graph

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// stream stores a body of the file stream for a run of red/secret.
func (s *stage) stream(run string, body string) {
	s.t.Helper()
	if s.ingest == nil {
		in, err := ingest.Open(s.t.Context(), s.db, s.bucket, sqlqueue.New(s.db), ingest.Options{})
		if err != nil {
			s.t.Fatal(err)
		}
		s.ingest = in
		s.t.Cleanup(func() { in.Close() })
	}
	req, err := filestream.Decode([]byte(body), new(filestream.Decoder))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.ingest.Append(s.t.Context(), ingest.Request{RunID: s.stored("red", "secret", run).ID, Request: req}); err != nil {
		s.t.Fatal(err)
	}
}

// logged is a run with twelve rows, events, a summary and console lines.
func (s *stage) logged(run string) (id string) {
	s.t.Helper()
	id = s.run(run)
	var rows []string
	for i := range 12 {
		row := fmt.Sprintf(`{"_step":%d,"loss":%g,"dict":{"val1":1,"val2":2},"n":NaN}`, i, 1-float64(i)/10)
		if i == 5 {
			row = `{"_step":5,"text":"only here"}`
		}
		rows = append(rows, row)
	}
	body, err := json.Marshal(map[string]any{"files": map[string]any{
		"wandb-history.jsonl": map[string]any{"offset": 0, "content": rows},
		"wandb-events.jsonl":  map[string]any{"offset": 0, "content": []string{`{"system.cpu":3.5,"_runtime":1}`, `{"system.cpu":4.5,"_runtime":2}`}},
		"wandb-summary.json":  map[string]any{"offset": 0, "content": []string{`{"loss":-0.1,"_step":11,"n":NaN}`}},
		"output.log":          map[string]any{"offset": 0, "content": []string{`{"ts":"2026-01-02T03:04:05.5","content":"hello"}`, `{"level":"error","ts":"2026-01-02T03:04:06","content":"oh"}`}},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.stream(run, string(body))
	return id
}

func run1(more map[string]any) map[string]any {
	vars := map[string]any{"entity": "red", "project": "secret", "name": "r1", "run": "r1", "runName": "r1"}
	for k, v := range more {
		vars[k] = v
	}
	return vars
}

// TestResumeStatus: what the SDK insists on is there, for a run with rows and
// for one without.
func TestResumeStatus(t *testing.T) {
	s := newStage(t)
	s.run("r2")
	id := s.logged("r1")
	a := s.must("member", s.sdk("RunResumeStatus"), run1(nil))
	bucket := a.at("model.bucket").(map[string]any)
	want := map[string]any{
		"id": id, "name": "r1", "displayName": bucket["displayName"], "tags": []any{}, "notes": nil, "config": firstConfig,
		"wandbConfig": `{"t":{"1":[1]}}`, "logLineCount": 2.0, "historyLineCount": 12.0, "eventsLineCount": 2.0,
		"summaryMetrics": `{"loss":-0.1,"_step":11,"n":NaN}`, "historyTail": bucket["historyTail"], "eventsTail": bucket["eventsTail"],
	}
	if diff := cmp.Diff(want, bucket); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, name := range []string{"historyTail", "eventsTail"} {
		var rows []string
		if text, _ := bucket[name].(string); json.Unmarshal([]byte(text), &rows) != nil || len(rows) == 0 {
			t.Errorf("%s is %v", name, bucket[name])
		}
	}
	a = s.must("member", s.sdk("RunResumeStatus"), map[string]any{"entity": "red", "project": "secret", "name": "r2"})
	for name, v := range a.at("model.bucket").(map[string]any) {
		if v == nil && name != "notes" {
			t.Errorf("%s of a run without rows is null", name)
		}
	}
	if a := s.must("member", s.sdk("RunResumeStatus"), map[string]any{"entity": "red", "project": "secret", "name": "r3"}); a.at("model.bucket") != nil {
		t.Errorf("a run that does not exist: %s", a.Body)
	}
}

// TestReading asks what wandb.Api asks about a run.
func TestReading(t *testing.T) {
	s := newStage(t)
	s.logged("r1")
	a := s.must("viewer", s.sdk("Run"), run1(nil))
	run := a.at("project.run").(map[string]any)
	keys := run["historyKeys"].(map[string]any)
	if keys["lastStep"] != 11.0 || keys["keys"].(map[string]any)["dict.val1"].(map[string]any)["previousValue"] != 1.0 {
		t.Errorf("historyKeys: %v", keys)
	}
	if run["systemMetrics"] == nil || run["readOnly"] != true || run["state"] != "running" {
		t.Errorf("%s", a.Body)
	}
	var row map[string]any
	if err := json.Unmarshal([]byte(run["systemMetrics"].(string)), &row); err != nil || row["system.cpu"] != 4.5 {
		t.Errorf("systemMetrics: %v %v", row, err)
	}
	page := s.must("viewer", s.sdk("HistoryPage"), run1(map[string]any{"minStep": 3, "maxStep": 7, "pageSize": 1000})).at("project.run.history").([]any)
	if len(page) != 4 {
		t.Errorf("steps 3 to 6: %v", page)
	}
	spec := `{"keys":["_step","loss"],"minStep":4,"maxStep":6,"samples":1000}`
	sampled := s.must("viewer", s.sdk("SampledHistoryPage"), run1(map[string]any{"spec": spec})).at("project.run.sampledHistory").([]any)
	if rows := sampled[0].([]any); len(rows) != 2 || rows[0].(map[string]any)["_step"] != 4.0 {
		t.Errorf("steps 4 and 6 have loss: %v", sampled)
	}
	if got := s.must("viewer", s.sdk("RunFullHistory-2"), run1(map[string]any{"samples": 10})).at("project.run.events").([]any); len(got) != 2 {
		t.Errorf("events: %v", got)
	}
	parquet := s.must("viewer", s.sdk("RunParquetHistory"), run1(map[string]any{"liveKeys": []string{"_step"}})).at("project.run.parquetHistory")
	if diff := cmp.Diff(map[string]any{"parquetUrls": []any{}, "liveData": []any{}}, parquet); diff != "" {
		t.Errorf("parquetHistory (-want +got):\n%s", diff)
	}
	if a := s.do("viewer", s.sdk("SampledHistoryPage"), run1(map[string]any{"spec": `{"keys":`})); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INVALID" {
		t.Errorf("a bad spec: %s", a.Body)
	}
}

func TestConsole(t *testing.T) {
	s := newStage(t)
	s.logged("r1")
	a := s.must("viewer", s.sdk("RunConsoleLogTail"), run1(map[string]any{"last": 1}))
	want := []any{map[string]any{"node": map[string]any{"number": 1.0, "timestamp": "2026-01-02T03:04:06Z", "level": "error", "label": nil, "line": "oh"}}}
	if diff := cmp.Diff(want, a.at("project.run.logLines.edges")); diff != "" || a.at("project.run.logLineCount") != 2.0 {
		t.Errorf("%s (-want +got):\n%s", a.Body, diff)
	}
	var lines []any
	for cursor, more := any(nil), true; more; {
		a := s.must("viewer", s.sdk("RunConsoleLogPage"), run1(map[string]any{"first": 1, "after": cursor}))
		for _, e := range a.at("project.run.logLines.edges").([]any) {
			lines = append(lines, e.(map[string]any)["node"].(map[string]any)["line"])
		}
		cursor, more = a.at("project.run.logLines.pageInfo.endCursor"), a.at("project.run.logLines.pageInfo.hasNextPage").(bool)
	}
	if diff := cmp.Diff([]any{"hello", "oh"}, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRuns(t *testing.T) {
	s := newStage(t)
	for i := range 7 {
		s.run(fmt.Sprint("r", i))
	}
	s.logged("r9")
	for _, c := range []struct {
		filters, order string
		want           []string
	}{
		{"{}", "+created_at", []string{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r9"}},
		{`{"name":{"$in":["r1","r2"]}}`, "-created_at", []string{"r2", "r1"}},
		{`{"summary_metrics.loss":{"$lt":0}}`, "", []string{"r9"}},
		{`{"config.lr":0.5}`, "", nil},
	} {
		for _, doc := range []string{"Runs", "Runs-2"} {
			var got []string
			for cursor, more := any(nil), true; more; {
				a := s.must("viewer", s.sdk(doc), map[string]any{"project": "secret", "entity": "red", "cursor": cursor, "perPage": 3, "order": c.order, "filters": c.filters})
				for _, e := range a.at("project.runs.edges").([]any) {
					edge := e.(map[string]any)
					got = append(got, edge["node"].(map[string]any)["name"].(string))
					cursor = edge["cursor"]
				}
				if n := a.at("project.runCount"); n != float64(len(c.want)) {
					t.Errorf("%s: %v runs", c.filters, n)
				}
				more = a.at("project.runs.pageInfo.hasNextPage").(bool)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", c.filters, c.order, diff)
			}
		}
	}
	for name, vars := range map[string]map[string]any{
		"filter": {"filters": `{"$what":1}`}, "JSON": {"filters": `{`}, "cursor": {"cursor": "nonsense"},
	} {
		vars["project"], vars["entity"] = "secret", "red"
		if a := s.do("viewer", s.sdk("Runs"), vars); a.Failed || len(a.Errors) == 0 || a.Errors[0].Extensions.Code != "INVALID" {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}

func TestStop(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	s.must("member", s.sdk("StopRun"), map[string]any{"id": id})
	a := s.must("viewer", `{project(name:"secret",entityName:"red"){run(name:"r1"){shouldStop stopped state}}}`, nil)
	if diff := cmp.Diff(map[string]any{"shouldStop": true, "stopped": true, "state": "running"}, a.at("project.run")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUpdateRunState(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	set := func(state string) string {
		a := s.do("member", s.sdk("UpdateRunState"), map[string]any{"input": map[string]any{"id": id, "state": state}})
		if len(a.Errors) > 0 {
			return a.Errors[0].Extensions.Code
		}
		return string(s.stored("red", "secret", "r1").Live.State)
	}
	for _, c := range [][2]string{{"finished", "INVALID"}, {"pending", "pending"}, {"pending", "CONFLICT"}, {"failed", "failed"}, {"failed", "CONFLICT"}, {"pending", "pending"}} {
		if got := set(c[0]); got != c[1] {
			t.Errorf("to %s: %s, want %s", c[0], got, c[1])
		}
	}
}

// TestDelete: a deleted run is gone from every list and comes back whole.
func TestDelete(t *testing.T) {
	s := newStage(t)
	id := s.logged("r1")
	s.must("member", s.sdk("DeleteRun"), map[string]any{"id": id, "deleteArtifacts": false})
	if a := s.must("viewer", s.sdk("Run"), run1(nil)); a.at("project.run") != nil {
		t.Errorf("%s", a.Body)
	}
	if a := s.must("viewer", s.sdk("Runs"), map[string]any{"project": "secret", "entity": "red"}); a.at("project.runCount") != 0.0 {
		t.Errorf("%s", a.Body)
	}
	if a := s.do("member", s.sdk("StopRun"), map[string]any{"id": id}); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "GONE" {
		t.Errorf("%s", a.Body)
	}
	s.must("member", `mutation($id:ID!){undeleteRun(input:{id:$id}){run{id}}}`, map[string]any{"id": id})
	if a := s.must("viewer", s.sdk("Run"), run1(nil)); a.at("project.run.historyLineCount") != 12.0 {
		t.Errorf("%s", a.Body)
	}
}
