package terraform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestModules runs "terraform test" in each module that has tests.
func TestModules(t *testing.T) {
	t.Parallel()
	copied := t.TempDir() // Terraform writes beside what it tests
	for _, name := range []string{"terraform", "deploy"} {
		if err := os.CopyFS(filepath.Join(copied, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(filepath.Join(copied, "terraform/*/tests"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no module has tests: %v", err)
	}
	for _, at := range found {
		r := &root{t: t, dir: filepath.Dir(at), world: filepath.Join(copied, "world.json")}
		r.must("init")
		out := r.must("test")
		if !strings.Contains(out, "0 failed.") {
			t.Errorf("%s: terraform test ends with:\n%s", filepath.Base(r.dir), tail(out, 500))
		}
	}
}

// TestFormat keeps the files as "terraform fmt" writes them.
func TestFormat(t *testing.T) {
	r := &root{t: t, dir: "../../terraform"}
	if out := r.must("fmt", "-check", "-recursive", "-diff"); strings.TrimSpace(out) != "" {
		t.Errorf("terraform fmt -recursive terraform would change:\n%s", tail(out, 2000))
	}
}
