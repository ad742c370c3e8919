variable "name" {
  type        = string
  description = "Prefix of every name."
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

variable "instance_class" {
  type        = string
  description = "Class of writer and readers, such as db.r7g.large."
}

variable "readers" {
  type        = number
  description = "Readers beside the writer; one of them takes over when the writer fails."
}

variable "engine_version" {
  type        = string
  description = "Version of Aurora MySQL 3."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}

variable "snapshot" {
  type        = string
  description = "Snapshot to begin with; null begins empty."
  default     = null
}

variable "deletion_protection" {
  type        = bool
  description = "Refuse to delete it."
}

variable "final_snapshot" {
  type        = bool
  description = "Keep a last snapshot when it goes."
}
