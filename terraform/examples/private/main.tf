# Reachable from the network alone: run Terraform inside of it, too.
provider "aws" {
  region = "eu-central-1"
}

module "ballast" {
  source = "../../aws"

  namespace                 = "acme"
  domain_name               = "wandb.ml"
  subdomain                 = "ballast"
  zone_id                   = "xxxxxxxxxxxxxxxx"
  allowed_inbound_cidr      = ["10.0.0.0/8"]
  allowed_inbound_ipv6_cidr = []
}

data "aws_eks_cluster" "this" {
  name = module.ballast.cluster_name
}

data "aws_eks_cluster_auth" "this" {
  name = module.ballast.cluster_name
}

provider "helm" {
  kubernetes {
    host                   = data.aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)
    token                  = data.aws_eks_cluster_auth.this.token
  }
}

output "url" {
  value = module.ballast.url
}
