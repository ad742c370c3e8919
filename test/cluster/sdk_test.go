package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/service"
)

// TestSDK runs the scenarios of test/sdk, unchanged, on servers that keep
// everything in a real MariaDB, S3 and Redis. It takes as long as they do, so
// that it runs only when BALLAST_TEST_CLUSTER_SDK names the Pythons of the
// environments with the SDK, with colons between (make test-cluster).
// BALLAST_TEST_CLUSTER_FILES chooses among the scenarios.
func TestSDK(t *testing.T) {
	pythons := os.Getenv("BALLAST_TEST_CLUSTER_SDK")
	if pythons == "" {
		t.Skip("BALLAST_TEST_CLUSTER_SDK names no Python: make test-cluster")
	}
	s3, redis := service.S3(t), service.StartRedis(t)
	db, owner := service.StartMariaDB(t)
	const user, password = "sdk", "no-secret"
	db.Exec(t, "CREATE USER sdk@'%' IDENTIFIED BY '"+password+"'", "GRANT ALL ON *.* TO sdk@'%'") // each server has a database of its own
	host, port, _ := strings.Cut(owner.Addr, ":")
	id, err := s3.AWS.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	services, err := json.Marshal(map[string]any{
		"mysql":  map[string]string{"host": host, "port": port, "user": user, "password": password},
		"bucket": fmt.Sprintf("s3://%s:%s@%s/%s?path-style=true", id.AccessKeyID, strings.ReplaceAll(id.SecretAccessKey, " ", "%20"), strings.TrimPrefix(s3.Endpoint, "http://"), s3.Bucket),
		"redis":  redis.URL})
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"}
	if files := strings.Fields(os.Getenv("BALLAST_TEST_CLUSTER_FILES")); len(files) > 0 {
		args = append(args, files...)
	} else {
		args = append(args, "test/sdk")
	}
	for python := range strings.SplitSeq(pythons, ":") {
		cmd := exec.CommandContext(t.Context(), python, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "BALLAST_BIN="+ballast, "BALLAST_TEST_CLUSTER="+string(services))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", python, err, out)
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		t.Log(python, lines[len(lines)-1])
	}
}
