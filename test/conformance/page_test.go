package conformance_test

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var (
	update   = flag.Bool("update", false, "write docs/conformance.md")
	recorded = flag.String("operations", "", "write ran.tsv from this file, which pytest --operations wrote")
)

const pagePath = "../../docs/conformance.md"

// operation is a row of the page: all documents of one kind and name.
type operation struct {
	kind, name string
	versions   map[string]bool // that have a document of it
	answer     string
	ran        map[string]string // scenario by version
}

// TestPage fails when docs/conformance.md does not say what is: run
// "go test ./test/conformance -update" and read the difference.
func TestPage(t *testing.T) {
	versions := installed(t)
	page := render(versions, operations(t, versions), features(t, versions))
	if *update {
		if err := os.WriteFile(pagePath, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(got), page); diff != "" {
		t.Errorf("docs/conformance.md is stale (-page +now); go test ./test/conformance -update writes it:\n%s", diff)
	}
}

// operations joins the packages' documents, the schema's word for each, and
// the scenarios that made the SDK send it.
func operations(t *testing.T, versions []sdk) []operation {
	t.Helper()
	schema := serverSchema()
	known := map[string]*operation{}
	for _, v := range versions {
		for _, d := range v.Documents {
			doc, errs := gqlparser.LoadQueryWithRules(schema, d.Text, nil)
			if len(errs) > 0 {
				t.Fatalf("wandb %s, %s: %v", v.Version, d.Name, errs)
			}
			op := known[d.Name]
			if op == nil {
				op = &operation{kind: d.Kind, name: d.Name, versions: map[string]bool{}, ran: map[string]string{}}
				known[d.Name] = op
			}
			op.versions[v.Version] = true
			op.answer = better(op.answer, answerTo(doc))
		}
	}
	if *recorded != "" {
		writeRan(t, readRan(t, *recorded), known)
	}
	for _, r := range readRan(t, "ran.tsv") {
		mustBeThere(t, r.scenario)
		op := known[r.operation]
		if op == nil || !op.versions[r.version] {
			t.Errorf("ran.tsv: wandb %s does not send %s any more", r.version, r.operation)
			continue
		}
		op.ran[r.version] = r.scenario
	}
	all := make([]operation, 0, len(known))
	for _, name := range slices.Sorted(maps.Keys(known)) {
		all = append(all, *known[name])
	}
	return all
}

// better is the answer that says more, of two documents with one name.
func better(a, b string) string {
	if a == "" || len(b) < len(a) { // "answered" is the shortest
		return b
	}
	return a
}

// answerTo reads off the schema's directives what the server does with a
// document.
func answerTo(doc *ast.QueryDocument) string {
	op := doc.Operations[0]
	within := map[string]bool{} // subjects that are not built
	answered := leaves(op.SelectionSet, "", within)
	subjects := strings.Join(slices.Sorted(maps.Keys(within)), ", ")
	switch {
	case len(within) == 0:
		return "answered"
	case op.Operation == ast.Mutation:
		return "not available: " + subjects
	case answered == 0:
		return "empty: " + subjects
	}
	return "answered, empty where it asks for " + subjects
}

// leaves counts the fields below a selection that are answered, pages' ends
// and names of types left out, and collects the subjects of the others.
func leaves(set ast.SelectionSet, subject string, subjects map[string]bool) (n int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			n += leaves(s.SelectionSet, subject, subjects)
		case *ast.FragmentSpread:
			n += leaves(s.Definition.SelectionSet, subject, subjects)
		case *ast.Field:
			in := subject
			if d := s.Definition.Directives.ForName("unbuilt"); d != nil {
				in = d.Arguments.ForName("subject").Value.Raw
				subjects[in] = true
			}
			switch {
			case s.Name == "__typename" || s.Name == "pageInfo":
			case len(s.SelectionSet) > 0:
				n += leaves(s.SelectionSet, in, subjects)
			case in == "":
				n++
			}
		}
	}
	return n
}

// ran is a line of ran.tsv: a scenario of test/sdk in which a version of the
// SDK sent an operation and was answered 200.
type ran struct{ operation, version, scenario string }

