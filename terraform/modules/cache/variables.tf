variable "name" {
  type        = string
  description = "Prefix of every name, at most 40 characters."
}

variable "network" {
  type        = string
  description = "Id of the VPC."
}

variable "subnets" {
  type        = list(string)
  description = "Ids of the subnets, of two zones at least."
}

variable "clients" {
  type        = map(string)
  description = "Ids of the security groups that may connect, by a name."
}

variable "node_type" {
  type        = string
  description = "Class of its nodes, such as cache.t4g.small."
}

variable "nodes" {
  type        = number
  description = "How many nodes; from two on, one takes over when the first fails."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}
