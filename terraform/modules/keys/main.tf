data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "here" {}

# The account's own policies decide who may use the key. The logs' service is
# the only other principal, for this account's log groups alone.
resource "aws_kms_key" "this" {
  description             = "${var.name}: database, objects, cache, queue, Kubernetes secrets"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window

  # A key's policy speaks of its own key only: "*" is the one form that AWS has.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_region.here.name}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.this.partition}:logs:${data.aws_region.here.name}:${data.aws_caller_identity.this.account_id}:log-group:*" }
        }
      },
      {
        Sid       = "Notices"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id }
        }
      },
    ]
  })
  tags = { Name = var.name }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.id
}
