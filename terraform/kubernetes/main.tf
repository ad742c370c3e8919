resource "helm_release" "this" {
  name             = "ballast"
  namespace        = var.namespace
  create_namespace = true
  chart            = "${path.module}/../../deploy/charts/ballast"
  timeout          = 600
  atomic           = true

  values = [yamlencode({
    size            = var.size
    image           = { tag = try(coalesce(var.ballast_version, var.wandb_version), "") }
    service         = { nodePort = try(coalesce(var.node_port), 0) }
    settings        = var.settings
    envSecret       = try(coalesce(var.env_secret), "")
    secretKeySecret = try(coalesce(var.secret_key_secret), "")
  })]

  lifecycle {
    precondition {
      condition     = var.ballast_version == null || var.wandb_version == null
      error_message = "ballast_version and wandb_version are one input under two names: give one of them."
    }
  }
}
