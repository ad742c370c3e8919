package terraform_test

import (
	"encoding/json"
	"os"
	"slices"
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
	for _, n := range breaks() {
		r.change(func(w *stub.World) { w.Break = n })
		if out, err := r.run(append([]string{"apply", auto}, files...)...); err == nil {
			t.Fatalf("the apply was to break off after %d creations:\n%s", n, tail(out, 500))
		}
	}
	r.change(func(w *stub.World) { w.Break = 0 })
	r.must(append([]string{"apply", auto}, files...)...)
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

// breaks are the numbers of creations after which the apply breaks off; with
// BALLAST_ALL each one.
func breaks() []int {
	if os.Getenv("BALLAST_ALL") == "" {
		return []int{20, 75}
	}
	var all []int
	for n := 1; n <= 85; n++ {
		all = append(all, n)
	}
	return all
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
