package ballast_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ballast-ml/ballast"

// keepOut names what must never be linked into a binary, and why.
var keepOut = map[string]map[string]string{
	"cmd/ballast": {
		"k8s.io/":                         "the server knows nothing of Kubernetes",
		"github.com/99designs/gqlgen/cmd": "the generator is a tool",
		"testing":                         "test code does not ship",
	},
}

// rooms reads the table of ARCHITECTURE.md: each package and what it may
// import. Arrows point up: a line names only rooms of the lines above it.
func rooms(t *testing.T) map[string][]string {
	t.Helper()
	doc, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "```rooms\n")
	table, _, _ = strings.Cut(table, "```")
	m := map[string][]string{}
	for line := range strings.Lines(table) {
		room, rest, _ := strings.Cut(line, " ")
		arrows, about, _ := strings.Cut(strings.TrimSpace(rest), "  ")
		if strings.TrimSpace(about) == "" {
			t.Errorf("ARCHITECTURE.md: %s does not say what lives there", room)
		}
		m[room] = []string{}
		for _, a := range strings.Fields(arrows) {
			if _, err := os.Stat("internal/" + a); err == nil && a != "." {
				a = "internal/" + a
			}
			if m[a] == nil && a != "-" && a != "*" {
				t.Errorf("ARCHITECTURE.md: %s names %s before its line", room, a)
			}
			m[room] = append(m[room], a)
		}
	}
	return m
}

// TestRooms walks the tree in this process: a test that only runs "go list" is
// cached by "go test" and stays green after the arrows change.
func TestRooms(t *testing.T) {
	rooms, seen, docs := rooms(t), map[string][]string{}, map[string]int{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"testdata", "node_modules", "dist", ".git"}, d.Name()):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		room := strings.TrimSuffix(filepath.ToSlash(filepath.Dir(path)), "/generated") // part of the room that generates it
		if isTestRoom(room) {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if f.Doc != nil {
			docs[room]++
		}
		seen[room] = append(seen[room], "-", "*")
		for _, imp := range f.Imports {
			to, local := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module)
			if to = strings.TrimPrefix(to, "/"); to == "" {
				to = "."
			}
			if !local || to == room+"/generated" {
				continue
			}
			seen[room] = append(seen[room], to)
			if isTestRoom(to) {
				t.Errorf("%s imports %s, which is for tests", path, to)
			} else if !slices.Contains(rooms[room], to) && !slices.Contains(rooms[room], "*") {
				t.Errorf("%s: %s must not import %s", path, room, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range seen {
		if rooms[room] == nil {
			t.Errorf("%s is not in ARCHITECTURE.md", room)
		}
		if docs[room] != 1 {
			t.Errorf("%s has %d package comments, want exactly one", room, docs[room])
		}
	}
	for room, arrows := range rooms {
		for _, a := range arrows {
			if !slices.Contains(seen[room], a) {
				t.Errorf("ARCHITECTURE.md: %s has no code that imports %s", room, a)
			}
		}
	}
}

// isTestRoom reports whether a package only serves tests: a conformance suite
// (blobtest) or what starts real components (test/…).
func isTestRoom(room string) bool {
	return strings.HasSuffix(room, "test") || strings.HasPrefix(room, "test/")
}

func TestKeepOut(t *testing.T) {
	for room, bad := range keepOut {
		out, err := exec.Command("go", "list", "-deps", "./"+room).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", room, err)
		}
		for dep := range strings.FieldsSeq(string(out)) {
			for prefix, why := range bad {
				if strings.HasPrefix(dep, prefix) {
					t.Errorf("%s links %s: %s", room, dep, why)
				}
			}
		}
	}
}
