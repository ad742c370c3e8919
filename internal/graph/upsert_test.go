package graph

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

func TestUpsertCreates(t *testing.T) {
	s := newStage(t)
	a := s.upsert("member", map[string]any{
		"name": "r1", "project": "new project", "entity": "RED", "config": firstConfig, "host": "vm", "program": "train.py",
		"tags": []string{"b", "a", "b"}, "groupName": "g", "jobType": "j", "notes": "n", "commit": "c", "repo": "git@x", "sweep": nil,
	})
	if a.Failed || a.at("upsertBucket.inserted") != true {
		t.Fatalf("%s", a.Body)
	}
	bucket := a.at("upsertBucket.bucket").(map[string]any)
	if name, _ := bucket["displayName"].(string); !regexp.MustCompile(`^[a-z]+-[a-z]+-1$`).MatchString(name) {
		t.Errorf("generated name %q", name)
	}
	delete(bucket, "displayName")
	want := map[string]any{
		"id": ballast.StorageID("red", "new project", "r1"), "name": "r1", "description": nil, "config": firstConfig,
		"sweepName": nil, "historyLineCount": 0.0,
		"project": map[string]any{"id": opaqueID("Project", 1), "name": "new project", "entity": map[string]any{"id": opaqueID("Entity", s.red.ID), "name": "red"}},
	}
	if diff := cmp.Diff(want, bucket); diff != "" {
		t.Errorf("bucket (-want +got):\n%s", diff)
	}
	run := s.stored("red", "new project", "r1")
	got := []string{run.Group, run.JobType, run.Notes, run.Host, run.Program, run.Commit, run.Repo, strings.Join(run.Tags, ","), run.User, string(run.Live.State)}
	if diff := cmp.Diff([]string{"g", "j", "n", "vm", "train.py", "c", "git@x", "b,a", "member", "running"}, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if !run.Started {
		t.Error("the run does not count as started")
	}
}

func TestUpsertDefaults(t *testing.T) {
	s := newStage(t)
	for role, entity := range map[string]string{"stranger": "stranger", "robot": "red"} {
		a := s.upsert(role, map[string]any{})
		name, _ := a.at("upsertBucket.bucket.name").(string)
		if !regexp.MustCompile(`^[a-z0-9]{8}$`).MatchString(name) ||
			a.at("upsertBucket.bucket.id") != ballast.StorageID(entity, "uncategorized", name) {
			t.Errorf("%s: %s", role, a.Body)
		}
	}
	a := s.do("member", s.sdk("UpsertBucket-2"), map[string]any{"project": "p", "entity": "red", "name": "later", "state": "pending"})
	if a.Failed || s.stored("red", "p", "later").Live.State != ballast.Pending {
		t.Errorf("pending: %s", a.Body)
	}
}

func TestUpsertChanges(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	before := s.stored("red", "secret", "r1")
	for _, c := range []struct {
		name string
		set  map[string]any
		want func(*ballast.Run)
	}{
		{"nothing", map[string]any{"id": id}, func(*ballast.Run) {}},
		{"only config, without id", map[string]any{"name": "r1", "project": "secret", "entity": "red", "config": laterConfig},
			func(r *ballast.Run) { r.Config = []byte(laterConfig) }},
		{"fields", map[string]any{"id": id, "displayName": "d", "notes": "n", "tags": []string{"t"}, "groupName": "g", "jobType": "j"},
			func(r *ballast.Run) {
				r.Display, r.Notes, r.Tags, r.Group, r.JobType = "d", "n", []string{"t"}, "g", "j"
			}},
		{"null leaves", map[string]any{"id": id, "tags": nil, "notes": nil}, func(*ballast.Run) {}},
		{"description is notes", map[string]any{"id": id, "description": "d2"}, func(r *ballast.Run) { r.Notes = "d2" }},
		{"empty empties", map[string]any{"id": id, "tags": []string{}, "notes": ""}, func(r *ballast.Run) { r.Tags, r.Notes = nil, "" }},
		{"a part of config", map[string]any{"id": id, "config": `{"new":{"value":1,"desc":null}}`},
			func(r *ballast.Run) {
				r.Config = []byte(laterConfig[:len(laterConfig)-1] + `,"new":{"value":1,"desc":null}}`)
			}},
	} {
		a := s.upsert("member", c.set)
		if a.Failed || a.at("upsertBucket.inserted") != false {
			t.Fatalf("%s: %s", c.name, a.Body)
		}
		got := s.stored("red", "secret", "r1")
		want := before
		c.want(&want)
		want.Updated, want.Rev, want.Live = got.Updated, got.Rev, got.Live
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if same(before, got) != (got.Rev == before.Rev) {
			t.Errorf("%s: revision %d became %d", c.name, before.Rev, got.Rev)
		}
		before = got
	}
}

func TestUpsertSummary(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	doc := `mutation UpsertBucket( $id: String, $summaryMetrics: JSONString) { upsertBucket(input: { id: $id, summaryMetrics: $summaryMetrics}) { bucket { id summaryMetrics } } }`
	for _, summary := range []string{`{"loss":0.5,"n":NaN}`, `{"acc":Infinity}`} {
		if a := s.must("member", doc, map[string]any{"id": id, "summaryMetrics": summary}); a.at("upsertBucket.bucket.summaryMetrics") != summary {
			t.Errorf("%s", a.Body)
		}
	}
	a := s.must("member", `mutation($id:String){
		a:upsertBucket(input:{id:$id,summaryMetrics:"{\"a\":1}"}){bucket{summaryMetrics}}
		b:upsertBucket(input:{id:$id,summaryMetrics:"{\"b\":1}"}){bucket{summaryMetrics}}}`, map[string]any{"id": id})
	if a.at("a.bucket.summaryMetrics") != `{"a":1}` || a.at("b.bucket.summaryMetrics") != `{"b":1}` {
		t.Errorf("two in one request: %s", a.Body)
	}
	if a := s.do("member", doc, map[string]any{"id": id, "summaryMetrics": `{"acc"`}); !a.Failed || a.Kind != ballast.Invalid {
		t.Errorf("cut off: %s", a.Body)
	}
}

// TestSessions: which calls begin a session, and what they answer.
func TestSessions(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	run := s.stored("red", "secret", "r1")
	end := func() {
		s.write(func(tx *meta.Tx) error {
			if err := tx.SetRunStop(run.ID, true); err != nil {
				return err
			}
			return tx.SetRunState(run.ID, ballast.Failed, 3, time.Now())
		})
	}
	s.write(func(tx *meta.Tx) error {
		_, err := tx.AppendStreams([]meta.Append{{Run: run.ID, History: &meta.Rows{Lines: 7, First: 1, Data: []byte("x")}}}, time.Now())
		return err
	})
	named := map[string]any{"name": "r1", "project": "secret", "entity": "red"}
	with := func(base map[string]any, more ...any) map[string]any {
		out := map[string]any{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	for _, c := range []struct {
		name   string
		set    map[string]any
		begins bool
		lines  float64
	}{
		{"second start", with(named, "host", "vm", "config", firstConfig), true, 0},
		{"resume", with(named, "id", id, "host", "vm", "config", firstConfig), true, 7},
		{"settings of a live process", with(named, "id", id, "host", "vm", "config", laterConfig), false, 0},
		{"config of a live process", with(named, "config", laterConfig), false, 0},
		{"public update", map[string]any{"id": id, "config": firstConfig, "notes": "x"}, false, 0},
		{"public create", with(named, "state", "running"), false, 0},
	} {
		end()
		a := s.upsert("member", c.set)
		live := s.stored("red", "secret", "r1").Live
		begun := live.State == ballast.Running && !live.Stop
		if a.Failed || begun != c.begins || a.at("upsertBucket.bucket.historyLineCount") != c.lines {
			t.Errorf("%s: %s, stop %v, %s", c.name, live.State, live.Stop, a.Body)
		}
		if live.HistoryLines != 7 {
			t.Errorf("%s: the run has %d lines", c.name, live.HistoryLines)
		}
	}
}

func TestSharedRun(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	run := s.stored("red", "secret", "r1")
	s.write(func(tx *meta.Tx) error { return tx.SetRunStop(run.ID, true) })
	c := call(s.sdk("UpsertBucket"), map[string]any{"name": "r1", "project": "secret", "entity": "red", "host": "vm2", "config": `{"_wandb":{"value":{"t":{"1":[1]}}},"rank":{"value":1}}`})
	c.Shared = true
	if a := s.send("other", c); a.Failed {
		t.Fatalf("%s", a.Body)
	}
	got := s.stored("red", "secret", "r1")
	if !got.Live.Stop {
		t.Error("a process that joined took the stop request back")
	}
	if config := string(got.Config); !strings.Contains(config, `"lr"`) || !strings.Contains(config, `"rank"`) {
		t.Errorf("config is %s", config)
	}
}

func TestUpsertRefusals(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	gone := s.run("gone")
	s.must("member", `mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }`, map[string]any{"id": gone})
	for _, c := range []struct {
		name, role string
		set        map[string]any
		want       ballast.Kind
	}{
		{"nobody", "nobody", map[string]any{"id": id}, ballast.Unsigned},
		{"viewer", "viewer", map[string]any{"id": id}, ballast.Denied},
		{"viewer, new", "viewer", map[string]any{"entity": "red", "project": "p", "name": "n"}, ballast.Denied},
		{"stranger", "stranger", map[string]any{"id": id}, ballast.NotFound},
		{"stranger, new", "stranger", map[string]any{"entity": "red", "project": "p", "name": "n"}, ballast.NotFound},
		{"no such entity", "stranger", map[string]any{"entity": "none", "project": "p", "name": "n"}, ballast.NotFound},
		{"organization", "orgadmin", map[string]any{"entity": "acme", "project": "p", "name": "n"}, ballast.Invalid},
		{"deleted by name", "member", map[string]any{"entity": "red", "project": "secret", "name": "gone"}, ballast.Gone},
		{"deleted by id", "member", map[string]any{"id": gone}, ballast.Gone},
		{"unknown id", "member", map[string]any{"id": ballast.StorageID("red", "secret", "none")}, ballast.NotFound},
		{"unknown project", "member", map[string]any{"id": ballast.StorageID("red", "none", "r1")}, ballast.NotFound},
		{"no id", "member", map[string]any{"id": "r1"}, ballast.Invalid},
		{"slash", "member", map[string]any{"entity": "red", "project": "a/b", "name": "n"}, ballast.Invalid},
		{"control", "member", map[string]any{"entity": "red", "project": "p", "name": "a\x01b"}, ballast.Invalid},
		{"long", "member", map[string]any{"entity": "red", "project": "p", "name": strings.Repeat("x", 2000)}, ballast.Invalid},
		{"dots", "member", map[string]any{"entity": "red", "project": "..", "name": "n"}, ballast.Invalid},
		{"long shown name", "member", map[string]any{"id": id, "displayName": strings.Repeat("x", 513)}, ballast.Invalid},
		{"config", "member", map[string]any{"id": id, "config": "[1]"}, ballast.Invalid},
		{"state", "member", map[string]any{"entity": "red", "name": "n", "state": "finished"}, ballast.Invalid},
	} {
		a := s.upsert(c.role, c.set)
		if !a.Failed || a.Kind != c.want || len(a.Errors) != 1 || a.Data != nil {
			t.Errorf("%s: failed %v, %v, want %v: %s", c.name, a.Failed, a.Kind, c.want, a.Body)
		}
	}
	other := ballast.StorageID("none", "secret", "r1")
	hidden, none := s.upsert("stranger", map[string]any{"id": id}), s.upsert("stranger", map[string]any{"id": other})
	if strings.ReplaceAll(string(hidden.Body), id, other) != string(none.Body) {
		t.Errorf("what is hidden shows:\n%s\n%s", hidden.Body, none.Body)
	}
}

func TestServiceAccountAttribution(t *testing.T) {
	s := newStage(t)
	c, err := s.auth.OnBehalf(t.Context(), s.caller("robot"), "", "member@example.com")
	if err != nil {
		t.Fatal(err)
	}
	s.g.Do(auth.WithCaller(t.Context(), c), call(`mutation{upsertBucket(input:{name:"r",modelName:"p"}){bucket{id}}}`, nil))
	if got := s.stored("red", "p", "r").User; got != "member" {
		t.Errorf("the run is %s's", got)
	}
}

// TestConcurrentCreate: two processes that open the same run get the same one.
func TestConcurrentCreate(t *testing.T) {
	s := newStage(t)
	var wg sync.WaitGroup
	bodies := make([]Response, 8)
	for i := range bodies {
		wg.Go(func() {
			bodies[i] = s.g.Do(auth.WithCaller(context.Background(), s.caller("member")),
				call(`mutation{upsertBucket(input:{name:"r",modelName:"p",entityName:"red"}){bucket{id} inserted}}`, nil))
		})
	}
	wg.Wait()
	inserted := 0
	for _, b := range bodies {
		if b.Failed {
			t.Errorf("%s", b.Body)
		}
		if strings.Contains(string(b.Body), `"inserted":true`) {
			inserted++
		}
	}
	if inserted != 1 {
		t.Errorf("%d calls say that they made the run", inserted)
	}
}

// TestFaultPasses: a store that does not answer must not look like a refusal.
func TestFaultPasses(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithCancel(auth.WithCaller(t.Context(), s.caller("member")))
	cancel()
	for _, query := range []string{
		`{project(name:"p",entityName:"red"){id}}`,
		`mutation{upsertBucket(input:{name:"r",entityName:"red"}){inserted}}`,
		`mutation{createRunFiles(input:{entityName:"red",projectName:"p",runName:"r",files:["a"]}){runID}}`,
	} {
		if got := s.g.Do(ctx, call(query, nil)); !got.Failed || got.Kind != ballast.Unavailable {
			t.Errorf("%s: failed %v, %v: %s", query, got.Failed, got.Kind, got.Body)
		}
	}
}
