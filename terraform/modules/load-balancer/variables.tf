variable "name" {
  type        = string
  description = "Name of the load balancer, at most 32 characters."
}

variable "network" {
  type        = string
  description = "Id of the VPC."
}

variable "subnets" {
  type        = list(string)
  description = "Ids of its subnets, of two zones at least."
}

variable "internal" {
  type        = bool
  description = "Reachable from the network only."
}

variable "ipv6" {
  type        = bool
  description = "Whether it has IPv6 addresses too."
}

variable "names" {
  type        = list(string)
  description = "Names under which it is reached."
}

variable "zone_id" {
  type        = string
  description = "Zone of Route 53 that gets the records."
}

variable "certificate" {
  type        = string
  description = "ARN of the certificate."
}

variable "cidrs" {
  type        = list(string)
  description = "IPv4 blocks that may come in."
}

variable "ipv6_cidrs" {
  type        = list(string)
  description = "IPv6 blocks that may come in."
}

variable "nodes" {
  type        = string
  description = "Id of the nodes' security group."
}

variable "node_port" {
  type        = number
  description = "Port of every node that leads to the server."
}

variable "scaling_group" {
  type        = string
  description = "Name of the nodes' Auto Scaling group."
}

variable "deletion_protection" {
  type        = bool
  description = "Refuse to delete it."
}
