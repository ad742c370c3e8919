# Each wrong input stops at plan time, with its own sentence and nothing else:
# a run fails when another check than the expected one does.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_route53_zone" {
    defaults = { name = "example.com" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

mock_provider "helm" {}

mock_provider "kubernetes" {}

variables {
  namespace                 = "acme"
  domain_name               = "example.com"
  subdomain                 = "ballast"
  zone_id                   = "Z123"
  allowed_inbound_cidr      = ["203.0.113.0/24"]
  allowed_inbound_ipv6_cidr = []
}

run "right" {
  command = plan
  assert {
    condition     = output.url == "https://ballast.example.com"
    error_message = "got ${output.url}"
  }
  assert {
    condition     = output.bucket_queue_name == null
    error_message = "a queue that nobody asked for"
  }
}

run "namespace_too_long" {
  command = plan
  variables {
    namespace = "a-name-that-is-far-too-long"
  }
  expect_failures = [var.namespace]
}

run "namespace_with_capitals" {
  command = plan
  variables {
    namespace = "Acme"
  }
  expect_failures = [var.namespace]
}

run "namespace_that_ends_in_a_dash" {
  command = plan
  variables {
    namespace = "acme-"
  }
  expect_failures = [var.namespace]
}

run "domain_with_a_scheme" {
  command = plan
  variables {
    domain_name = "https://example.com"
  }
  expect_failures = [var.domain_name]
}

run "domain_of_another_zone" {
  command = plan
  variables {
    domain_name = "example.org"
  }
  expect_failures = [terraform_data.inputs]
}

run "malformed_block" {
  command = plan
  variables {
    allowed_inbound_cidr = ["203.0.113.7/24"]
  }
  expect_failures = [var.allowed_inbound_cidr]
}

run "ipv4_among_ipv6" {
  command = plan
  variables {
    allowed_inbound_ipv6_cidr = ["0.0.0.0/0"]
  }
  expect_failures = [var.allowed_inbound_ipv6_cidr]
}

run "open_endpoint_without_blocks" {
  command = plan
  variables {
    kubernetes_public_access = true
  }
  expect_failures = [terraform_data.inputs]
}

run "endpoint_open_to_the_world" {
  command = plan
  variables {
    kubernetes_public_access       = true
    kubernetes_public_access_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [check.endpoint]
}

run "old_kubernetes" {
  command = plan
  variables {
    eks_cluster_version = "1.28"
  }
  expect_failures = [var.eks_cluster_version]
}

run "newer_kubernetes_than_we_know" {
  command = plan
  variables {
    eks_cluster_version = "1.41"
  }
}

run "unknown_size" {
  command = plan
  variables {
    size = "huge"
  }
  expect_failures = [var.size]
}

run "network_too_small" {
  command = plan
  variables {
    network_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.network_cidr]
}

run "network_without_subnets" {
  command = plan
  variables {
    network_id = "vpc-1"
  }
  expect_failures = [terraform_data.inputs]
}

run "key_that_is_none" {
  command = plan
  variables {
    kms_key_arn = "alias/acme"
  }
  expect_failures = [var.kms_key_arn]
}

run "engine_that_is_none" {
  command = plan
  variables {
    database_engine_version = "8.0"
  }
  expect_failures = [var.database_engine_version]
}
