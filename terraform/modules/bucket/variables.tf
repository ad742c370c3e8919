variable "name" {
  type        = string
  description = "Name of the bucket, the only one of the world."
}

variable "key" {
  type        = string
  description = "ARN of the KMS key."
}

variable "origin" {
  type        = string
  description = "Address that browsers come from, such as https://ballast.example.com."
}

variable "force_destroy" {
  type        = bool
  description = "Delete it with what is in it."
}
