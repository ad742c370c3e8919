package graph

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// fork makes the call by which a client forks a run of red/secret.
func (s *stage) fork(child, parent string, step int) answer {
	config := fmt.Sprintf(`{"own":{"value":1},"_wandb":{"value":{"t":{"5":"0.31.0"},"branch_point":{"run_id":%q,"step":%d}}}}`, parent, step)
	return s.upsert("member", map[string]any{"name": child, "project": "secret", "entity": "red", "config": config, "host": "vm"})
}

// rewind makes the call by which a client rewinds one.
func (s *stage) rewind(run string, step float64) answer {
	return s.do("member", s.document("0.31.0", "RewindRun"),
		map[string]any{"runName": run, "entity": "red", "project": "secret", "metricName": "_step", "metricValue": step})
}

// rows stores history rows with a step and a value v, and a summary.
func (s *stage) rows(run string, offset int, summary string, steps ...int) {
	s.t.Helper()
	var rows []string
	for _, step := range steps {
		rows = append(rows, fmt.Sprintf(`{"_step":%d,"v":%d}`, step, step))
	}
	body, err := json.Marshal(map[string]any{"files": map[string]any{
		"wandb-history.jsonl": map[string]any{"offset": offset, "content": rows},
		"wandb-summary.json":  map[string]any{"offset": 0, "content": []string{summary}},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.stream(run, string(body))
}

// branch returns the steps of a run's history and its summary.
func (s *stage) branch(run string) (steps, summary string) {
	s.t.Helper()
	a := s.must("member", runQuery("history(samples:100) summaryMetrics"), map[string]any{"r": run})
	for _, row := range a.at("project.run.history").([]any) {
		var r struct {
			Step int `json:"_step"`
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(row.(string), "NaN", "0")), &r); err != nil {
			s.t.Fatal(err)
		}
		steps += fmt.Sprint(r.Step, " ")
	}
	return strings.TrimSpace(steps), a.at("project.run.summaryMetrics").(string)
}

func runQuery(fields string) string {
	return "query($r:String!){project(entityName:\"red\",name:\"secret\"){run(name:$r){" + fields + "}}}"
}

func TestFork(t *testing.T) {
	s := newStage(t)
	s.logged("p")
	if a := s.fork("c", "p", 4); a.Failed || a.at("upsertBucket.bucket.historyLineCount") != 0.0 {
		t.Fatalf("fork: %s", a.Body)
	}
	check := func(run, steps, summary string) {
		t.Helper()
		gotSteps, gotSummary := s.branch(run)
		if diff := cmp.Diff([]string{steps, summary}, []string{gotSteps, gotSummary}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", run, diff)
		}
	}
	prefix := `{"_step":4,"dict":{"val1":1,"val2":2},"loss":0.6,"n":NaN}`
	check("c", "0 1 2 3 4", prefix)
	if a := s.fork("c", "p", 4); a.Failed { // the same call again
		t.Fatalf("fork again: %s", a.Body)
	}
	check("c", "0 1 2 3 4", prefix)
	s.rows("c", 0, `{"_step":6,"v":6}`, 5, 6)
	after := `{"_step":6,"dict":{"val1":1,"val2":2},"loss":0.6,"n":NaN,"v":6}`
	check("c", "0 1 2 3 4 5 6", after)
	check("p", "0 1 2 3 4 5 6 7 8 9 10 11", `{"loss":-0.1,"_step":11,"n":NaN}`)

	// A fork of the fork, inside and behind what it inherited; the first parent
	// is deleted, which the others do not notice.
	s.must("member", `mutation($id:ID!){deleteRun(input:{id:$id}){success}}`, map[string]any{"id": ballast.StorageID("red", "secret", "p")})
	for _, tt := range []struct {
		step  int
		steps string
	}{{5, "0 1 2 3 4 5"}, {2, "0 1 2"}} {
		name := fmt.Sprint("g", tt.step)
		if a := s.fork(name, "c", tt.step); a.Failed {
			t.Fatalf("fork of a fork: %s", a.Body)
		}
		if steps, _ := s.branch(name); steps != tt.steps {
			t.Errorf("fork of a fork at %d: %s", tt.step, steps)
		}
	}

	// The script starts again with the same id: its own rows begin anew, what it
	// inherited stays.
	s.rows("c", 0, `{"_step":15,"v":15}`, 15)
	check("c", "0 1 2 3 4 15", `{"_step":15,"dict":{"val1":1,"val2":2},"loss":0.6,"n":NaN,"v":15}`)
}

func TestForkRefused(t *testing.T) {
	s := newStage(t)
	s.logged("p")
	s.logged("other")
	s.run("gone")
	s.write(func(tx *meta.Tx) error { return tx.DeleteRun(s.stored("red", "secret", "gone").ID, time.Now()) })
	for _, tt := range []struct {
		child, parent string
		step          int
		want          string
	}{
		{"c", "p", 12, "ends at step 11"},
		{"c", "nobody", 1, "is not in project secret"},
		{"c", "gone", 1, "is not in project secret"},
		{"other", "p", 1, "needs an id that is new"},
	} {
		a := s.fork(tt.child, tt.parent, tt.step)
		if len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, tt.want) {
			t.Errorf("fork %s from %s at %d: %s, want %q", tt.child, tt.parent, tt.step, a.Body, tt.want)
		}
	}
	if steps, _ := s.branch("other"); !strings.HasSuffix(steps, " 11") {
		t.Errorf("the run that was there changed: %s", steps)
	}
	// What failed left nothing behind: the id is free.
	if a := s.fork("c", "p", 11); a.Failed || a.at("upsertBucket.inserted") != true {
		t.Errorf("%s", a.Body)
	}
}

func TestForkConfig(t *testing.T) {
	s := newStage(t)
	s.upsert("member", map[string]any{"name": "p", "project": "secret", "entity": "red", "host": "vm",
		"config": `{"lr":{"value":1},"own":{"value":0},"_wandb":{"value":{"t":{"5":"1"},"e":{"w":{}}}}}`})
	s.rows("p", 0, `{}`, 0)
	s.fork("c", "p", 0)
	want := `{"lr":{"value":1},"own":{"value":1},"_wandb":{"value":{"t":{"5":"0.31.0"},"branch_point":{"run_id":"p","step":0}}}}`
	if got := string(s.stored("red", "secret", "c").Config); got != want {
		t.Errorf("config %s, want %s", got, want)
	}
	// The client sends what it knows, which is not what was inherited.
	s.upsert("member", map[string]any{"name": "c", "project": "secret", "entity": "red", "config": `{"own":{"value":3},"_wandb":{"value":{"t":{"5":"0.31.0"},"branch_point":{"run_id":"p","step":0},"e":{"x":{}}}}}`})
	if got := string(s.stored("red", "secret", "c").Config); !strings.HasPrefix(got, `{"lr":{"value":1},"own":{"value":3},`) || !strings.Contains(got, `"e":{"x":{}}`) {
		t.Errorf("config after a change: %s", got)
	}
	// wandb.Api read it whole and sends it back without a key that was inherited.
	s.upsert("member", map[string]any{"id": ballast.StorageID("red", "secret", "c"), "config": `{"_wandb":{"value":{"t":{"5":"0.31.0"}},"desc":null},"own":{"value":4,"desc":null}}`})
	want = `{"_wandb":{"value":{"t":{"5":"0.31.0"}},"desc":null},"own":{"value":4,"desc":null}}`
	if got := string(s.stored("red", "secret", "c").Config); got != want {
		t.Errorf("config after an edit: %s, want %s", got, want)
	}
}

// TestForkMetrics: what the parent defined of its metrics holds in the fork,
// beside what the fork defines itself.
func TestForkMetrics(t *testing.T) {
	s := newStage(t)
	s.upsert("member", map[string]any{"name": "p", "project": "secret", "entity": "red", "host": "vm",
		"config": `{"_wandb":{"value":{"t":{"5":"1"},"m":[{"1":"epoch"},{"1":"acc","5":1,"7":[2]}]}}}`})
	s.rows("p", 0, `{}`, 0)
	s.fork("c", "p", 0)
	s.upsert("member", map[string]any{"name": "c", "project": "secret", "entity": "red",
		"config": `{"_wandb":{"value":{"t":{"5":"1"},"m":[{"1":"step"},{"1":"loss","5":1}]}}}`})
	want := `[{"1":"epoch"},{"1":"acc","5":1,"7":[2]},{"1":"step"},{"1":"loss","5":3}]`
	if got := string(wandbMember(s.stored("red", "secret", "c").Config, "m")); got != want {
		t.Errorf("metrics %s, want %s", got, want)
	}
	s.rows("c", 0, `{}`, 1)
	s.fork("g", "c", 1)
	if got := string(wandbMember(s.stored("red", "secret", "g").Config, "m")); got != want {
		t.Errorf("metrics of a fork of the fork %s, want %s", got, want)
	}
	a := s.must("member", runQuery("branches{rewind runName gone step}"), map[string]any{"r": "g"})
	if got := a.at("project.run.branches").([]any); len(got) != 1 || got[0].(map[string]any)["runName"] != "c" || got[0].(map[string]any)["step"] != 1.0 {
		t.Errorf("%s", a.Body)
	}
}

func TestRewind(t *testing.T) {
	s := newStage(t)
	id := s.logged("r")
	a := s.rewind("r", 6)
	if a.Failed || a.at("rewindRun.rewoundRun.historyLineCount") != 7.0 || a.at("rewindRun.rewoundRun.id") != id {
		t.Fatalf("%s", a.Body)
	}
	steps, summary := s.branch("r")
	if steps != "0 1 2 3 4 5 6" || summary != `{"_step":6,"dict":{"val1":1,"val2":2},"loss":0.4,"n":NaN,"text":"only here"}` {
		t.Errorf("rewound: %s, %s", steps, summary)
	}
	a = s.must("member", runQuery("logLineCount eventsLineCount systemMetrics"), map[string]any{"r": "r"})
	if a.at("project.run.logLineCount") != 0.0 || a.at("project.run.eventsLineCount") != 0.0 || a.at("project.run.systemMetrics") != "{}" {
		t.Errorf("console and system metrics: %s", a.Body)
	}
	// The client goes on, as one that resumes, and knows nothing of the summary.
	s.upsert("member", map[string]any{"id": id, "config": firstConfig, "host": "vm"})
	s.rows("r", 7, `{"_step":8,"v":8}`, 8)
	steps, summary = s.branch("r")
	if steps != "0 1 2 3 4 5 6 8" || summary != `{"_step":8,"dict":{"val1":1,"val2":2},"loss":0.4,"n":NaN,"text":"only here","v":8}` {
		t.Errorf("gone on: %s, %s", steps, summary)
	}
	// One that resumes is told the whole summary: what it leaves out is gone.
	s.upsert("member", map[string]any{"id": id, "config": firstConfig, "host": "vm"})
	s.rows("r", 8, `{"_step":9,"v":9}`, 9)
	if _, summary = s.branch("r"); summary != `{"_step":9,"v":9}` {
		t.Errorf("resumed: %s", summary)
	}
	for step, want := range map[float64]string{10: "ends at step 9", 1.5: "not a whole number"} {
		if a := s.rewind("r", step); len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, want) {
			t.Errorf("to step %v: %s, want %q", step, a.Body, want)
		}
	}
	if a := s.rewind("r", -1); a.Failed || a.at("rewindRun.rewoundRun.historyLineCount") != 0.0 {
		t.Errorf("to before the first step: %s", a.Body)
	}
	s.write(func(tx *meta.Tx) error { return tx.DeleteRun(s.stored("red", "secret", "r").ID, time.Now()) })
	if a := s.rewind("r", 1); len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, "was deleted") {
		t.Errorf("a deleted run: %s", a.Body)
	}
}
