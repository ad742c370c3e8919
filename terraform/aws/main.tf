# A bill of materials: what each part is stands in ../modules.

data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_region" "here" {}

data "aws_caller_identity" "this" {}

data "aws_route53_zone" "this" {
  zone_id = var.zone_id
}

locals {
  sizes = jsondecode(file("${path.module}/../../deploy/charts/ballast/sizes.json"))
  size  = local.sizes[var.size]
  fqdn  = var.subdomain == null ? var.domain_name : "${var.subdomain}.${var.domain_name}"
  names = concat([local.fqdn], var.extra_fqdn)
  url   = "https://${local.fqdn}"
  ipv6  = var.network_id == null && var.public_access && length(var.allowed_inbound_ipv6_cidr) > 0
  port  = 30080 # of every node
  network = var.network_id != null ? {
    id      = var.network_id
    public  = var.network_public_subnets
    private = var.network_private_subnets
    data    = var.network_database_subnets
    ready   = []
    } : {
    id      = module.network[0].id
    public  = module.network[0].public_subnets
    private = module.network[0].private_subnets
    data    = module.network[0].data_subnets
    ready   = module.network[0].ready
  }
  key = var.kms_key_arn != null ? var.kms_key_arn : module.keys[0].arn
}

# What contradicts itself stops here, at plan time.
resource "terraform_data" "inputs" {
  lifecycle {
    precondition {
      condition     = local.zone == var.domain_name || endswith(var.domain_name, ".${local.zone}")
      error_message = "domain_name ${var.domain_name} does not lie in the zone ${var.zone_id}, which is ${local.zone}."
    }
    precondition {
      condition     = !var.kubernetes_public_access || length(var.kubernetes_public_access_cidrs) > 0
      error_message = "kubernetes_public_access needs kubernetes_public_access_cidrs: AWS takes an empty list for the whole world."
    }
    precondition {
      condition     = var.network_id == null || alltrue([for s in [var.network_public_subnets, var.network_private_subnets, var.network_database_subnets] : length(s) >= 2])
      error_message = "network_id needs network_public_subnets, network_private_subnets and network_database_subnets, two of each at least."
    }
  }
}

locals {
  zone = trimsuffix(data.aws_route53_zone.this.name, ".")
}

check "endpoint" {
  assert {
    condition     = !var.kubernetes_public_access || !contains(var.kubernetes_public_access_cidrs, "0.0.0.0/0")
    error_message = "The cluster's API is open to the whole internet: only its credentials protect it. Name your own blocks in kubernetes_public_access_cidrs."
  }
}

module "network" {
  source = "../modules/network"
  count  = var.network_id == null ? 1 : 0

  name         = var.namespace
  cidr         = var.network_cidr
  zones        = slice(data.aws_availability_zones.here.names, 0, min(3, length(data.aws_availability_zones.here.names)))
  nat_per_zone = local.size.natPerZone
  ipv6         = local.ipv6
}

module "keys" {
  source = "../modules/keys"
  count  = var.kms_key_arn == null ? 1 : 0

  name            = var.namespace
  deletion_window = var.kms_key_deletion_window
}

module "bucket" {
  source = "../modules/bucket"

  # The account makes the name the only one of the world.
  name          = "${var.namespace}-${data.aws_caller_identity.this.account_id}-${data.aws_region.here.name}"
  key           = local.key
  origin        = local.url
  force_destroy = !var.deletion_protection
}

module "queue" {
  source = "../modules/queue"
  count  = var.use_internal_queue ? 0 : 1

  name       = "${var.namespace}-notices"
  key        = local.key
  bucket     = module.bucket.name
  bucket_arn = module.bucket.arn
}

module "cluster" {
  source = "../modules/cluster"

  name                = var.namespace
  kubernetes_version  = var.eks_cluster_version
  subnets             = local.network.private
  network_ready       = local.network.ready
  public_access       = var.kubernetes_public_access
  public_access_cidrs = var.kubernetes_public_access_cidrs
  instance_types      = coalesce(var.kubernetes_instance_types, [local.size.node.type])
  nodes               = { min = local.size.node.min, desired = local.size.node.desired, max = local.size.node.max }
  node_disk           = local.size.node.disk
  key                 = local.key
}

module "database" {
  source = "../modules/database"

  name                = var.namespace
  network             = local.network.id
  subnets             = local.network.data
  clients             = { nodes = module.cluster.security_group }
  instance_class      = coalesce(var.database_instance_class, local.size.database.class)
  readers             = local.size.database.readers
  engine_version      = var.database_engine_version
  key                 = local.key
  snapshot            = var.database_snapshot_identifier
  final_snapshot      = var.database_final_snapshot
  deletion_protection = var.deletion_protection
}

module "cache" {
  source = "../modules/cache"
  count  = var.create_elasticache_subnet ? 1 : 0

  name      = var.namespace
  network   = local.network.id
  subnets   = local.network.data
  clients   = { nodes = module.cluster.security_group }
  node_type = coalesce(var.elasticache_node_type, local.size.cache.type)
  nodes     = local.size.cache.nodes
  key       = local.key
}

module "certificate" {
  source = "../modules/certificate"
  count  = var.acm_certificate_arn == null ? 1 : 0

  names   = local.names
  zone_id = var.zone_id

  depends_on = [terraform_data.inputs]
}

module "load_balancer" {
  source = "../modules/load-balancer"

  name                = var.namespace
  network             = local.network.id
  subnets             = var.public_access ? local.network.public : local.network.private
  internal            = !var.public_access
  ipv6                = local.ipv6
  names               = local.names
  zone_id             = var.zone_id
  certificate         = var.acm_certificate_arn != null ? var.acm_certificate_arn : module.certificate[0].arn
  cidrs               = var.allowed_inbound_cidr
  ipv6_cidrs          = local.ipv6 ? var.allowed_inbound_ipv6_cidr : []
  nodes               = module.cluster.security_group
  node_port           = local.port
  scaling_group       = module.cluster.scaling_group
  deletion_protection = var.deletion_protection
}

module "app" {
  source = "../modules/app"

  name            = var.namespace
  cluster         = module.cluster.name
  bucket_arn      = module.bucket.arn
  key             = local.key
  queue           = !var.use_internal_queue
  queue_arn       = one(module.queue[*].arn)
  database_secret = module.database.secret
  values = {
    size    = var.size
    image   = { tag = var.ballast_version == null ? "" : var.ballast_version }
    service = { nodePort = local.port }
    settings = merge(var.settings, {
      url            = local.url
      database       = "${module.database.user}@tcp(${module.database.endpoint}:3306)/${module.database.name}?tls=skip-verify"
      bucket         = "s3://${module.bucket.name}"
      bucket-region  = data.aws_region.here.name
      bucket-kms-key = local.key
      bucket-queue   = var.use_internal_queue ? "internal://" : "sqs://${module.queue[0].url}"
      redis          = var.create_elasticache_subnet ? module.cache[0].url : ""
    })
    aws = { databaseSecret = module.database.secret, region = data.aws_region.here.name }
  }

  # The pods connect at once, and the load balancer asks them.
  depends_on = [module.database, module.cache, module.load_balancer]
}
