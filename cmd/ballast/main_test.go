package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// buffer is a writer that a server and a test use at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// call runs one command line in this process.
func call(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e buffer
	code = run(t.Context(), args, world{Env: []string{"USER=tester"}, In: strings.NewReader(in), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// must runs an admin command that has to succeed and returns its output.
func must(t *testing.T, data, in string, args ...string) string {
	t.Helper()
	code, out, errs := call(t, in, append([]string{"admin", "--data", data}, args...)...)
	if code != exitOK {
		t.Fatalf("admin %v: code %d: %s", args, code, errs)
	}
	return out
}

// serving is a server of this process.
type serving struct {
	url      string
	out, log *buffer
	stop     func() int
}

func serveIn(t *testing.T, data string, flags ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{out: &buffer{}, log: &buffer{}}
	code := make(chan int, 1)
	go func() {
		args := append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, flags...)
		code <- run(ctx, args, world{Env: []string{"USER=tester"}, In: strings.NewReader(""), Out: s.out, Err: s.log})
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { s.stop() })
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s.url = notedURL(data)
		if s.url != "" && status(s.url+"/ready") == http.StatusOK {
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("the server is not ready; its log:\n%s", s.log)
		}
	}
}

func status(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveIn(t, data)
	if got := status(s.url + "/healthz"); got != http.StatusOK {
		t.Errorf("/healthz: %d", got)
	}
	if log := s.log.String(); !strings.Contains(log, s.url+"/setup?token=") {
		t.Errorf("the log of an empty store has no set-up link:\n%s", log)
	}
	code, _, errs := call(t, "", "serve", "--data", data, "--listen", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(errs, "another ballast serves the data folder") {
		t.Errorf("a second server on the folder: code %d: %s", code, errs)
	}
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com", "--admin")
	link := must(t, data, "", "user", "reset", "ada", "--json")
	if !strings.Contains(link, s.url+"/setup?token=rescue.") {
		t.Errorf("the rescue link does not lead to the running server: %s", link)
	}
	if code, out, errs := call(t, "", "doctor", "--data", data); code != exitOK {
		t.Errorf("doctor beside a sound server: code %d\n%s%s", code, out, errs)
	}
	begun := time.Now()
	if code := s.stop(); code != exitOK || time.Since(begun) > 10*time.Second {
		t.Errorf("the stop: code %d after %v; log:\n%s", code, time.Since(begun), s.log)
	}
	if got := status(s.url + "/healthz"); got != 0 {
		t.Errorf("after the stop /healthz answers %d", got)
	}
	s = serveIn(t, data)
	if log := s.log.String(); strings.Contains(log, "setup?token=") {
		t.Errorf("a store with users logs a set-up link:\n%s", log)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("the second stop: code %d", code)
	}
}

func TestServeMySQL(t *testing.T) {
	if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
		t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
	}
	data, dsn := filepath.Join(t.TempDir(), "data"), metatest.EmptyMySQL(t)
	s := serveIn(t, data, "--database", dsn)
	must(t, data, "", "--database", dsn, "user", "create", "ada", "--email", "ada@example.com", "--admin")
	must(t, data, "", "--database", dsn, "key", "create", "--user", "ada")
	if code, out, errs := call(t, "", "doctor", "--data", data, "--database", dsn); code != exitOK {
		t.Errorf("doctor: code %d\n%s%s", code, out, errs)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("the stop: code %d; log:\n%s", code, s.log)
	}
	if strings.Contains(s.log.String(), "root@") {
		t.Errorf("the log shows the database setting:\n%s", s.log)
	}
}

func TestQuickstart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveIn(t, data, "--quickstart")
	out := s.out.String()
	_, rest, _ := strings.Cut(out, "API key")
	key := strings.Fields(rest + " -")[0]
	if !strings.HasPrefix(key, "local-") || !strings.Contains(out, s.url) || !strings.Contains(out, "tester   password ") {
		t.Errorf("quickstart prints:\n%s", out)
	}
	if strings.Contains(s.log.String(), key) || strings.Contains(s.log.String(), "setup?token=") {
		t.Errorf("the log has the key or a set-up link:\n%s", s.log)
	}
	s.stop()
	s = serveIn(t, data, "--quickstart")
	if out := s.out.String(); strings.Contains(out, "local-") || !strings.Contains(out, s.url) {
		t.Errorf("the second quickstart prints:\n%s", out)
	}
	var users []shownUser
	if err := json.Unmarshal([]byte(must(t, data, "", "user", "list", "--json")), &users); err != nil {
		t.Fatal(err)
	}
	if len(users) != 1 || users[0].Name != "tester" || !users[0].Admin {
		t.Errorf("users: %+v", users)
	}
}

