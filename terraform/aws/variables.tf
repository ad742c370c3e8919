# The names are those of the founding page, and of W&B's module where it has one.

variable "namespace" {
  type        = string
  description = "Prefix of every resource's name, and the cluster's name."
  nullable    = false
  validation {
    # The load balancer's name has 32 characters at most, the IAM roles' more.
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){1,23}$", var.namespace)) && length(var.namespace) <= 24
    error_message = "namespace is 2 to 24 lowercase letters, digits and single dashes, a letter first and no dash last, because it is the prefix of every name."
  }
}

variable "domain_name" {
  type        = string
  description = "Domain of the zone in Route 53, such as example.com."
  nullable    = false
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain_name))
    error_message = "domain_name is a domain in lowercase without a dot at its end, such as example.com."
  }
}

variable "subdomain" {
  type        = string
  description = "Name below the domain under which the server is reached; null for the domain itself."
  default     = null
  validation {
    condition     = var.subdomain == null || can(regex("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$", var.subdomain))
    error_message = "subdomain is lowercase letters, digits, dashes and dots, such as ballast."
  }
}

variable "extra_fqdn" {
  type        = list(string)
  description = "Further names of the server, in the same zone."
  default     = []
  nullable    = false
}

variable "zone_id" {
  type        = string
  description = "Id of the zone in Route 53 that the record goes into."
  nullable    = false
}

variable "license" {
  type        = string
  description = "Accepted, without effect: Ballast needs none."
  default     = null
}

variable "allowed_inbound_cidr" {
  type        = list(string)
  description = "IPv4 blocks that may reach the server; [] for none."
  nullable    = false
  validation {
    condition     = alltrue([for c in var.allowed_inbound_cidr : can(cidrnetmask(c)) && try(cidrsubnet(c, 0, 0) == c, false)])
    error_message = "allowed_inbound_cidr is IPv4 blocks such as 203.0.113.0/24, without bits beyond the length."
  }
}

variable "allowed_inbound_ipv6_cidr" {
  type        = list(string)
  description = "IPv6 blocks that may reach the server; [] for a network without IPv6."
  nullable    = false
  validation {
    condition     = alltrue([for c in var.allowed_inbound_ipv6_cidr : can(cidrhost(c, 0)) && strcontains(c, ":")])
    error_message = "allowed_inbound_ipv6_cidr is IPv6 blocks such as 2001:db8::/32."
  }
}

variable "public_access" {
  type        = bool
  description = "Whether the load balancer is on the internet; false: in the network only."
  default     = false
  nullable    = false
}

variable "external_dns" {
  type        = bool
  description = "Accepted, without effect: the record is Terraform's own in every mode."
  default     = false
}

variable "kubernetes_public_access" {
  type        = bool
  description = "Whether the cluster's API is reached from outside of the network."
  default     = false
  nullable    = false
}

variable "kubernetes_public_access_cidrs" {
  type        = list(string)
  description = "IPv4 blocks that may reach the cluster's API."
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for c in var.kubernetes_public_access_cidrs : can(cidrnetmask(c)) && try(cidrsubnet(c, 0, 0) == c, false)])
    error_message = "kubernetes_public_access_cidrs is IPv4 blocks such as 203.0.113.0/24, without bits beyond the length."
  }
}

variable "eks_cluster_version" {
  type        = string
  description = "Minor version of Kubernetes, 1.29 or newer."
  default     = "1.33"
  nullable    = false
  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.eks_cluster_version)) && try(tonumber(split(".", var.eks_cluster_version)[1]) >= 29, false)
    error_message = "eks_cluster_version is a minor version of Kubernetes from 1.29 on, such as 1.33."
  }
}

variable "create_elasticache_subnet" {
  type        = bool
  description = "Whether a Redis is made that the replicas cache in."
  default     = false
  nullable    = false
}

variable "use_internal_queue" {
  type        = bool
  description = "false: the bucket tells the server of new objects by a queue in SQS."
  default     = true
  nullable    = false
}

