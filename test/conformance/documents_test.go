// Package conformance_test compares what the wandb SDK can send with what the
// server answers, from the installed packages themselves.
package conformance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
}

// sdk is what one installed version of the SDK can send (test/sdk/documents.py).
type sdk struct {
	Version   string
	Documents []document
	Missed    []string       // places whose document could not be put together
	Features  map[string]int // the server's switches that it knows, with their numbers
}

// installed reads every version that is tested out of its package, the newest
// first.
func installed(t *testing.T) []sdk {
	t.Helper()
	if os.Getenv("BALLAST_TEST_SKIP_SDK") != "" {
		t.Skip("BALLAST_SKIP names sdk")
	}
	all, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// packages reads them once for all tests.
var packages = sync.OnceValues(func() (all []sdk, err error) {
	versions, err := exec.Command("../../build/sdks.sh").Output()
	if err != nil {
		return nil, fmt.Errorf("asking build/sdks.sh for the versions: %w", err)
	}
	for _, v := range strings.Fields(string(versions)) {
		one, err := readPackage(v)
		if err != nil {
			return nil, fmt.Errorf("wandb %s (build/need.sh sdk installs it): %w", v, err)
		}
		all = append(all, one)
	}
	return all, nil
})

func readPackage(version string) (got sdk, err error) {
	cache, err := cacheDir()
	if err != nil {
		return got, err
	}
	cmd := exec.Command(filepath.Join(cache, "wandb-"+version, "bin", "python"), "../sdk/documents.py")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return got, fmt.Errorf("reading its documents: %w", err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		return got, err
	}
	if got.Version != version || len(got.Missed) > 0 || len(got.Documents) < 150 || len(got.Features) < 30 {
		return got, fmt.Errorf("version %s, %d documents, none found at %v, %d features", got.Version, len(got.Documents), got.Missed, len(got.Features))
	}
	return got, nil
}

func cacheDir() (string, error) {
	if dir := os.Getenv("BALLAST_CACHE"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache", "ballast"), err
}

func serverSchema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}

// TestDocuments: every document of both versions fits the server's schema.
func TestDocuments(t *testing.T) {
	schema := serverSchema()
	for _, v := range installed(t) {
		for _, d := range v.Documents {
			if _, errs := gqlparser.LoadQueryWithRules(schema, d.Text, nil); len(errs) > 0 {
				t.Errorf("wandb %s, %s %s of %s: %v", v.Version, d.Kind, d.Name, d.Origin, errs)
			}
		}
	}
}
