// Package access_test walks every route and every GraphQL field of the real
// binary with each role and compares who may with one table, matrix.tsv. A new
// route or field without a row fails, and so does a row without one.
package access_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
)

// roles are the columns of the matrix.
var roles = []string{"nobody", "disabled", "expired", "stranger", "viewer", "member", "service", "teamadmin", "orgadmin", "admin", "admin+"}

// store is a running server with the cast: organization acme with team red,
// which has the project secret with the run r1; and team blue beside it.
type store struct {
	t    *testing.T
	url  string
	data string
	bin  string
	keys map[string]string // by role, without nobody
	file string            // the id of r1's file f.txt
}

// binary returns the server's binary, built once unless BALLAST_BIN names one.
func binary(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("BALLAST_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "ballast")
	cmd := exec.Command("go", "build", "-o", bin, "../../cmd/ballast")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return bin
}

func start(t *testing.T) *store {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	s := &store{t: t, url: "http://" + addr, data: filepath.Join(t.TempDir(), "data"), bin: binary(t), keys: map[string]string{}}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(s.bin, "serve", "--data", s.data, "--listen", addr, "--url", s.url)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		text, _ := os.ReadFile(log.Name())
		if bytes.Contains(text, []byte("panic")) {
			t.Errorf("the server panicked:\n%s", text)
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(s.url + "/ready")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				break
			}
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the server did not start:\n%s", text)
		}
	}
	s.cast()
	return s
}

func (s *store) admin(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.bin, append([]string{"admin", "--data", s.data}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("ballast admin %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// key makes a key of a user and returns its secret.
func (s *store) key(user string, flags ...string) string {
	s.t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(s.admin(append([]string{"key", "create", "--user", user, "--json"}, flags...)...)), &out); err != nil {
		s.t.Fatal(err)
	}
	for _, v := range out {
		if text, ok := v.(string); ok && len(text) >= 40 {
			return text
		}
	}
	s.t.Fatalf("key create printed no secret")
	return ""
}

func (s *store) cast() {
	s.t.Helper()
	for _, name := range []string{"boss", "disabled", "expired", "stranger", "viewer", "member", "teamadmin", "orgadmin"} {
		s.admin("user", "create", name, "--email", name+"@example.com")
	}
	s.admin("user", "create", "root", "--email", "root@example.com", "--admin")
	s.admin("org", "create", "acme", "--owner", "orgadmin")
	s.admin("team", "create", "red", "--owner", "teamadmin", "--org", "acme")
	s.admin("team", "create", "blue", "--owner", "stranger")
	for user, role := range map[string]string{"viewer": "viewer", "member": "member", "disabled": "admin", "expired": "admin"} {
		s.admin("team", "add", "red", user, "--role", role)
	}
	s.admin("service", "create", "robot", "--team", "red")
	for _, role := range roles[1:] {
		switch user := role; role {
		case "admin", "admin+":
			s.keys[role] = s.key("root")
		case "service":
			s.keys[role] = s.key("robot")
		case "expired":
			s.keys[role] = s.key(user, "--expires", "1s")
		default:
			s.keys[role] = s.key(user)
		}
	}
	s.admin("user", "disable", "disabled")
	time.Sleep(1100 * time.Millisecond) // the expired key's life
	s.newRun("secret", "r0")
	s.must(s.graphql("member", `mutation { upsertBucket(input: {entityName: "red", modelName: "secret", name: "r1", host: "vm", config: "{\"_wandb\":{\"value\":{\"t\":{\"1\":[1]},\"branch_point\":{\"run_id\":\"r0\",\"step\":0}}}}"}) { inserted } }`, nil))
	s.newRun("secret", "r1")
	s.must(s.graphql("member", `mutation { notifyScriptableRunAlert(input: {entityName: "red", projectName: "secret", runName: "r1", title: "t", text: "x"}) { success } }`, nil))
	s.must(s.graphql("member", `mutation { upsertView(input: {entityName: "red", projectName: "secret", type: "project-view", name: "nw-first-v", displayName: "First", description: "d", spec: "{}"}) { inserted } }`, nil))
	s.file = s.upload("r1", "f.txt", "bytes")
	s.things()
}

// newRun makes a run of the member's in team red.
func (s *store) newRun(project, name string) {
	s.t.Helper()
	res := s.graphql("member", `mutation($p: String, $n: String) { upsertBucket(input: {entityName: "red", modelName: $p, name: $n, config: "{\"lr\":{\"value\":0.1},\"_wandb\":{\"value\":{\"t\":{\"1\":[1]}}}}", summaryMetrics: "{\"loss\":1}"}) { inserted } }`,
		map[string]any{"p": project, "n": name})
	if res.status != 200 || len(res.Errors) > 0 {
		s.t.Fatalf("making run %s: %d %s", name, res.status, res.raw)
	}
	body := `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":0,\"loss\":1}"]},"output.log":{"offset":0,"content":["hello"]}}}`
	if code, text := s.do("member", "POST", "/files/red/"+project+"/"+name+"/file_stream", body); code != 200 {
		s.t.Fatalf("logging to run %s: %d %s", name, code, text)
	}
}

func (s *store) request(role, method, path, body string) *http.Request {
	req, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if role != "nobody" {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("api:"+s.keys[role])))
	}
	if role == "admin+" {
		req.Header.Set("Use-Admin-Privileges", "true")
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (s *store) do(role, method, path, body string) (int, string) {
	s.t.Helper()
	client := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(s.request(role, method, path, body))
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return res.StatusCode, "" // goes on for ever
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(text)
}

type answer struct {
	status int
	raw    string
	Data   map[string]any
	Errors []struct{ Message string }
}

func (s *store) graphql(role, query string, variables map[string]any) answer {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables, "operationName": ""})
	if err != nil {
		s.t.Fatal(err)
	}
	status, text := s.do(role, "POST", "/graphql", string(body))
	a := answer{status: status, raw: text}
	if err := json.Unmarshal([]byte(text), &a); err != nil && status == 200 {
		s.t.Fatalf("the reply is not JSON: %s", text)
	}
	return a
}

func storageID(project, run string) string { return ballast.StorageID("red", project, run) }

func nodeID(kind string, id any) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%v", kind, id))
}
