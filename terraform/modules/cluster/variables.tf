variable "name" {
  type        = string
  description = "Name of the cluster."
}

variable "kubernetes_version" {
  type        = string
  description = "Minor version of Kubernetes, such as 1.33."
}

variable "subnets" {
  type        = list(string)
  description = "Ids of the subnets for nodes, of two zones at least."
}

variable "network_ready" {
  type        = any
  description = "What has to be known before nodes start: their routes out."
}

variable "public_access" {
  type        = bool
  description = "Whether the cluster's API is reached from outside of the network."
}

variable "public_access_cidrs" {
  type        = list(string)
  description = "IPv4 blocks that may reach it then."
}

variable "instance_types" {
  type        = list(string)
  description = "Types of the nodes, of one processor architecture."
}

variable "nodes" {
  type        = object({ min = number, desired = number, max = number })
  description = "How many nodes."
}

variable "node_disk" {
  type        = number
  description = "GiB of each node's disk."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}