func TestUsage(t *testing.T) {
	data := filepath.Join(t.TempDir(), "none")
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"nonsense"}, exitUsage, "unknown command"},
		{[]string{"sevre"}, exitUsage, "did you mean serve?"},
		{[]string{"serve", "more"}, exitUsage, "takes no argument"},
		{[]string{"serve", "--dta", "x"}, exitUsage, "did you mean --data?"},
		{[]string{"admin", "nonsense"}, exitUsage, "unknown command"},
		{[]string{"serve", "--nonsense"}, exitUsage, "unknown flag"},
		{[]string{"serve", "--listen", "nonsense"}, exitUsage, "listen (flag --listen)"},
		{[]string{"admin", "--data", data, "user", "create", "--email", "e"}, exitUsage, "user create NAME"},
		{[]string{"admin", "--data", data, "user", "create", "n"}, exitUsage, `"email" not set`},
		{[]string{"admin", "--data", data, "user", "list"}, exitFailed, "there is no store in"},
		{[]string{"admin", "--data", data, "--log-level", "x", "user", "list"}, exitUsage, "log-level"},
	} {
		code, _, errs := call(t, "", tt.args...)
		if code != tt.code || !strings.Contains(errs, tt.want) || strings.Contains(errs, "goroutine") {
			t.Errorf("%v: code %d: %s; want code %d, %q", tt.args, code, errs, tt.code, tt.want)
		}
	}
	if exists(data) {
		t.Error("a command that failed made the data folder")
	}
	if code, out, _ := call(t, "", "version", "--json"); code != exitOK || !strings.Contains(out, `"version": "dev"`) {
		t.Errorf("version: %d %s", code, out)
	}
	if code, out, _ := call(t, "", "completion", "bash"); code != exitOK || !strings.Contains(out, "ballast") {
		t.Errorf("completion: %d, %d bytes", code, len(out))
	}
}

func TestConfig(t *testing.T) {
	secret := strings.Repeat("s3cr3t", 8)
	var out, errs buffer
	w := world{Env: []string{"BALLAST_SECRET_KEY=" + secret, "BALLAST_LISTN=x", "BALLAST_DATABASE=u:" + secret + "@tcp(h:1)/d"}, Out: &out, Err: &errs}
	if code := run(t.Context(), []string{"config", "--log-level", "warn"}, w); code != exitUsage {
		t.Errorf("with a mistake: code %d", code)
	}
	text := out.String()
	if strings.Contains(text+errs.String(), secret) || !strings.Contains(text, "********") || !strings.Contains(text, "flag --log-level") ||
		!strings.Contains(text, "http://127.0.0.1:8080") || !strings.Contains(errs.String(), "did you mean BALLAST_LISTEN?") {
		t.Errorf("config prints:\n%s%s", text, errs.String())
	}
	out = buffer{}
	w = world{Out: &out, Err: &errs}
	var all []shownSetting
	if code := run(t.Context(), []string{"config", "--json"}, w); code != exitOK || json.Unmarshal([]byte(out.String()), &all) != nil || len(all) < 10 {
		t.Errorf("config --json: code %d: %s", code, out.String())
	}
}

func TestDoctor(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "create", "ada", "--email", "a@example.com")
	must(t, data, "", "key", "create", "--user", "ada")
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(data, config.SecretFile), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, _ := call(t, "", "doctor", "--data", data)
	for _, want := range []string{"chmod 700", "chmod 600", "ballast admin user promote NAME", "it verifies every API key"} {
		if code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("doctor: code %d, lacks %q:\n%s", code, want, out)
		}
	}
	other := "BALLAST_SECRET_KEY=" + strings.Repeat("x", 32)
	var o, e buffer
	run(t.Context(), []string{"doctor", "--data", data, "--json"}, world{Env: []string{other}, Out: &o, Err: &e})
	if !strings.Contains(o.String(), "1 API keys are stored under the secret key") {
		t.Errorf("doctor with another secret key:\n%s", o.String())
	}
	if err := os.Remove(filepath.Join(data, config.SecretFile)); err != nil {
		t.Fatal(err)
	}
	code, _, errs := call(t, "", "serve", "--data", data, "--listen", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(errs, "restore") || exists(filepath.Join(data, config.SecretFile)) {
		t.Errorf("serve without its secret key: code %d: %s", code, errs)
	}
}
