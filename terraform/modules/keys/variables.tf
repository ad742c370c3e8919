variable "name" {
  type        = string
  description = "Prefix of every name."
}

variable "deletion_window" {
  type        = number
  description = "Days between the key's deletion and its end, 7 to 30."
}
