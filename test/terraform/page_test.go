package terraform_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/page"
	"github.com/ballast-ml/ballast/test/terraform/stub"
	"sigs.k8s.io/yaml"
)

// The headings of the page's options.
const (
	redis = "REDIS を有効にする"
	queue = "メッセージブローカー(キュー)を有効にする"
)

// pageRoot is the page's four files with some of its options; lines are put
// into the module's block beside the page's own.
func pageRoot(t *testing.T, options []string, lines ...string) *root {
	t.Helper()
	files, err := page.Files()
	if err != nil {
		t.Fatal(err)
	}
	main, err := page.WithOptions(files["main.tf"], options...)
	if err != nil {
		t.Fatal(err)
	}
	head := "module \"wandb_infra\" {\n"
	main = strings.Replace(main, head, head+strings.Join(lines, "\n")+"\n", 1)
	files["main.tf"] = page.Sourced(main, "../terraform/aws")
	return newRoot(t, files)
}

// TestPage runs the page's files as they are written, but for the source.
func TestPage(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []string
		kinds   map[string]int // how many there are of a type
	}{
		{"recommended", nil, map[string]int{"aws_elasticache_replication_group": 0, "aws_sqs_queue": 0}},
		{"with Redis", []string{redis}, map[string]int{"aws_elasticache_replication_group": 1, "aws_sqs_queue": 0}},
		{"with SQS", []string{queue}, map[string]int{"aws_elasticache_replication_group": 0, "aws_sqs_queue": 2}},
		{"all together", []string{redis, queue}, map[string]int{"aws_elasticache_replication_group": 1, "aws_sqs_queue": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := pageRoot(t, c.options)
			r.must("init")
			if len(c.options) == 1 && os.Getenv("BALLAST_ALL") == "" {
				planned(t, r, c.kinds)
				return
			}
			out := r.must("apply", "-auto-approve", "-var-file=terraform.tfvars")
			if !strings.Contains(out, `url    = "https://wandb-aws.wandb.ml"`) {
				t.Errorf("the apply does not end with the URL:\n%s", tail(out, 500))
			}
			r.must("plan", "-detailed-exitcode", "-var-file=terraform.tfvars") // nothing to change, else it exits with 2
			r.change(func(w *stub.World) {
				c.kinds["helm_release"] = 1
				for kind, want := range c.kinds {
					if got := len(w.Of(kind)); got != want {
						t.Errorf("%d of %s, want %d", got, kind, want)
					}
				}
				taken(t, w.Of("helm_release")[0])
			})
		})
	}
}

// taken gives the settings of a release to the server, which has to know them
// all by name and form.
func taken(t *testing.T, release *stub.Record) {
	t.Helper()
	var values struct{ Settings map[string]string }
	if err := yaml.Unmarshal([]byte(release.Attrs["values"].([]any)[0].(string)), &values); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./cmd/ballast", "config")
	if built := os.Getenv("BALLAST_BIN"); built != "" {
		cmd = exec.Command(built, "config")
	}
	cmd.Dir = "../.."
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "BALLAST_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	for name, value := range values.Settings {
		cmd.Env = append(cmd.Env, "BALLAST_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "https://wandb-aws.wandb.ml") {
		t.Errorf("the server does not take its settings: %v\n%s", err, out)
	}
}

// planned compares how many of each type a first plan makes.
func planned(t *testing.T, r *root, kinds map[string]int) {
	t.Helper()
	got := map[string]int{}
	for address := range changes(r) {
		for kind := range kinds {
			if strings.Contains(address, "."+kind+".") {
				got[kind]++
			}
		}
	}
	for kind, want := range kinds {
		if got[kind] != want {
			t.Errorf("the plan makes %d of %s, want %d", got[kind], kind, want)
		}
	}
}
