package s3blob_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/blobtest"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/test/service"
)

// TestSuite runs the contract of a bucket on a real server: each bucket is a
// prefix of its own.
func TestSuite(t *testing.T) {
	store := service.S3(t)
	var n atomic.Int32
	blobtest.Run(t, func(*testing.T, string) blob.Bucket {
		return s3blob.Open(s3blob.Options{AWS: store.AWS, Bucket: store.Bucket, Endpoint: store.Endpoint, PathStyle: true,
			Prefix: fmt.Sprintf("deep/%d", n.Add(1))})
	})
}
