package terraform_test

import (
	"slices"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/stub"
)

// helms are the two forms that Helm's provider is configured in.
var helms = map[string]string{
	"helm 2": `
terraform {
  required_providers {
    helm = { version = "~> 2.17" }
  }
}
provider "helm" {
  kubernetes {
    host  = "https://here"
    token = "t"
  }
}`,
	"helm 3": `
terraform {
  required_providers {
    helm = { version = "~> 3.1" }
  }
}
provider "helm" {
  kubernetes = {
    host  = "https://here"
    token = "t"
  }
}`,
}

// TestKubernetes installs and upgrades on a cluster that is there, by the
// inputs that the founding page's second module has.
func TestKubernetes(t *testing.T) {
	for name, provider := range helms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoot(t, map[string]string{"terraform.tfvars": "", "main.tf": provider + `
variable "wandb_version" { default = "0.1.0" }
module "wandb_app" {
  source        = "../terraform/kubernetes"
  license       = "none needed"
  wandb_version = var.wandb_version
  settings      = { url = "https://ballast.example.com" }
}`})
			r.change(func(w *stub.World) {
				w.Records = append(w.Records,
					&stub.Record{Type: "aws_eks_cluster", ID: "acme", Attrs: map[string]any{"endpoint": "https://here"}},
					&stub.Record{Type: "aws_eks_node_group", ID: "acme:n", Attrs: map[string]any{"cluster_name": "acme"}},
					&stub.Record{Type: "aws_eks_addon", ID: "1", Attrs: map[string]any{"addon_name": "vpc-cni"}},
					&stub.Record{Type: "aws_eks_addon", ID: "2", Attrs: map[string]any{"addon_name": "coredns"}})
			})
			r.must("init")
			r.must("apply", auto)
			got := changes(r, "-var", "wandb_version=0.2.0")["module.wandb_app.helm_release.this"]
			if !slices.Equal(got, []string{"update"}) {
				t.Errorf("another version would %v the release, want an update", got)
			}
		})
	}
}
