variable "name" {
  type        = string
  description = "Prefix of every name."
}

variable "cidr" {
  type        = string
  description = "Block of the VPC, /16 to /20."
}

variable "zones" {
  type        = list(string)
  description = "Availability zones, two or three."
}

variable "nat_per_zone" {
  type        = bool
  description = "A NAT gateway in each zone rather than one for all: traffic goes on when a zone fails."
}

variable "ipv6" {
  type        = bool
  description = "Whether the network has IPv6 too."
}
