// Package conformance_test compares what the wandb SDK can send with what the
// server answers, from the installed packages themselves.
package conformance_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast/internal/graph/generated"
)

// document is one GraphQL text that a version of the SDK can send.
type document struct {
	Kind, Name string // "query" or "mutation", and what the SDK calls it
	Origin     string // "core", or file and line in the Python package
	Text       string
	version    string
}

// sdkDocuments reads the documents of every version that is tested out of the
// installed packages (test/sdk/documents.py).
func sdkDocuments(t *testing.T) (all []document) {
	t.Helper()
	if os.Getenv("BALLAST_TEST_SKIP_SDK") != "" {
		t.Skip("BALLAST_SKIP names sdk")
	}
	versions, err := exec.Command("../../build/sdks.sh").Output()
	if err != nil {
		t.Fatalf("asking build/sdks.sh for the versions: %v", err)
	}
	script, err := filepath.Abs("../sdk/documents.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range strings.Fields(string(versions)) {
		all = append(all, documentsOf(t, v, script)...)
	}
	return all
}

func documentsOf(t *testing.T, version, script string) []document {
	t.Helper()
	python := filepath.Join(cacheDir(t), "wandb-"+version, "bin", "python")
	cmd := exec.Command(python, script)
	cmd.Dir, cmd.Stderr = t.TempDir(), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reading the documents of wandb %s (build/need.sh sdk installs it): %v", version, err)
	}
	var got struct {
		Version   string
		Documents []document
		Missed    []string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != version || len(got.Missed) > 0 || len(got.Documents) < 150 {
		t.Fatalf("wandb %s: version %s, %d documents, none found at %v", version, got.Version, len(got.Documents), got.Missed)
	}
	for i := range got.Documents {
		got.Documents[i].version = version
	}
	return got.Documents
}

func cacheDir(t *testing.T) string {
	if dir := os.Getenv("BALLAST_CACHE"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, ".cache", "ballast")
}

func serverSchema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}

// TestDocuments: every document of both versions fits the server's schema.
func TestDocuments(t *testing.T) {
	schema := serverSchema()
	for _, d := range sdkDocuments(t) {
		if _, errs := gqlparser.LoadQueryWithRules(schema, d.Text, nil); len(errs) > 0 {
			t.Errorf("wandb %s, %s %s of %s: %v", d.version, d.Kind, d.Name, d.Origin, errs)
		}
	}
}
