output "role" {
  description = "Name of the server's role."
  value       = aws_iam_role.this.name
}
