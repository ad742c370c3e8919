package terraform_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/stub"
)

const auto = "-auto-approve"

// TestLife applies, is broken off on the way, is continued, would grow without
// replacing what holds data, refuses to go while it is protected, and then goes
// without leaving anything.
func TestLife(t *testing.T) {
	t.Parallel()
	r := pageRoot(t, []string{redis, queue}, "size = var.size", "deletion_protection = var.protect")
	write(t, r, "more.tf", `variable "size" { default = "dev" }
variable "protect" { default = true }`)
	r.must("init")
	files := []string{"-var-file=terraform.tfvars"}
	breakOff(r, append([]string{"apply", auto}, files...))
	r.must(append([]string{"plan", "-detailed-exitcode"}, files...)...)
	r.change(func(w *stub.World) { leastPrivilege(t, w) })
	noSecrets(t, r)

	for address, actions := range changes(r, "-var", "size=large") {
		if slices.Contains(actions, "delete") && !replaceable[address] {
			t.Errorf("a larger size would %v %s", actions, address)
		}
	}

	r.refused(append([]string{"destroy", auto, "-target=module.wandb_infra.module.database.aws_rds_cluster.this"}, files...),
		"aws_rds_cluster wandb: InvalidParameterCombination: deletion protection is on")

	files = append(files, "-var", "protect=false")
	r.must(append([]string{"apply", auto}, files...)...)
	r.must(append([]string{"destroy", auto}, files...)...)
	r.change(func(w *stub.World) {
		for _, left := range w.Records {
			if left.Type != "aws_route53_zone" {
				t.Errorf("destroy leaves %s %s", left.Type, left.ID)
			}
		}
	})
}

// replaceable is what a change of size may make anew: the new nodes stand
// before the old ones go.
var replaceable = map[string]bool{
	"module.wandb_infra.module.cluster.aws_eks_node_group.this":               true,
	"module.wandb_infra.module.load_balancer.aws_autoscaling_attachment.this": true,
}

// breakOff runs Terraform again and again, and lets it break off after each
// forty creations, with BALLAST_ALL after each one, until it gets through.
func breakOff(r *root, args []string) {
	r.t.Helper()
	step := 40
	if os.Getenv("BALLAST_ALL") != "" {
		step = 1
	}
	for n := step; ; n += step {
		r.change(func(w *stub.World) { w.Break = n })
		out, err := r.run(args...)
		if err == nil {
			if n == step {
				r.t.Errorf("terraform %v was never broken off", args)
			}
			r.change(func(w *stub.World) { w.Break = 0 })
			return
		}
		if errors, lost := strings.Count(out, "\nError: "), strings.Count(out, "the connection was lost"); errors != lost || lost == 0 {
			r.t.Fatalf("broken off after %d creations, it fails by itself:\n%s", n, tail(out, 3000))
		}
	}
}

// changes plans and returns, by address, the actions that are not "no-op".
func changes(r *root, args ...string) map[string][]string {
	r.t.Helper()
	r.must(append([]string{"plan", "-var-file=terraform.tfvars", "-out=plan"}, args...)...)
	var plan struct {
		Changes []struct {
			Address string
			Change  struct{ Actions []string }
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(r.must("show", "-json", "plan")), &plan); err != nil {
		r.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, c := range plan.Changes {
		if !slices.Equal(c.Change.Actions, []string{"no-op"}) {
			out[c.Address] = c.Change.Actions
		}
	}
	if len(out) == 0 {
		r.t.Fatalf("plan %v changes nothing", args)
	}
	return out
}

func write(t *testing.T, r *root, name, body string) {
	t.Helper()
	if err := os.WriteFile(r.dir+"/"+name, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}
