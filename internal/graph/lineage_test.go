package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast/internal/meta"
)

const lineageQuery = `query($id:ID!,$hops:Int){artifact(id:$id){lineage(hops:$hops){nodes{id isRun entityName name versionIndex aliases} edges{run artifact output} more}}}`

// lineage returns what a role is told, as texts: nodes in order, edges sorted.
func (s *stage) lineage(role, id string, hops any) (nodes, edges []string, more bool) {
	s.t.Helper()
	got := s.must(role, lineageQuery, map[string]any{"id": id, "hops": hops}).at("artifact.lineage").(map[string]any)
	name := map[string]string{}
	for _, n := range got["nodes"].([]any) {
		n := n.(map[string]any)
		text := n["name"].(string)
		if n["isRun"] != true {
			text = fmt.Sprintf("%s:v%v", text, n["versionIndex"])
		}
		name[n["id"].(string)] = text
		nodes = append(nodes, text)
	}
	for _, e := range got["edges"].([]any) {
		e := e.(map[string]any)
		run, version := name[e["run"].(string)], name[e["artifact"].(string)]
		if e["output"] == true {
			edges = append(edges, run+" > "+version)
		} else {
			edges = append(edges, version+" > "+run)
		}
	}
	slices.Sort(edges)
	return nodes, edges, got["more"].(bool)
}

// TestLineage: data > train > model > eval, the last in another entity.
func TestLineage(t *testing.T) {
	s := newStage(t)
	data, model := s.version("data"), s.version("model")
	use := `mutation($a:ID!,$e:String!,$p:String!,$r:String!){useArtifact(input:{artifactID:$a,entityName:$e,projectName:$p,runName:$r}){artifact{id}}}`
	for _, run := range []struct{ entity, project, name, uses string }{{"red", "secret", "train", data}, {"member", "own", "eval", model}} {
		if a := s.upsert("member", map[string]any{"name": run.name, "project": run.project, "entity": run.entity, "config": firstConfig}); len(a.Errors) > 0 {
			t.Fatalf("%s", a.Body)
		}
		s.must("member", use, map[string]any{"a": run.uses, "e": run.entity, "p": run.project, "r": run.name})
	}
	s.write(func(tx *meta.Tx) error {
		p, err := tx.ProjectByName(s.red.ID, "secret")
		if err != nil {
			return err
		}
		run, err := tx.RunByName(p.ID, "train")
		if err != nil {
			return err
		}
		n, err := parseOpaqueID("Artifact", model)
		if err != nil {
			return err
		}
		return tx.UseArtifact(run.ID, n, true, "", time.Now())
	})

	nodes, edges, more := s.lineage("member", model, nil)
	if diff := cmp.Diff([]string{"model:v0", "eval", "train", "data:v0"}, nodes); diff != "" || more {
		t.Errorf("all, more=%v (-want +got):\n%s", more, diff)
	}
	if diff := cmp.Diff([]string{"data:v0 > train", "model:v0 > eval", "train > model:v0"}, edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if nodes, _, more := s.lineage("member", model, 1); len(nodes) != 3 || !more {
		t.Errorf("one hop: %v, more=%v: want the version, its two runs, and more", nodes, more)
	}
	// A viewer of red knows nothing of member's own run.
	if nodes, edges, _ := s.lineage("viewer", model, nil); slices.Contains(nodes, "eval") || len(nodes) != 3 || len(edges) != 2 {
		t.Errorf("the viewer sees %v, %v", nodes, edges)
	}
	if a := s.do("member", lineageQuery, map[string]any{"id": model, "hops": 0}); len(a.Errors) == 0 || !strings.Contains(string(a.Body), "hops") {
		t.Errorf("no hops: %s", a.Body)
	}
}

func TestAliasHistory(t *testing.T) {
	s := newStage(t)
	id := s.version("things")
	change := func(field string) {
		s.must("member", `mutation($a:ID!){`+field+`(input:{artifactID:$a,aliases:[{alias:"best",artifactCollectionName:"things",entityName:"red",projectName:"secret"}]}){success}}`, map[string]any{"a": id})
	}
	change("addAliases")
	change("addAliases") // it has it: nothing to tell
	change("deleteAliases")
	var got []string
	for _, e := range s.must("viewer", `query($a:ID!){artifact(id:$a){aliasHistory{alias given at}}}`, map[string]any{"a": id}).at("artifact.aliasHistory").([]any) {
		got = append(got, fmt.Sprint(e.(map[string]any)["alias"], " ", e.(map[string]any)["given"]))
	}
	if diff := cmp.Diff([]string{"best false", "best true"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
