terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
    # Values are one document, so that Helm's second and third provider both do.
    helm = {
      source  = "hashicorp/helm"
      version = ">= 2.12"
    }
  }
}
