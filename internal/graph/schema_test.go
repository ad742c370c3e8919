package graph

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast/internal/graph/generated"
)

func engineSchema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}

// TestSDKDocuments validates what both versions of the SDK send against the
// schema.
func TestSDKDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/sdk/*/*.graphql")
	if err != nil || len(files) < 100 {
		t.Fatalf("found %d documents: %v", len(files), err)
	}
	schema := engineSchema()
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, errs := gqlparser.LoadQueryWithRules(schema, string(doc), nil); len(errs) > 0 {
			t.Errorf("%s: %v", f, errs)
		}
	}
}

// TestGenerated fails when schema/ was changed and generated/ was not: run
// "make generate".
func TestGenerated(t *testing.T) {
	files, err := filepath.Glob("schema/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no schema: %v", err)
	}
	var sources []*ast.Source
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: f, Input: string(text)})
	}
	if diff := cmp.Diff(fields(gqlparser.MustLoadSchema(sources...)), fields(engineSchema())); diff != "" {
		t.Errorf("generated/ is stale (-schema +generated):\n%s", diff)
	}
}

// fields lists "Type.field(argument: Type): Type" of a schema, in order.
func fields(s *ast.Schema) []string {
	var all []string
	for name, def := range s.Types {
		if strings.HasPrefix(name, "__") {
			continue
		}
		all = append(all, string(def.Kind)+" "+name)
		for _, f := range def.Fields {
			var args []string
			for _, a := range f.Arguments {
				args = append(args, a.Name+": "+a.Type.String())
			}
			all = append(all, name+"."+f.Name+"("+strings.Join(args, ", ")+"): "+f.Type.String())
		}
	}
	sort.Strings(all)
	return all
}
