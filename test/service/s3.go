package service

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ballast-ml/ballast/internal/process"
)

// Store is a server that speaks S3, with one bucket. It checks signatures,
// expiry and Content-MD5, as Amazon's does.
type Store struct {
	*process.Process
	Endpoint string // http://127.0.0.1:port
	Bucket   string
	AWS      aws.Config // credentials and region that it takes
}

// S3 starts a versitygw on an empty folder.
func S3(t testing.TB) *Store {
	t.Helper()
	dir, addr := t.TempDir(), fmt.Sprintf("127.0.0.1:%d", port(t))
	for _, name := range []string{"s3", "iam"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := &Store{Endpoint: "http://" + addr, Bucket: "ballast-test"}
	s.AWS = aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(key)}
	if err := os.Mkdir(filepath.Join(dir, "s3", s.Bucket), 0o700); err != nil { // a folder is a bucket
		t.Fatal(err)
	}
	id, _ := key(t.Context())
	cmd := exec.Command(tool(t, "versitygw"), "--access", id.AccessKeyID, "--secret", id.SecretAccessKey, "--port", addr,
		"--region", s.AWS.Region, "--health", "/health", "--quiet", "--iam-dir", filepath.Join(dir, "iam"), "posix", filepath.Join(dir, "s3"))
	s.Process = run(t, cmd, func() error {
		resp, err := http.Get(s.Endpoint + "/health")
		if err == nil {
			resp.Body.Close()
		}
		return err
	})
	return s
}
