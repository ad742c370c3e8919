package graph

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

func TestProjects(t *testing.T) {
	s := newStage(t)
	for i := range 5 {
		s.must("member", s.sdk("CreateProject"), map[string]any{"input": map[string]any{"entityName": "red", "name": fmt.Sprint("p", i), "description": "about"}})
	}
	var names []any
	cursor, pages := any(nil), 0
	for more := true; more; pages++ {
		a := s.must("viewer", s.sdk("GetProjects"), map[string]any{"entity": "red", "cursor": cursor, "perPage": 2})
		for _, e := range a.at("models.edges").([]any) {
			node := e.(map[string]any)["node"].(map[string]any)
			names = append(names, node["name"])
			if user := node["user"].(map[string]any); user["username"] != "member" || user["apiKeys"] != nil {
				t.Errorf("made by %v", user)
			}
		}
		cursor, more = a.at("models.pageInfo.endCursor"), a.at("models.pageInfo.hasNextPage").(bool)
	}
	if diff := cmp.Diff([]any{"p0", "p1", "p2", "p3", "p4"}, names); diff != "" || pages != 3 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
	a := s.must("member", s.sdk("CreateProject"), map[string]any{"input": map[string]any{"entityName": "red", "name": "p0"}})
	if a.at("result.inserted") != false || a.at("result.project.description") != "about" {
		t.Errorf("a second time: %s", a.Body)
	}
	for role, want := range map[string]bool{"viewer": true, "member": false} {
		if a := s.must(role, s.sdk("IsProjectReadOnly"), map[string]any{"entity": "red", "project": "p0"}); a.at("project.readOnly") != want {
			t.Errorf("%s: %s", role, a.Body)
		}
	}
}

func TestDeletedProject(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	a := s.must("member", `{project(name:"secret",entityName:"red"){id lastActive run(name:"r1"){id projectId}}}`, nil)
	if a.at("project.lastActive") == nil || a.at("project.run.projectId") == nil {
		t.Errorf("%s", a.Body)
	}
	s.must("teamadmin", `mutation($id:String!){deleteModel(input:{id:$id}){success}}`, map[string]any{"id": a.at("project.id")})
	if a := s.must("member", `{project(name:"secret",entityName:"red"){id}}`, nil); a.Data["project"] != nil {
		t.Errorf("%s", a.Body)
	}
	if a := s.upsert("member", map[string]any{"id": id}); a.Kind != ballast.NotFound {
		t.Errorf("%s", a.Body)
	}
	s.run("r1") // the names are free again
}

func TestRunCount(t *testing.T) {
	s := newStage(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		s.run(name)
	}
	a, d := s.stored("red", "secret", "a"), s.stored("red", "secret", "d")
	s.write(func(tx *meta.Tx) error {
		if err := tx.DeleteRun(d.ID, time.Now()); err != nil {
			return err
		}
		return tx.SetRunState(a.ID, ballast.Finished, 0, time.Now())
	})
	got := s.must("viewer", `{project(name:"secret",entityName:"red"){all:runCount none:runCount(filters:"{}") running:runCount(filters:"{\"state\":\"running\"}") finished:runCount(filters:"{\"state\":\"finished\"}")}}`, nil).at("project")
	if diff := cmp.Diff(map[string]any{"all": 3.0, "none": 3.0, "running": 2.0, "finished": 1.0}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLargePost is the check of "wandb verify": ten megabytes in a variable,
// to an entity that may not exist.
func TestLargePost(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	desc := make([]byte, 10<<20)
	for i := range desc {
		desc[i] = 'x'
	}
	for _, entity := range []string{"root", "red"} {
		a := s.must("member", s.sdk("Project"), map[string]any{"entity": entity, "name": "secret", "runName": "r1", "desc": string(desc)})
		if (a.Data["project"] == nil) != (entity == "root") {
			t.Errorf("%s: %s", entity, a.Body)
		}
	}
}