variable "size" {
  type        = string
  description = "dev, small, medium, large or xlarge: a line of deploy/charts/ballast/sizes.json."
  default     = "small"
  nullable    = false
  validation {
    condition     = contains(["dev", "small", "medium", "large", "xlarge"], var.size)
    error_message = "size is dev, small, medium, large or xlarge."
  }
}

variable "enable_dummy_dns" {
  type        = bool
  description = "Accepted, without effect: there is one load balancer, so no second name is needed."
  default     = false
}

variable "enable_operator_alb" {
  type        = bool
  description = "Accepted, without effect: the load balancer is Terraform's own in every mode."
  default     = false
}

variable "custom_domain_filter" {
  type        = string
  description = "Accepted, without effect: nothing but Terraform writes records."
  default     = null
}

variable "network_cidr" {
  type        = string
  description = "Block of the network, /16 to /20."
  default     = "10.10.0.0/16"
  nullable    = false
  validation {
    condition     = can(cidrnetmask(var.network_cidr)) && try(cidrsubnet(var.network_cidr, 0, 0) == var.network_cidr && tonumber(split("/", var.network_cidr)[1]) >= 16 && tonumber(split("/", var.network_cidr)[1]) <= 20, false)
    error_message = "network_cidr is an IPv4 block between /16 and /20 without bits beyond the length, such as 10.10.0.0/16."
  }
}

variable "network_id" {
  type        = string
  description = "Id of a network that is there; null makes one."
  default     = null
}

variable "network_public_subnets" {
  type        = list(string)
  description = "With network_id: subnets for the load balancer, of two zones at least."
  default     = []
  nullable    = false
}

variable "network_private_subnets" {
  type        = list(string)
  description = "With network_id: subnets for nodes, with a route out, of two zones at least."
  default     = []
  nullable    = false
}

variable "network_database_subnets" {
  type        = list(string)
  description = "With network_id: subnets for database and cache, of two zones at least."
  default     = []
  nullable    = false
}

variable "acm_certificate_arn" {
  type        = string
  description = "ARN of a certificate that is there; null makes one."
  default     = null
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of a KMS key that is there; null makes one."
  default     = null
  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn is a key's ARN, such as arn:aws:kms:eu-central-1:123456789012:key/…."
  }
}

variable "kms_key_deletion_window" {
  type        = number
  description = "Days between the key's deletion and its end."
  default     = 30
  nullable    = false
  validation {
    condition     = var.kms_key_deletion_window >= 7 && var.kms_key_deletion_window <= 30
    error_message = "kms_key_deletion_window is 7 to 30 days."
  }
}

variable "database_engine_version" {
  type        = string
  description = "Version of Aurora MySQL 3."
  default     = "8.0.mysql_aurora.3.08.2"
  nullable    = false
  validation {
    condition     = can(regex("^8\\.0\\.mysql_aurora\\.3\\.[0-9]{2}\\.[0-9]+$", var.database_engine_version))
    error_message = "database_engine_version is a version of Aurora MySQL 3, such as 8.0.mysql_aurora.3.08.2."
  }
}

variable "database_instance_class" {
  type        = string
  description = "Class of the database's instances; null as size says."
  default     = null
}

variable "database_snapshot_identifier" {
  type        = string
  description = "Snapshot that the database begins with; null begins empty."
  default     = null
}

variable "database_final_snapshot" {
  type        = bool
  description = "Keep a last snapshot of the database when it goes."
  default     = true
  nullable    = false
}

variable "kubernetes_instance_types" {
  type        = list(string)
  description = "Types of the nodes; null as size says."
  default     = null
}

variable "elasticache_node_type" {
  type        = string
  description = "Class of the cache's nodes; null as size says."
  default     = null
}

variable "deletion_protection" {
  type        = bool
  description = "Refuse to delete the database and the load balancer, and a bucket with objects in it."
  default     = true
  nullable    = false
}

variable "ballast_version" {
  type        = string
  description = "Version of the server; null as the chart says."
  default     = null
}

variable "settings" {
  type        = map(string)
  description = "Further settings of the server, by their names in its help, such as rate-limit. Nothing secret."
  default     = {}
  nullable    = false
}
