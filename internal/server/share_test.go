package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// made asks for a link and returns its token and id.
func (st *stage) made(role, path, body, before string) (token string, id int64) {
	st.t.Helper()
	r := st.do(role, "POST", path, strings.NewReader(body))
	var out struct {
		ID  int64
		URL string
	}
	if err := json.Unmarshal([]byte(r.body), &out); r.status != 200 || err != nil {
		st.t.Fatalf("%s by %s: %d %s", path, role, r.status, r.body)
	}
	_, token, ok := strings.Cut(out.URL, before)
	if !ok || len(token) < 40 {
		st.t.Fatalf("the link is %s", out.URL)
	}
	return token, out.ID
}

// TestShare: a link shows what it is of, nothing else, to nobody in
// particular, until it is taken back, ends, or the team allows none.
func TestShare(t *testing.T) {
	st := newStage(t)
	var other ballast.Run
	err := st.DB.Write(t.Context(), "make a run", func(tx *meta.Tx) (err error) {
		other, err = tx.CreateRun(ballast.Run{ProjectID: st.Project.ID, Name: "other"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(token, path, body string) reply {
		return st.do("", "POST", path, strings.NewReader(body), header{"X-Ballast-Share": token})
	}
	if r := st.do("member", "POST", "/api/shares", strings.NewReader(`{"project":"red/secret"}`)); r.status != 403 || !strings.Contains(r.text(), "does not allow") {
		t.Fatalf("before the team allows it: %d %s", r.status, r.body)
	}
	if r := st.do("teamadmin", "PUT", "/api/teams/red", strings.NewReader(`{"sharing":true}`)); r.status != 200 {
		t.Fatalf("allowing: %d %s", r.status, r.body)
	}
	whole, _ := st.made("member", "/api/shares", `{"project":"red/secret","days":1}`, "/shared#")
	one, id := st.made("member", "/api/shares", `{"project":"red/secret","run":"r1"}`, "/shared#")

	for token, want := range map[string]string{whole: `"run":null`, one: `"name":"r1"`} {
		if r := ask(token, "/api/shared", `{}`); r.status != 200 || !strings.Contains(r.body, want) {
			t.Errorf("opening: %d %s, want %s", r.status, r.body, want)
		}
	}
	if r := ask(whole, "/api/shared/runs", `{"project":"blue/x","limit":10}`); r.status != 200 || !strings.Contains(r.body, `"name":"other"`) {
		t.Errorf("the table: %d %s", r.status, r.body)
	}
	if r := ask(one, "/api/shared/runs", `{"limit":10}`); r.status != 403 {
		t.Errorf("the table by a link to one run: %d %s", r.status, r.body)
	}
	// Whatever is asked for, a link to r1 shows r1.
	for _, body := range []string{`{"runs":["other"]}`, `{"RUNS":["other"],"runs":["other"]}`, `{"project":"red/secret","runs":null}`} {
		if r := ask(one, "/api/shared/keys", body); r.status != 200 {
			t.Errorf("keys of %s: %d %s", body, r.status, r.body)
		}
		body = body[:len(body)-1] + `,"key":"loss","buckets":10,"groups":[{"name":"g","runs":["other"]}]}`
		if r := ask(one, "/api/shared/panel", body); r.status != 200 || !strings.Contains(r.body, "r1") || strings.Contains(r.body, "other") {
			t.Errorf("panel of %s: %d %q", body, r.status, r.body)
		}
	}
	// The token opens no other door, and no other token opens this one.
	for _, door := range []struct{ method, path, body string }{
		{"POST", "/api/runs", `{"project":"red/secret","limit":10}`}, {"POST", "/api/panel", `{"project":"red/secret","runs":["r1"],"key":"loss","buckets":10}`},
		{"GET", "/api/logs/red/secret/r1", ""}, {"GET", "/api/shares/red/secret", ""}, {"GET", "/api/live?project=red/secret", ""},
	} {
		for _, h := range []header{{"X-Ballast-Share": whole}, {"Authorization": "Bearer " + whole}, {"Cookie": "ballast=" + whole}} {
			if r := st.do("", door.method, door.path, strings.NewReader(door.body), h); r.status != 401 {
				t.Errorf("%s with %v: %d %s, want 401", door.path, h, r.status, r.body)
			}
		}
	}
	for _, token := range []string{"", "wrong", whole + "x", strings.Repeat("x", 500)} {
		if r := ask(token, "/api/shared", `{}`); r.status != 404 {
			t.Errorf("token %.20q: %d %s", token, r.status, r.body)
		}
	}
	if log := st.log.String(); strings.Contains(log, whole) || strings.Contains(log, one) {
		t.Error("the log shows a token")
	}
	// Off for the team: they rest; on again: they count.
	for _, on := range []bool{false, true} {
		st.do("teamadmin", "PUT", "/api/teams/red", strings.NewReader(fmt.Sprintf(`{"sharing":%t}`, on)))
		if r := ask(whole, "/api/shared/runs", `{}`); (r.status == 200) != on {
			t.Errorf("sharing %t: %d %s", on, r.status, r.body)
		}
	}
	// Taken back, deleted, ended.
	path := fmt.Sprintf("/api/shares/red/secret/%d", id)
	if r := st.do("viewer", "DELETE", path, nil); r.status != 403 {
		t.Errorf("a viewer takes it back: %d", r.status)
	}
	if r := st.do("member", "DELETE", path, nil); r.status != 204 {
		t.Errorf("taking it back: %d %s", r.status, r.body)
	}
	if r := ask(one, "/api/shared", `{}`); r.status != 404 {
		t.Errorf("after it was taken back: %d %s", r.status, r.body)
	}
	gone, _ := st.made("member", "/api/shares", `{"project":"red/secret","run":"other"}`, "/shared#")
	ended, _, err := st.Auth.NewShare(t.Context(), ballast.Share{ProjectID: st.Project.ID, Expires: time.Now().Add(time.Millisecond)}, st.Red)
	if err != nil {
		t.Fatal(err)
	}
	err = st.DB.Write(t.Context(), "delete", func(tx *meta.Tx) error { return tx.DeleteRun(other.ID, time.Now()) })
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
	for name, token := range map[string]string{"of a deleted run": gone, "that ended": ended} {
		if r := ask(token, "/api/shared", `{}`); r.status != 404 {
			t.Errorf("a link %s: %d %s", name, r.status, r.body)
		}
	}
}

// TestShareView: a link to a saved view shows the project as the view has it
// now, until the view is removed.
func TestShareView(t *testing.T) {
	st := newStage(t)
	st.do("teamadmin", "PUT", "/api/teams/red", strings.NewReader(`{"sharing":true}`))
	var view ballast.View
	err := st.DB.Write(t.Context(), "make a view", func(tx *meta.Tx) (err error) {
		view, err = tx.CreateView(ballast.View{ProjectID: st.Project.ID, UserID: st.Users["member"].ID, Type: "project-view", Name: "nw-abc-v", DisplayName: "Losses", Spec: `{"section":{"name":"s"}}`, Created: time.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{`{"project":"red/secret","view":"nw-none-v"}`: 404, `{"project":"red/secret","view":"nw-abc-v","run":"r1"}`: 400} {
		if r := st.do("member", "POST", "/api/shares", strings.NewReader(body)); r.status != want {
			t.Errorf("%s: %d %s, want %d", body, r.status, r.body, want)
		}
	}
	token, _ := st.made("member", "/api/shares", `{"project":"red/secret","view":"nw-abc-v","days":7}`, "/shared#")
	by := header{"X-Ballast-Share": token}
	if r := st.do("", "POST", "/api/shared", strings.NewReader(`{}`), by); r.status != 200 || !strings.Contains(r.body, `"title":"Losses"`) || !strings.Contains(r.body, `{\"section\":`) {
		t.Errorf("opening: %d %s", r.status, r.body)
	}
	if r := st.do("", "POST", "/api/shared/runs", strings.NewReader(`{"limit":10}`), by); r.status != 200 || !strings.Contains(r.body, `"name":"r1"`) {
		t.Errorf("its runs: %d %s", r.status, r.body)
	}
	if r := st.do("member", "GET", "/api/shares/red/secret", nil); !strings.Contains(r.body, `"view":"nw-abc-v"`) {
		t.Errorf("the list: %s", r.body)
	}
	if err := st.DB.Write(t.Context(), "remove it", func(tx *meta.Tx) error { return tx.DeleteView(view.ID) }); err != nil {
		t.Fatal(err)
	}
	if r := st.do("", "POST", "/api/shared", strings.NewReader(`{}`), by); r.status != 404 {
		t.Errorf("after the view was removed: %d %s", r.status, r.body)
	}
	if r := st.do("member", "GET", "/api/shares/red/secret", nil); strings.Contains(r.body, "nw-abc-v") {
		t.Errorf("the list after that: %s", r.body)
	}
}

// TestInvite: the link makes one person a member, new or known, once.
func TestInvite(t *testing.T) {
	st := newStage(t)
	for _, bad := range []string{`{"team":"red","role":"king","days":1}`, `{"team":"red","role":"member","days":0}`, `{"team":"acme","role":"member","days":1}`} {
		if r := st.do("orgadmin", "POST", "/api/invites", strings.NewReader(bad)); r.status != 400 {
			t.Errorf("%s: %d %s", bad, r.status, r.body)
		}
	}
	const ask = `{"team":"red","role":"member","days":7}`
	token, _ := st.made("teamadmin", "/api/invites", ask, "/invite/")
	if r := st.do("", "POST", "/api/invite", strings.NewReader(`{"token":"`+token+`"}`)); r.status != 200 || !strings.Contains(r.body, `"team":"red"`) {
		t.Errorf("looking: %d %s", r.status, r.body)
	}
	fresh := `{"token":"` + token + `","name":"newcomer","email":"new@example.com","password":"` + password + `"}`
	if r := st.do("", "POST", "/api/invite/accept", strings.NewReader(fresh), header{"Origin": "https://elsewhere.example"}); r.status != 403 {
		t.Errorf("from another site: %d %s", r.status, r.body)
	}
	if r := st.do("", "POST", "/api/invite/accept", strings.NewReader(strings.Replace(fresh, "newcomer", "member-user", 1))); r.status != 409 {
		t.Errorf("a name that is taken: %d %s", r.status, r.body)
	}
	r := st.do("", "POST", "/api/invite/accept", strings.NewReader(fresh))
	if r.status != 200 || r.header.Get("Set-Cookie") == "" {
		t.Fatalf("accepting: %d %s", r.status, r.body)
	}
	cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if r := st.do("", "GET", "/api/session", nil, header{"Cookie": cookie.Name + "=" + cookie.Value}); !strings.Contains(r.body, `{"name":"red","role":"member"}`) {
		t.Errorf("after it: %s", r.body)
	}
	for _, again := range []string{"", "stranger"} {
		if r := st.do(again, "POST", "/api/invite/accept", strings.NewReader(strings.Replace(fresh, "newcomer", "second", 1))); r.status != 404 {
			t.Errorf("a second time as %q: %d %s", again, r.status, r.body)
		}
	}
	// Somebody who is there joins; what they have already stays.
	for role, want := range map[string]string{"stranger": "viewer", "teamadmin": "admin"} {
		token, _ = st.made("teamadmin", "/api/invites", `{"team":"red","role":"viewer","days":7}`, "/invite/")
		if r := st.do(role, "POST", "/api/invite/accept", strings.NewReader(`{"token":"`+token+`"}`)); r.status != 200 {
			t.Errorf("%s accepts: %d %s", role, r.status, r.body)
		}
		if r := st.do(role, "GET", "/api/session", nil); !strings.Contains(r.body, `{"name":"red","role":"`+want+`"}`) {
			t.Errorf("%s is %s, want %s of red", role, r.body, want)
		}
	}
	token, id := st.made("teamadmin", "/api/invites", ask, "/invite/")
	if r := st.do("teamadmin", "GET", "/api/invites/red", nil); !strings.Contains(r.body, fmt.Sprintf(`"id":%d`, id)) || strings.Contains(r.body, token) {
		t.Errorf("the list: %s", r.body)
	}
	st.do("teamadmin", "DELETE", fmt.Sprintf("/api/invites/red/%d", id), nil)
	if r := st.do("", "GET", "/invite/"+token, nil); r.status != 200 {
		t.Errorf("the page: %d", r.status)
	}
	if r := st.do("", "POST", "/api/invite", strings.NewReader(`{"token":"`+token+`"}`)); r.status != 404 {
		t.Errorf("taken back: %d %s", r.status, r.body)
	}
	if strings.Contains(st.log.String(), token) {
		t.Error("the log shows a token")
	}
}
