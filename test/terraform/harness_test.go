package terraform_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/stub"
)

// providers are what "terraform init" may choose from.
var providers = []string{"aws 5.31.0", "helm 2.17.0", "helm 3.1.2", "kubernetes 3.2.1", "random 3.9.0", "tls 4.2.1"}

// cliConfig is the file that tells Terraform to look for providers in our mirror alone.
var cliConfig string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "terraform")
	if err == nil {
		err = mirror(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "preparing the providers:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// mirror builds the stub and lays it out as a mirror of providers.
func mirror(dir string) error {
	program := filepath.Join(dir, "stub")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/terraform-provider-stub").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	platform, err := exec.Command("go", "env", "GOOS", "GOARCH").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, p := range providers {
			name, version, _ := strings.Cut(p, " ")
			at := filepath.Join(dir, "mirror", host, "hashicorp", name, version, strings.Join(strings.Fields(string(platform)), "_"))
			if err := os.MkdirAll(at, 0o755); err != nil {
				return err
			}
			if err := os.Link(program, filepath.Join(at, "terraform-provider-"+name+"_v"+version)); err != nil {
				return err
			}
		}
	}
	cliConfig = filepath.Join(dir, "terraformrc")
	body := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(dir, "mirror"))
	return os.WriteFile(cliConfig, []byte(body), 0o600)
}

// root is a folder that Terraform runs in, and the world that it changes.
type root struct {
	t     *testing.T
	dir   string
	world string
}

// newRoot writes files into a folder; its world has one zone of Route 53.
func newRoot(t *testing.T, files map[string]string) *root {
	t.Helper()
	// Modules are reached by relative paths, as in a repository of one's own.
	repository := t.TempDir()
	r := &root{t: t, dir: filepath.Join(repository, "live"), world: filepath.Join(repository, "world.json")}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"terraform", "deploy"} {
		to, err := filepath.Abs(filepath.Join("../..", name))
		if err == nil {
			err = os.Symlink(to, filepath.Join(repository, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.change(func(w *stub.World) {
		w.Records = append(w.Records, &stub.Record{Type: "aws_route53_zone", ID: "xxxxxxxxxxxxxxxx",
			Attrs: map[string]any{"zone_id": "xxxxxxxxxxxxxxxx", "name": "wandb.ml"}})
	})
	return r
}

func (r *root) change(f func(*stub.World)) {
	r.t.Helper()
	if err := stub.Change(r.world, func(w *stub.World) error { f(w); return nil }); err != nil {
		r.t.Fatal(err)
	}
}

// run runs Terraform and returns what it says.
func (r *root) run(args ...string) (string, error) {
	cmd := exec.Command("terraform", append(args, "-no-color")...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+cliConfig, "STUB_WORLD="+r.world, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// must runs Terraform, which has to succeed.
func (r *root) must(args ...string) string {
	r.t.Helper()
	out, err := r.run(args...)
	if err != nil {
		r.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, tail(out, 6000))
	}
	return out
}

// refused runs Terraform, which has to fail and say all of these, once each.
func (r *root) refused(args []string, says ...string) {
	r.t.Helper()
	out, err := r.run(args...)
	flat := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " ")
	if err == nil {
		r.t.Fatalf("terraform %v succeeded, it should have said %q", args, says)
	}
	for _, s := range says {
		if !strings.Contains(flat, s) {
			r.t.Errorf("terraform %v does not say %q:\n%s", args, s, tail(out, 3000))
		}
	}
	if n := strings.Count(out, "Error:"); n != len(says) {
		r.t.Errorf("terraform %v reports %d errors, want %d:\n%s", args, n, len(says), tail(out, 3000))
	}
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}
