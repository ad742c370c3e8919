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

// Moto is a server with S3 and SQS that delivers the first's notices to the
// second. It checks no signatures.
type Moto struct {
	*process.Process
	Endpoint string
	AWS      aws.Config // of both services
}

// StartMoto starts a moto without buckets and queues.
func StartMoto(t testing.TB) *Moto {
	t.Helper()
	n := port(t)
	m := &Moto{Endpoint: fmt.Sprintf("http://127.0.0.1:%d", n)}
	m.AWS = aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(key), BaseEndpoint: &m.Endpoint}
	exe := filepath.Join(Cache(t), "moto", "bin", "moto_server")
	if _, err := os.Stat(exe); err != nil {
		t.Fatalf("%s is not installed: build/need.sh services", exe)
	}
	m.Process = run(t, exec.Command(exe, "-H", "127.0.0.1", "-p", fmt.Sprint(n)), func() error {
		resp, err := http.Get(m.Endpoint + "/moto-api/")
		if err == nil {
			resp.Body.Close()
		}
		return err
	})
	return m
}
