package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// runOf makes a run of a role's user in red/secret and ends it in a state, an
// hour after it began; Running stays.
func (st *stage) runOf(role, name string, state ballast.State, ended time.Time) ballast.Run {
	st.t.Helper()
	var run ballast.Run
	err := st.DB.Write(st.t.Context(), "make a run", func(tx *meta.Tx) (err error) {
		run, err = tx.CreateRun(ballast.Run{ProjectID: st.Project.ID, Name: name, UserID: st.Users[role].ID, Created: ended.Add(-time.Hour),
			Config: []byte(`{"max_steps":{"value":400},"lr":{"value":0.1},"train":{"value":{"iters":7,"name":"x"}}}`)})
		if err == nil && state != ballast.Running {
			err = tx.EndRunAt(run.ID, state, 1, ended)
		}
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return run
}

func ask[T any](st *stage, role, path string) T {
	st.t.Helper()
	return decode[T](st.t, st.do(role, "GET", path, nil))
}

func decode[T any](t testing.TB, r reply) (out T) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &out); r.status != 200 || err != nil {
		t.Fatalf("%d %s %v", r.status, r.body, err)
	}
	return out
}

func (st *stage) change(role, path, body string) reply {
	return st.do(role, "PUT", path, strings.NewReader(body))
}

func names(all []homeRun) (out []string) {
	for _, one := range all {
		out = append(out, one.Name)
	}
	return out
}

// TestHome: one answer with what runs, one's own first, what of one's own
// failed since the last visit, and projects with the pinned ones first.
func TestHome(t *testing.T) {
	st := newStage(t)
	now := time.Now().UTC()
	st.runOf("member", "mine", ballast.Running, now)
	st.runOf("viewer", "theirs", ballast.Running, now.Add(time.Minute))
	st.runOf("member", "broke", ballast.Failed, now.Add(-time.Minute))
	st.runOf("member", "silent", ballast.Crashed, now.Add(-2*time.Hour))
	st.runOf("member", "long ago", ballast.Failed, now.Add(-8*24*time.Hour))
	st.runOf("viewer", "not mine", ballast.Failed, now)
	h := ask[homeReply](st, "member", "/api/home")
	if got := strings.Join(names(h.Running), ","); got != "r1,mine,theirs" || h.Total != 3 {
		t.Errorf("running: %s, %d in all", got, h.Total)
	}
	if text, _ := json.Marshal(h.Running[1].Config); string(text) != `{"max_steps":400,"train":{"iters":7}}` || !h.Running[1].Mine || h.Running[2].Mine {
		t.Errorf("mine is %+v, config %s", h.Running[1], text)
	}
	if got := strings.Join(names(h.Failed), ","); got != "broke,silent" {
		t.Errorf("failed: %s, want broke,silent", got)
	}
	if len(h.Projects) != 1 || h.Projects[0].Runs < 6 || h.Projects[0].Running < 2 || h.Projects[0].Pinned {
		t.Errorf("projects: %+v", h.Projects)
	}
	if h := ask[homeReply](st, "stranger", "/api/home"); h.Total != 0 || len(h.Projects) != 0 {
		t.Errorf("the stranger sees %+v", h)
	}

	// A visit that goes on keeps the failures; saying that they were seen does not.
	for range 2 {
		if r := st.change("member", "/api/home", `{"visit":true}`); r.status != 204 {
			t.Fatalf("visiting: %d %s", r.status, r.body)
		}
	}
	if h := ask[homeReply](st, "member", "/api/home"); len(h.Failed) != 2 {
		t.Errorf("on the same visit: %v", names(h.Failed))
	}
	st.change("member", "/api/home", `{"seen":true}`)
	if h := ask[homeReply](st, "member", "/api/home"); len(h.Failed) != 0 {
		t.Errorf("after they were seen: %v", names(h.Failed))
	}
	st.runOf("member", "broke again", ballast.Failed, time.Now().Add(time.Millisecond))
	if h := ask[homeReply](st, "member", "/api/home"); strings.Join(names(h.Failed), ",") != "broke again" {
		t.Errorf("after another: %v", names(h.Failed))
	}
}

