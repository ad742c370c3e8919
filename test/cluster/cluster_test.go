// Package cluster drives several replicas of the binary on the services that
// they share: a real MariaDB, a store that speaks S3, a Redis.
package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/ballast-ml/ballast/internal/process"
	"github.com/ballast-ml/ballast/test/service"
)

// ballast is the program under test.
var ballast string

func TestMain(m *testing.M) { service.Main(m, &ballast) }

// cluster is what replicas share, and one user, ada.
type cluster struct {
	t     *testing.T
	s3    *service.Store
	redis *service.Redis
	mysql *service.MariaDB
	env   []string // the settings of each replica
	key   string   // ada's
}

// newCluster starts the services and n replicas, all at the same time on a
// database without a schema. more are further variables of their environment.
func newCluster(t *testing.T, n int, more ...string) (c *cluster, replicas []*replica) {
	t.Helper()
	if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
		t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
	}
	c = &cluster{t: t, s3: service.S3(t), redis: service.StartRedis(t)}
	var owner *mysql.Config
	c.mysql, owner = service.StartMariaDB(t)
	id, err := c.s3.AWS.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plain := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "BALLAST_") || strings.HasPrefix(v, "AWS_")
	})
	c.env = append(plain,
		"BALLAST_DATABASE="+owner.FormatDSN(),
		"BALLAST_BUCKET="+fmt.Sprintf("s3://%s?endpoint=%s&path-style=true&region=%s", c.s3.Bucket, c.s3.Endpoint, c.s3.AWS.Region),
		"BALLAST_REDIS="+c.redis.URL,
		"BALLAST_SECRET_KEY="+strings.Repeat("cluster-", 5),
		"AWS_ACCESS_KEY_ID="+id.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+id.SecretAccessKey)
	c.env = append(c.env, more...)
	for range n {
		replicas = append(replicas, c.replica())
	}
	for _, r := range replicas {
		r.begin()
	}
	for _, r := range replicas {
		r.await()
	}
	c.admin("user", "create", "ada", "--email", "ada@example.com")
	var made struct{ Key string }
	if err := json.Unmarshal(c.admin("key", "create", "--user", "ada", "--json"), &made); err != nil || made.Key == "" {
		t.Fatalf("no key was made: %v", err)
	}
	c.key = made.Key
	return c, replicas
}

// admin runs "ballast admin".
func (c *cluster) admin(args ...string) []byte {
	c.t.Helper()
	cmd := exec.Command(ballast, append([]string{"admin", "--data", c.t.TempDir()}, args...)...)
	cmd.Env = c.env
	var fault bytes.Buffer
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("admin %v: %v\n%s", args, err, fault.Bytes())
	}
	return out
}

// replica is one server of the cluster. It keeps nothing: each start has an
// empty folder.
type replica struct {
	*process.Process
	c    *cluster
	port int
	url  string
	log  string
	verb string // serve or worker
}

// replica gives a server its address. Nothing runs yet.
func (c *cluster) replica() *replica {
	c.t.Helper()
	port, err := process.FreePort()
	if err != nil {
		c.t.Fatal(err)
	}
	r := &replica{c: c, port: port, verb: "serve", url: fmt.Sprintf("http://127.0.0.1:%d", port), log: filepath.Join(c.t.TempDir(), "log")}
	c.t.Cleanup(func() {
		if r.Process == nil {
			return
		}
		r.Kill()
		if c.t.Failed() {
			c.t.Logf("the log of %s ends:%s", r.url, r.Log())
		}
	})
	return r
}

// start starts the server and waits until it is ready.
func (r *replica) start() {
	r.c.t.Helper()
	r.begin()
	r.await()
}

func (r *replica) begin() {
	r.c.t.Helper()
	cmd := exec.Command(ballast, r.verb, "--data", r.c.t.TempDir(), "--listen", fmt.Sprintf("127.0.0.1:%d", r.port), "--url", r.url)
	if r.verb == "worker" {
		cmd.Args = append(cmd.Args, "--jobs", "on")
	}
	cmd.Env = r.c.env
	var err error
	if r.Process, err = process.Start(cmd, r.log); err != nil {
		r.c.t.Fatal(err)
	}
}

func (r *replica) await() {
	r.c.t.Helper()
	err := r.Wait(func() error {
		resp, err := http.Get(r.url + "/ready")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("/ready: %s", resp.Status)
		}
		return nil
	})
	if err != nil {
		r.c.t.Fatal(err)
	}
}

// post sends a body as ada.
func (r *replica) post(path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, r.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.SetBasicAuth("api", r.c.key)
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// graph asks and decodes into data, which is the reply's "data".
func (r *replica) graph(data any, query string, args ...any) {
	r.c.t.Helper()
	body, err := json.Marshal(map[string]string{"query": fmt.Sprintf(query, args...)})
	if err != nil {
		r.c.t.Fatal(err)
	}
	code, text, err := r.post("/graphql", body)
	if err != nil || code != http.StatusOK {
		r.c.t.Fatalf("%s: %d %.300s %v", query, code, text, err)
	}
	reply := struct {
		Data   any
		Errors []any
	}{Data: data}
	if err := json.Unmarshal(text, &reply); err != nil || len(reply.Errors) > 0 {
		r.c.t.Fatalf("%s: %v %.300s", query, err, text)
	}
}
