output "id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "public_subnets" {
  description = "Ids of the subnets for load balancers that the internet reaches."
  value       = [for z in var.zones : aws_subnet.public[z].id]
}

output "private_subnets" {
  description = "Ids of the subnets for nodes."
  value       = [for z in var.zones : aws_subnet.private[z].id]
}

output "data_subnets" {
  description = "Ids of the subnets for database and cache, without a route out."
  value       = [for z in var.zones : aws_subnet.data[z].id]
}

# ready waits for the routes: nodes that start without one never join.
output "ready" {
  description = "Known when what is in the private subnets can reach out."
  value       = [for r in aws_route.nat : r.id]
  depends_on  = [aws_route_table_association.private]
}
