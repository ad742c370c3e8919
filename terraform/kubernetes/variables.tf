variable "license" {
  type        = string
  description = "Accepted, without effect: Ballast needs none."
  default     = null
}

variable "ballast_version" {
  type        = string
  description = "Version of the server; null as the chart says. Another one upgrades it."
  default     = null
}

variable "wandb_version" {
  type        = string
  description = "The same, under the founding page's name."
  default     = null
}

variable "namespace" {
  type        = string
  description = "Namespace of Kubernetes; made when there is none."
  default     = "ballast"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace is 1 to 63 lowercase letters, digits and dashes, no dash first or last."
  }
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

variable "settings" {
  type        = map(string)
  description = "Settings of the server by their names in its help, such as url, database, bucket. Nothing secret: these are in the state."
  default     = {}
  nullable    = false
  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[a-z][a-z-]*$", name))])
    error_message = "settings has names as in the server's help, such as rate-limit."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), ["secret-key", "database-password", "metrics-token", "license"])) == 0
    error_message = "settings has no secrets, which would be in the state: name a Secret of Kubernetes with them in env_secret."
  }
}

variable "env_secret" {
  type        = string
  description = "Secret of Kubernetes with further environment variables, such as BALLAST_DATABASE_PASSWORD; null for none."
  default     = null
}

variable "secret_key_secret" {
  type        = string
  description = "Secret of Kubernetes with the key secret-key; null lets the chart make one."
  default     = null
}

variable "node_port" {
  type        = number
  description = "Port of every node that leads to the server; null for none."
  default     = null
  validation {
    condition     = var.node_port == null || try(var.node_port >= 30000 && var.node_port <= 32767, false)
    error_message = "node_port is 30000 to 32767."
  }
}
