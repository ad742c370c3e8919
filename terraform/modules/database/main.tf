resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnets
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "Aurora MySQL of ${var.name}"
  vpc_id      = var.network
}

resource "aws_vpc_security_group_ingress_rule" "mysql" {
  for_each = var.clients

  security_group_id            = aws_security_group.this.id
  description                  = "MySQL from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

resource "aws_rds_cluster_parameter_group" "this" {
  name   = var.name
  family = "aurora-mysql8.0"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }
  # Names and labels are compared by their bytes' meaning in every language.
  parameter {
    name  = "character_set_server"
    value = "utf8mb4"
  }
  # One request's chunk of history is one row: 64 MiB is the server's body limit.
  parameter {
    name  = "max_allowed_packet"
    value = "134217728"
  }
}

# Names this life of the database: the last snapshot of an earlier one has its name for ever.
resource "terraform_data" "life" {}

resource "aws_rds_cluster" "this" {
  cluster_identifier              = var.name
  engine                          = "aurora-mysql"
  engine_version                  = var.engine_version
  database_name                   = "ballast"
  master_username                 = "ballast"
  manage_master_user_password     = true
  master_user_secret_kms_key_id   = var.key
  snapshot_identifier             = var.snapshot
  db_subnet_group_name            = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  storage_encrypted               = true
  kms_key_id                      = var.key
  backup_retention_period         = 14
  preferred_backup_window         = "02:00-03:00"
  preferred_maintenance_window    = "sun:05:00-sun:06:00"
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]
  copy_tags_to_snapshot           = true
  deletion_protection             = var.deletion_protection
  skip_final_snapshot             = !var.final_snapshot
  final_snapshot_identifier       = var.final_snapshot ? "${var.name}-final-${substr(terraform_data.life.id, 0, 8)}" : null

  lifecycle {
    # A snapshot is where it began; a later change of the input must not begin anew.
    ignore_changes = [snapshot_identifier]
  }
}

resource "aws_rds_cluster_instance" "this" {
  count = 1 + var.readers

  identifier                      = "${var.name}-${count.index}"
  cluster_identifier              = aws_rds_cluster.this.id
  engine                          = aws_rds_cluster.this.engine
  engine_version                  = aws_rds_cluster.this.engine_version
  instance_class                  = var.instance_class
  auto_minor_version_upgrade      = false
  publicly_accessible             = false
  performance_insights_enabled    = !startswith(var.instance_class, "db.t")
  performance_insights_kms_key_id = startswith(var.instance_class, "db.t") ? null : var.key
}
