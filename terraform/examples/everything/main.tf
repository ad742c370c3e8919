# Every option, for a company.
provider "aws" {
  region = "eu-central-1"
}

module "ballast" {
  source = "../../aws"

  namespace                 = "acme"
  domain_name               = "wandb.ml"
  subdomain                 = "ballast"
  zone_id                   = "xxxxxxxxxxxxxxxx"
  allowed_inbound_cidr      = ["203.0.113.0/24"]
  allowed_inbound_ipv6_cidr = ["2001:db8::/32"]

  size                           = "large"
  public_access                  = true
  extra_fqdn                     = ["experiments.wandb.ml"]
  kubernetes_public_access       = true
  kubernetes_public_access_cidrs = ["203.0.113.0/24"]
  eks_cluster_version            = "1.33"
  create_elasticache_subnet      = true
  use_internal_queue             = false
  settings                       = { rate-limit = "200" }
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
