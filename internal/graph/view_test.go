package graph

import (
	"strings"
	"testing"
)

const upsertView = `mutation($i: UpsertViewInput!) { upsertView(input: $i) { inserted view { id name displayName spec revision readOnly user { username } editor { username } project { name } } } }`

// TestView makes, changes and removes views, and says who may.
func TestView(t *testing.T) {
	s := newStage(t)
	s.run("r")
	upsert := func(role string, in map[string]any) answer { return s.do(role, upsertView, map[string]any{"i": in}) }
	in := func(more map[string]any) map[string]any {
		out := map[string]any{"entityName": "red", "projectName": "secret", "type": "project-view", "name": "nw-abc-v", "displayName": "Mine", "spec": `{"section":{}}`, "createdUsing": "WANDB_SDK"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	a := upsert("member", in(nil))
	if a.at("upsertView.inserted") != true || a.at("upsertView.view.revision") != 1.0 || a.at("upsertView.view.user.username") != "member" {
		t.Fatalf("%s", a.Body)
	}
	id := a.at("upsertView.view.id").(string)

	// Another of the team changes the revision that they saw; the next one who saw it too is refused.
	a = upsert("other", map[string]any{"id": id, "spec": `{"n":1}`, "revision": 1})
	if a.at("upsertView.inserted") != false || a.at("upsertView.view.revision") != 2.0 || a.at("upsertView.view.displayName") != "Mine" || a.at("upsertView.view.editor.username") != "other" {
		t.Fatalf("%s", a.Body)
	}
	if a = upsert("member", map[string]any{"id": id, "spec": `{"n":2}`, "revision": 1}); !strings.Contains(string(a.Body), "save it as a new view") {
		t.Errorf("over another's change: %s", a.Body)
	}
	// The name stands for the view when there is no id; without a revision the SDK's change is taken.
	if a = upsert("member", in(map[string]any{"spec": `{"n":3}`})); a.at("upsertView.view.revision") != 3.0 || a.at("upsertView.view.id") != id {
		t.Errorf("by name: %s", a.Body)
	}

	for name, c := range map[string]struct {
		role string
		in   map[string]any
		want string
	}{
		"viewer":          {"viewer", in(map[string]any{"name": "nw-x-v"}), "may not"},
		"stranger":        {"stranger", in(map[string]any{"name": "nw-x-v"}), "you may not see it"},
		"stranger by id":  {"stranger", map[string]any{"id": id, "spec": "{}"}, "you may not see it"},
		"another's own":   {"member", in(map[string]any{"name": "nw-nwuserother-v"}), "workspace of other"},
		"no JSON":         {"member", in(map[string]any{"spec": "{"}), "not a JSON object"},
		"no object":       {"member", in(map[string]any{"spec": "[]"}), "not a JSON object"},
		"no name":         {"member", in(map[string]any{"name": ""}), "needs a name"},
		"a long name":     {"member", in(map[string]any{"name": strings.Repeat("n", 129)}), "at most 128"},
		"a strange type":  {"member", in(map[string]any{"type": "Über"}), "other characters"},
		"no such view":    {"member", map[string]any{"id": opaqueID("View", 99), "spec": "{}"}, "you may not see it"},
		"the id of a run": {"member", map[string]any{"id": opaqueID("Run", 1), "spec": "{}"}, "not the id of a view"},
		"no such project": {"member", in(map[string]any{"projectName": "nowhere"}), "you may not see it"},
	} {
		if a := upsert(c.role, c.in); len(a.Errors) == 0 || !strings.Contains(string(a.Body), c.want) {
			t.Errorf("%s: %.300s, want %q", name, a.Body, c.want)
		}
	}

	upsert("other", in(map[string]any{"name": "nw-nwuserother-v"}))
	list := s.must("viewer", `{project(name:"secret",entityName:"red"){all:allViews(viewType:"project-view"){edges{node{name readOnly}}} mine:allViews(viewType:"project-view",userName:"other"){edges{node{name}}}
		one:allViews(viewType:"project-view",viewName:"nw-abc-v"){edges{node{spec}}} none:allViews(viewType:"runs"){edges{node{name}} pageInfo{hasNextPage}} nobody:allViews(userName:"nobody"){edges{cursor}}}}`, nil)
	want := `{"project":{"all":{"edges":[{"node":{"name":"nw-nwuserother-v","readOnly":true}},{"node":{"name":"nw-abc-v","readOnly":true}}]},"mine":{"edges":[{"node":{"name":"nw-nwuserother-v"}}]},"one":{"edges":[{"node":{"spec":"{\"n\":3}"}}]},"none":{"edges":[],"pageInfo":{"hasNextPage":false}},"nobody":{"edges":[]}}}`
	if !strings.Contains(string(list.Body), want) {
		t.Errorf("%s, want %s", list.Body, want)
	}
	paged := s.must("member", `{project(name:"secret",entityName:"red"){allViews(first:1){edges{cursor node{readOnly}} pageInfo{hasNextPage endCursor}}}}`, nil)
	next := s.must("member", `query($a:String){project(name:"secret",entityName:"red"){allViews(first:1,after:$a){edges{node{id readOnly}} pageInfo{hasNextPage}}}}`, map[string]any{"a": paged.at("project.allViews.pageInfo.endCursor")})
	if !strings.Contains(string(paged.Body), `"readOnly":true}}],"pageInfo":{"hasNextPage":true`) || !strings.Contains(string(next.Body), id+`","readOnly":false}}],"pageInfo":{"hasNextPage":false}`) {
		t.Errorf("pages: %s %s", paged.Body, next.Body)
	}

	del := `mutation($i: ID!) { deleteView(input: {id: $i, deleteDrafts: true}) { success pendingDrafts } }`
	if a := s.do("other", del, map[string]any{"i": id}); len(a.Errors) == 0 {
		t.Errorf("removing another's view: %s", a.Body)
	}
	if a := s.must("member", del, map[string]any{"i": id}); a.at("deleteView.success") != true {
		t.Errorf("%s", a.Body)
	}
	if a := s.must("member", `query($i: ID!) { view(id: $i) { id } }`, map[string]any{"i": id}); a.at("view") != nil {
		t.Errorf("%s", a.Body)
	}
}
