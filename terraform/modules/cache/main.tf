resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnets
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Redis of ${var.name}"
  vpc_id      = var.network
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  for_each = var.clients

  security_group_id            = aws_security_group.this.id
  description                  = "Redis from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# A password here would be in the state. What is kept is a cache that can be
# lost; the nodes' security group is who may connect, by TLS.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "Cache of ${var.name}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.node_type
  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  kms_key_id                 = var.key
  snapshot_retention_limit   = 0
}
