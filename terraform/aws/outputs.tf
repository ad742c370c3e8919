output "url" {
  description = "Where the server is."
  value       = local.url
}

output "bucket_name" {
  description = "Name of the bucket with all objects."
  value       = module.bucket.name
}

# The page's providers ask for a token by this name: the later, the fresher.
output "cluster_name" {
  description = "Name of the cluster, known when nodes, add-ons, database and cache stand."
  value       = module.cluster.name
  depends_on  = [module.database, module.cache]
}

output "bucket_queue_name" {
  description = "Name of the bucket's queue; null without one."
  value       = one(module.queue[*].name)
}

output "bucket_region" {
  description = "Region of the bucket."
  value       = data.aws_region.here.name
}

output "cluster_endpoint" {
  description = "Address of the cluster's API."
  value       = module.cluster.endpoint
}

output "cluster_certificate_authority_data" {
  description = "Authority of the API's certificate, in base64."
  value       = module.cluster.certificate_authority
}

output "cluster_node_role" {
  description = "Name of the nodes' role."
  value       = module.cluster.node_role
}

output "database_endpoint" {
  description = "Host name of the database's writer."
  value       = module.database.endpoint
}

output "database_secret_arn" {
  description = "ARN of the secret that AWS keeps the database's password in."
  value       = module.database.secret
}

output "kms_key_arn" {
  description = "ARN of the key."
  value       = local.key
}

output "network_id" {
  description = "Id of the network."
  value       = local.network.id
}

output "network_private_subnets" {
  description = "Ids of the nodes' subnets."
  value       = local.network.private
}

output "network_public_subnets" {
  description = "Ids of the load balancer's subnets on the internet."
  value       = local.network.public
}

output "standardized_size" {
  description = "The size."
  value       = var.size
}
