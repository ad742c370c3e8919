mock_provider "helm" {}

run "version_by_its_other_name" {
  command = plan
  variables {
    license       = "anything"
    wandb_version = "0.48.1"
    settings      = { url = "https://ballast.example.com" }
  }
  assert {
    condition     = yamldecode(helm_release.this.values[0]).image.tag == "0.48.1"
    error_message = "the version does not reach the image"
  }
  assert {
    condition     = !strcontains(helm_release.this.values[0], "anything")
    error_message = "the license is among the values"
  }
}

run "two_versions" {
  command = plan
  variables {
    wandb_version   = "0.48.1"
    ballast_version = "0.48.1"
  }
  expect_failures = [helm_release.this]
}

run "a_secret_among_the_settings" {
  command = plan
  variables {
    settings = { database-password = "hunter2" }
  }
  expect_failures = [var.settings]
}

run "port_of_nobody" {
  command = plan
  variables {
    node_port = 80
  }
  expect_failures = [var.node_port]
}
