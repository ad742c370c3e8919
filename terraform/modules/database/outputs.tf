output "endpoint" {
  description = "Host name of the writer."
  value       = aws_rds_cluster.this.endpoint
}

output "name" {
  description = "Name of the database in it."
  value       = aws_rds_cluster.this.database_name
}

output "user" {
  description = "User that the server connects as."
  value       = aws_rds_cluster.this.master_username
}

output "secret" {
  description = "ARN of the secret that AWS keeps the password in, and rotates."
  value       = aws_rds_cluster.this.master_user_secret[0].secret_arn
}

output "ready" {
  description = "Known when an instance serves."
  value       = aws_rds_cluster_instance.this[0].id
}
