variable "names" {
  type        = list(string)
  description = "Names that the certificate is for, the first one as its own."
}

variable "zone_id" {
  type        = string
  description = "Zone of Route 53 that holds the names, for the proof."
}
