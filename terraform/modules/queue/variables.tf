variable "name" {
  type        = string
  description = "Name of the queue."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}

variable "bucket" {
  type        = string
  description = "Name of the bucket whose new objects it is told of."
}

variable "bucket_arn" {
  type        = string
  description = "ARN of that bucket."
}
