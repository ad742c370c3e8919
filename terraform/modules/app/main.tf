locals {
  namespace = "ballast"
  account   = "ballast" # the pods' service account

  statements = concat([
    {
      Sid      = "Objects"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = "${var.bucket_arn}/*"
    },
    {
      Sid      = "Bucket"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
      Resource = var.bucket_arn
    },
    {
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = var.key
    },
    {
      Sid      = "DatabasePassword"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = var.database_secret
    },
    ], [for i in range(var.queue ? 1 : 0) : {
      Sid      = "Notices"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl"]
      Resource = var.queue_arn
  }])
}

resource "aws_iam_role" "this" {
  name = "${var.name}-server"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "server"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_eks_pod_identity_association" "this" {
  cluster_name    = var.cluster
  namespace       = local.namespace
  service_account = local.account
  role_arn        = aws_iam_role.this.arn
}

resource "helm_release" "this" {
  name             = "ballast"
  namespace        = local.namespace
  create_namespace = true
  chart            = "${path.module}/../../../deploy/charts/ballast"
  timeout          = 600
  atomic           = true
  values           = [yamlencode(merge(var.values, { serviceAccount = { name = local.account } }))]

  depends_on = [aws_eks_pod_identity_association.this, aws_iam_role_policy.this]
}
