package terraform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/stub"
)

// TestExamples validates each example and applies the one that brings its own,
// because only an apply looks for what it names; with BALLAST_ALL all of them.
func TestExamples(t *testing.T) {
	found, err := filepath.Glob("../../terraform/examples/*/main.tf")
	if err != nil || len(found) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range found {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := exampleRoot(t, name)
			r.must("init")
			if name != "bring-your-own" && os.Getenv("BALLAST_ALL") == "" {
				r.must("validate")
				return
			}
			r.must("apply", auto)
			r.must("plan", "-detailed-exitcode")
		})
	}
}

// exampleRoot is a copy of an example, in a world with what it may bring.
func exampleRoot(t *testing.T, name string) *root {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../terraform/examples", name, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRoot(t, nil)
	write(t, r, "main.tf", strings.Replace(string(body), `"../../aws"`, `"../terraform/aws"`, 1))
	r.change(func(w *stub.World) {
		add := func(kind, id string, attrs map[string]any) {
			w.Records = append(w.Records, &stub.Record{Type: kind, ID: id, Attrs: attrs})
		}
		add("aws_vpc", "vpc-1", map[string]any{"cidr_block": "10.0.0.0/16"})
		for n := 1; n <= 6; n++ {
			add("aws_subnet", fmt.Sprintf("subnet-%d", n), map[string]any{"vpc_id": "vpc-1",
				"cidr_block": fmt.Sprintf("10.0.%d.0/24", n), "availability_zone": []string{"eu-central-1a", "eu-central-1b"}[n%2]})
		}
		add("aws_acm_certificate", "arn:aws:acm:eu-central-1:123456789012:certificate/1", map[string]any{})
	})
	return r
}
