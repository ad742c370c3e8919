output "url" {
  description = "Address of the cache, as Ballast's setting redis takes it."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}
