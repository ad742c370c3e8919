# In a network, with a key and a certificate, that are there already.
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

  network_id               = "vpc-1"
  network_public_subnets   = ["subnet-1", "subnet-2"]
  network_private_subnets  = ["subnet-3", "subnet-4"]
  network_database_subnets = ["subnet-5", "subnet-6"]
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/1"
  acm_certificate_arn      = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
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
