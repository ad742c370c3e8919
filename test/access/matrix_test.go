package access_test

import (
	"flag"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write matrix.tsv from what the server does; read the difference before you commit it")

// The outcomes in the table.
const (
	yes      = "yes"
	no       = "no"       // refused, or hidden as if it were not there
	null     = "null"     // the field is null: it has no value, or hides it
	unsigned = "unsigned" // 401: sign in first
)

func TestMatrix(t *testing.T) {
	s := start(t)
	got := map[string][]string{}
	s.walkRoutes(got)
	s.walkFields(got)
	if *update {
		writeMatrix(t, got)
	}
	if diff := cmp.Diff(readMatrix(t), got); diff != "" {
		t.Errorf("who may do what (-table +server); the table is matrix.tsv:\n%s", diff)
	}
}

// TestObjects tries what belongs to red from outside by its id: run, file,
// signed URL, cursor. The stranger must get nothing, the member must.
func TestObjects(t *testing.T) {
	s := start(t)
	file := s.file
	page := func(role, entity, project, after string) answer {
		return s.graphql(role, `query($e: String, $p: String, $a: String) { project(entityName: $e, name: $p) { runs(first: 1, after: $a) { edges { cursor node { name } } } } }`,
			map[string]any{"e": entity, "p": project, "a": after})
	}
	s.newRun("secret", "r2")
	a := s.must(page("member", "red", "secret", ""))
	cursor := a.Data["project"].(map[string]any)["runs"].(map[string]any)["edges"].([]any)[0].(map[string]any)["cursor"].(string)
	s.must(s.graphql("stranger", `mutation { upsertModel(input: {entityName: "blue", name: "own"}) { inserted } }`, nil))

	for _, tt := range []struct {
		name, query string
		variables   map[string]any
		refused     bool // with an error; otherwise hidden
	}{
		{"run by storage id", `mutation($id: String) { upsertBucket(input: {id: $id, notes: "mine"}) { bucket { id } } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"run into a foreign project", `mutation { upsertBucket(input: {entityName: "red", modelName: "secret", name: "r1"}) { bucket { id } } }`, nil, true},
		{"stop", `mutation($id: ID!) { stopRun(input: {id: $id}) { success } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"delete", `mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"file", `mutation($id: ID!) { deleteFiles(input: {files: [$id]}) { success } }`, map[string]any{"id": file}, true},
		{"files of a run", `{ project(entityName: "red", name: "secret") { run(name: "r1") { files { edges { node { directUrl } } } } } }`, nil, false},
		{"project", `{ project(entityName: "red", name: "secret") { id } }`, nil, false},
		{"entity's projects", `{ models(entityName: "red") { edges { node { name } } } }`, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.graphql("stranger", tt.query, tt.variables)
			if strings.Contains(a.raw, "secret") && !strings.Contains(tt.query, "secret") || strings.Contains(a.raw, "/storage/") {
				t.Errorf("the reply tells of what is hidden: %s", a.raw)
			}
			if refused := len(a.Errors) > 0 || a.status/100 == 4; refused != tt.refused && tt.refused {
				t.Errorf("was not refused: %d %s", a.status, a.raw)
			}
		})
	}
	t.Run("cursor of another project", func(t *testing.T) {
		a := page("stranger", "blue", "own", cursor)
		if strings.Contains(a.raw, "r1") || strings.Contains(a.raw, "r2") {
			t.Errorf("the cursor opened another project: %s", a.raw)
		}
	})
	t.Run("the same text for hidden and absent", func(t *testing.T) {
		stop := `mutation($id: ID!) { stopRun(input: {id: $id}) { success } }`
		hidden := s.graphql("stranger", stop, map[string]any{"id": storageID("secret", "r1")})
		absent := s.graphql("stranger", stop, map[string]any{"id": storageID("no-such", "r1")})
		clean := func(a answer) string {
			return strings.NewReplacer(storageID("secret", "r1"), "ID", storageID("no-such", "r1"), "ID", "secret", "P", "no-such", "P").Replace(a.raw)
		}
		if hidden.status != absent.status || len(hidden.Errors) == 0 || clean(hidden) != clean(absent) {
			t.Errorf("a hidden run answers %d %s, an absent one %d %s", hidden.status, hidden.raw, absent.status, absent.raw)
		}
	})
	t.Run("still there", func(t *testing.T) {
		a := s.must(s.graphql("member", `{ project(entityName: "red", name: "secret") { run(name: "r1") { notes shouldStop files(names: ["f.txt"]) { edges { node { sizeBytes } } } } } }`, nil))
		want := map[string]any{"notes": "", "shouldStop": false, "files": map[string]any{"edges": []any{map[string]any{"node": map[string]any{"sizeBytes": 5.0}}}}}
		run := a.Data["project"].(map[string]any)["run"].(map[string]any)
		if run["notes"] == nil {
			run["notes"] = ""
		}
		if diff := cmp.Diff(want, run); diff != "" {
			t.Errorf("run r1 (-want +got):\n%s", diff)
		}
	})
}

func readMatrix(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("matrix.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		cols := strings.Split(line, "\t")
		if i == 0 {
			if diff := cmp.Diff(append([]string{"subject"}, roles...), cols); diff != "" {
				t.Fatalf("matrix.tsv: columns (-want +got):\n%s", diff)
			}
			continue
		}
		rows[cols[0]] = cols[1:]
	}
	return rows
}

func writeMatrix(t *testing.T, rows map[string][]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("subject\t" + strings.Join(roles, "\t") + "\n")
	for _, subject := range sortedKeys(rows) {
		b.WriteString(subject + "\t" + strings.Join(rows[subject], "\t") + "\n")
	}
	if err := os.WriteFile("matrix.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