func readRan(t *testing.T, name string) (all []ran) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		cols := strings.Split(lines.Text(), "\t")
		if len(cols) != 3 {
			t.Fatalf("%s: %q", name, lines.Text())
		}
		all = append(all, ran{cols[0], cols[1], cols[2]})
	}
	return all
}

// writeRan keeps for each operation and version the scenario that sends the
// fewest others: it says most about it.
func writeRan(t *testing.T, all []ran, known map[string]*operation) {
	t.Helper()
	sent := map[string]int{}
	for _, r := range all {
		sent[r.version+r.scenario]++
	}
	slices.SortFunc(all, func(a, b ran) int {
		return cmp.Or(strings.Compare(a.operation, b.operation), strings.Compare(b.version, a.version),
			sent[a.version+a.scenario]-sent[b.version+b.scenario], strings.Compare(a.scenario, b.scenario))
	})
	var out strings.Builder
	last := ran{}
	for _, r := range all {
		if op := known[r.operation]; op == nil || !op.versions[r.version] || r.operation == last.operation && r.version == last.version {
			continue
		}
		last = r
		fmt.Fprintf(&out, "%s\t%s\t%s\n", r.operation, r.version, r.scenario)
	}
	if err := os.WriteFile("ran.tsv", []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mustBeThere fails when a scenario, "test_x.py::test_y", is not in test/sdk.
func mustBeThere(t *testing.T, scenario string) {
	t.Helper()
	file, name, _ := strings.Cut(scenario, "::")
	text, err := os.ReadFile("../sdk/" + file)
	if err != nil || !strings.Contains(string(text), "def "+name+"(") {
		t.Errorf("there is no scenario %s in test/sdk", scenario)
	}
}

func render(versions []sdk, ops []operation, switches []feature) string {
	var b strings.Builder
	b.WriteString(`# Conformance

Written by ` + "`go test ./test/conformance -update`" + `; the test there fails when it is
stale. The operations are those that stand in the installed wandb packages, in
Python and in wandb-core: every document of them fits our schema.

- **answered**: with what there is.
- **empty**: the subject is not built yet; lists are empty, objects null.
- **not available**: the subject is not built yet; an error says so by its name.
- A version's column names a scenario of ` + "`test/sdk`" + ` in which that version sent the
  operation and was answered; "fits" where no scenario sends it; "-" where the
  version does not have it.
- What the schema does not have gets GraphQL's own error, by which clients find
  out what a server can do.

## Operations

| operation | | what we do |`)
	for _, v := range versions {
		b.WriteString(" " + v.Version + " |")
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(versions)) + "\n")
	for _, op := range ops {
		fmt.Fprintf(&b, "| %s | %s | %s |", op.name, op.kind, op.answer)
		for _, v := range versions {
			where := "-"
			if op.versions[v.Version] {
				where = "fits"
				if scenario := op.ran[v.Version]; scenario != "" {
					where = scenario
				}
			}
			b.WriteString(" " + where + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Switches\n\n`serverInfo.features`: what is on, with the scenario that needs it, and what is off, with the reason.\n\n| | switch | | |\n|---|---|---|---|\n")
	for _, f := range switches {
		state := "off"
		if f.on {
			state = "on"
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", f.number, f.name, state, f.why)
	}
	b.WriteString("\n## Fields that clients select without being asked to\n\nThey are null, and `ballast_graphql_unasked_fields_total` counts them.\n\n| field | client | why |\n|---|---|---|\n")
	for _, row := range unasked() {
		b.WriteString(row)
	}
	return b.String()
}

// unasked lists the fields of schema/unasked.graphql.
func unasked() (rows []string) {
	for name, def := range serverSchema().Types {
		for _, f := range def.Fields {
			if d := f.Directives.ForName("unasked"); d != nil {
				rows = append(rows, fmt.Sprintf("| %s.%s | %s | %s |\n", name, f.Name, d.Arguments.ForName("client").Value.Raw, d.Arguments.ForName("reason").Value.Raw))
			}
		}
	}
	slices.Sort(rows)
	return rows
}