// TestVisits: what failed while one was away is told on coming back, and on
// the whole of that visit.
func TestVisits(t *testing.T) {
	now := time.Date(2026, 9, 19, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ before, want time.Time }{
		{time.Time{}, now.Add(-firstVisit)}, {now.Add(-time.Hour), now.Add(-time.Hour)}, {now.Add(-2 * longestAway), now.Add(-longestAway)},
	} {
		if got := since(meta.Home{Before: tt.before}, now); !got.Equal(tt.want) {
			t.Errorf("since with %v: %v, want %v", tt.before, got, tt.want)
		}
	}
}

func TestPins(t *testing.T) {
	st := newStage(t)
	err := st.DB.Write(t.Context(), "make a project", func(tx *meta.Tx) error {
		_, _, err := tx.MakeProject(st.Red.ID, "older", 0, time.Now().Add(-time.Hour))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	first := func() homeProject { return ask[homeReply](st, "member", "/api/home").Projects[0] }
	if p := first(); p.Name != "secret" {
		t.Errorf("the most active is %s", p.Name)
	}
	if r := st.change("member", "/api/home", `{"pin":"red/older"}`); r.status != 204 {
		t.Fatalf("pinning: %d %s", r.status, r.body)
	}
	if p := first(); p.Name != "older" || !p.Pinned {
		t.Errorf("pinned: first is %+v", p)
	}
	st.change("member", "/api/home", `{"unpin":"red/older"}`)
	if p := first(); p.Name != "secret" || p.Pinned {
		t.Errorf("unpinned: first is %+v", p)
	}
	hidden, none := st.change("stranger", "/api/home", `{"pin":"red/secret"}`), st.change("stranger", "/api/home", `{"pin":"red/nothing"}`)
	if hidden.status != 404 || none.status != 404 || strings.Replace(hidden.text(), "secret", "nothing", 1) != none.text() {
		t.Errorf("what is hidden: %d %s; what is not there: %d %s", hidden.status, hidden.text(), none.status, none.text())
	}
}

// TestProjectTotals: hours, bytes, people, days, and what can be brought back.
func TestProjectTotals(t *testing.T) {
	st := newStage(t)
	ended := time.Now().UTC().Add(-time.Minute)
	st.runOf("member", "one", ballast.Finished, ended)
	st.runOf("member", "two", ballast.Failed, ended)
	gone := st.runOf("viewer", "gone", ballast.Finished, ended)
	err := st.DB.Write(t.Context(), "delete", func(tx *meta.Tx) error { return tx.DeleteRun(gone.ID, time.Now()) })
	if err != nil {
		t.Fatal(err)
	}
	line := `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":0,\"loss\":1}"]}}}`
	if r := st.do("member", "POST", "/files/red/secret/r1/file_stream", strings.NewReader(line)); r.status != 200 {
		t.Fatalf("logging: %d %s", r.status, r.body)
	}
	st.put("f.txt", "bytes of a file")
	type totals struct {
		States         map[string]int64
		ComputeSeconds float64
		Bytes          meta.Bytes
		People         []meta.Contributor
		Days           []int64
		Deleted        []goneRun
	}
	sum := ask[totals](st, "viewer", "/api/projects/red/secret")
	if sum.States["finished"] != 1 || sum.States["failed"] != 1 || sum.ComputeSeconds < 7200 || sum.ComputeSeconds > 7300 {
		t.Errorf("states %v, %v s", sum.States, sum.ComputeSeconds)
	}
	if sum.Bytes.Files == 0 || sum.Bytes.History == 0 {
		t.Errorf("bytes: %+v", sum.Bytes)
	}
	if len(sum.People) == 0 || sum.People[0].Name != "member-user" || sum.People[0].Runs < 2 {
		t.Errorf("people: %+v", sum.People)
	}
	if n := len(sum.Days); n != activityDays || sum.Days[n-1]+sum.Days[n-2] < 2 {
		t.Errorf("days: %v", sum.Days)
	}
	if len(sum.Deleted) != 1 || sum.Deleted[0].Name != "gone" || !sum.Deleted[0].Mine || sum.Deleted[0].Until.Sub(sum.Deleted[0].Deleted) != 30*24*time.Hour {
		t.Errorf("deleted: %+v", sum.Deleted)
	}
}
