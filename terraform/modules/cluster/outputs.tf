# The id, not the name: it is told by AWS, so that a data source that asks for
# the cluster waits until there is one.
output "name" {
  description = "Name of the cluster, known when nodes and add-ons stand."
  value       = aws_eks_cluster.this.id
  depends_on  = [aws_eks_addon.pods]
}

output "endpoint" {
  description = "Address of its API."
  value       = aws_eks_cluster.this.endpoint
}

output "certificate_authority" {
  description = "Authority of its API's certificate, in base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "security_group" {
  description = "Id of the security group of nodes and control plane."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "node_role" {
  description = "Name of the nodes' role."
  value       = aws_iam_role.this["node"].name
}

output "scaling_group" {
  description = "Name of the nodes' Auto Scaling group."
  value       = aws_eks_node_group.this.resources[0].autoscaling_groups[0].name
}
