package service

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// key is what the servers here take as credentials.
func key(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "ballasttest", SecretAccessKey: "not a secret at all"}, nil
}
