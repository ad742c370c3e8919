output "service" {
  description = "Service of Kubernetes that leads to the server, as NAME.NAMESPACE."
  value       = "${helm_release.this.name}.${helm_release.this.namespace}"
}
