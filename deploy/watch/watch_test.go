// Package watch checks the Grafana dashboard and the Prometheus rules beside it.
package watch

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var figure = regexp.MustCompile(`\bballast_[a-z_]+`)

// figures are the names of metrics that the program's code has.
func figures(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	quoted := regexp.MustCompile(`"(ballast_[a-z_]+)"`)
	err := filepath.WalkDir("../../internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range quoted.FindAllSubmatch(code, -1) {
			all[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d figures in the code, %v", len(all), err)
	}
	return all
}

// known asks for the figure that an expression names, or a histogram's part.
func known(t *testing.T, all map[string]bool, where, expr string) {
	t.Helper()
	for _, name := range figure.FindAllString(expr, -1) {
		base := name
		for _, part := range []string{"_bucket", "_count", "_sum"} {
			base = strings.TrimSuffix(base, part)
		}
		if !all[name] && !all[base] {
			t.Errorf("%s: the program has no figure %s", where, name)
		}
	}
}

func TestRules(t *testing.T) {
	text, err := os.ReadFile("rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary, Do string }
			}
		}
	}
	if err := yaml.Unmarshal(text, &doc); err != nil || len(doc.Groups) == 0 || len(doc.Groups[0].Rules) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	all := figures(t)
	for _, r := range doc.Groups[0].Rules {
		known(t, all, r.Alert, r.Expr)
		if r.Annotations.Summary == "" || r.Annotations.Do == "" {
			t.Errorf("%s does not say what is wrong and what to do", r.Alert)
		}
	}
}

func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Panels []struct {
			ID                 int
			Title, Description string
			Targets            []struct{ Expr string }
		}
		Templating struct{ List []struct{ Query string } }
	}
	if err := json.Unmarshal(text, &doc); err != nil || len(doc.Panels) == 0 {
		t.Fatalf("no panels: %v", err)
	}
	all, ids := figures(t), map[int]bool{}
	for _, p := range doc.Panels {
		if ids[p.ID] || p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d %q: its id is there twice, or it has no words or nothing to show", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			known(t, all, p.Title, target.Expr)
		}
	}
	for _, v := range doc.Templating.List {
		known(t, all, "variables", v.Query)
	}
}
