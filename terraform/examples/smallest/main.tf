# The smallest: one node, one instance of the database, gone without a trace.
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
  allowed_inbound_ipv6_cidr = []

  size                           = "dev"
  public_access                  = true
  kubernetes_public_access       = true
  kubernetes_public_access_cidrs = ["203.0.113.0/24"]
  deletion_protection            = false
  database_final_snapshot        = false
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
