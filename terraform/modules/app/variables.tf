variable "name" {
  type        = string
  description = "Prefix of every name."
}

variable "cluster" {
  type        = string
  description = "Name of the cluster, known when pods can run on it."
}

variable "bucket_arn" {
  type        = string
  description = "ARN of the bucket."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}

variable "queue_arn" {
  type        = string
  description = "ARN of the bucket's queue; null for none."
  default     = null
}

variable "queue" {
  type        = bool
  description = "Whether there is a queue; known at plan time, other than its ARN."
}

variable "database_secret" {
  type        = string
  description = "ARN of the secret with the database's password."
}

variable "values" {
  type        = any
  description = "Values of the chart deploy/charts/ballast."
}
