data "aws_partition" "this" {}

locals {
  # Graviton's families end in g: m7g, t4g, r8g.
  arm = endswith(split(".", var.instance_types[0])[0], "g")
  policies = {
    cluster = ["AmazonEKSClusterPolicy"]
    # What a node needs to join and to fetch images; pods have roles of their own.
    node = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"]
  }
  attachments = merge([for role, names in local.policies : { for n in names : "${role} ${n}" => { role = role, policy = n } }]...)
}

resource "aws_iam_role" "this" {
  for_each = { cluster = "eks.amazonaws.com", node = "ec2.amazonaws.com" }

  name = "${var.name}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = each.value }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/${each.value.policy}"
}

# Made here so that it ends with the cluster and is encrypted; EKS makes one
# that stays for ever.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = 30
  kms_key_id        = var.key
}

resource "aws_eks_cluster" "this" {
  name                      = var.name
  version                   = var.kubernetes_version
  role_arn                  = aws_iam_role.this["cluster"].arn
  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  vpc_config {
    subnet_ids              = var.subnets
    endpoint_private_access = true
    endpoint_public_access  = var.public_access
    public_access_cidrs     = var.public_access ? var.public_access_cidrs : null
  }
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = var.key
    }
  }

  depends_on = [aws_iam_role_policy_attachment.this, aws_cloudwatch_log_group.this]
}

# One hop: a pod on its own network does not reach the node's credentials.
resource "aws_launch_template" "this" {
  name                   = var.name
  update_default_version = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = var.node_disk
      volume_type = "gp3"
      encrypted   = true
    }
  }
}

# The network plugin is there before the nodes, which are not ready without it.
resource "aws_eks_addon" "network" {
  for_each = toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
}

resource "aws_eks_node_group" "this" {
  cluster_name = aws_eks_cluster.this.name
  # Other instance types make a new group: it stands before the old one goes.
  node_group_name_prefix = "${var.name}-"
  node_role_arn          = aws_iam_role.this["node"].arn
  subnet_ids             = var.subnets
  instance_types         = var.instance_types
  ami_type               = local.arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD"

  scaling_config {
    min_size     = var.nodes.min
    desired_size = var.nodes.desired
    max_size     = var.nodes.max
  }
  update_config {
    max_unavailable = 1
  }
  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  lifecycle {
    precondition {
      condition     = var.network_ready != null
      error_message = "network_ready must wait for the routes of the nodes' subnets."
    }
    create_before_destroy = true
    # An autoscaler may have changed it since.
    ignore_changes = [scaling_config[0].desired_size]
  }
  depends_on = [aws_eks_addon.network, aws_iam_role_policy_attachment.this]
}

# These run on nodes.
resource "aws_eks_addon" "pods" {
  for_each = toset(["coredns", "aws-secrets-store-csi-driver-provider"])

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"

  depends_on = [aws_eks_node_group.this]
}
