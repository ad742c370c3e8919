package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// value returns a setting as Load found it.
func value(t *testing.T, c *Config, name string) Value {
	t.Helper()
	for _, v := range c.Values {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no setting %s", name)
	return Value{}
}

func TestDefaults(t *testing.T) {
	c, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.URL != "http://127.0.0.1:8080" || c.Database != "" || !c.Migrate || !c.Jobs ||
		c.CrashAfter != 5*time.Minute || c.IngestInflight != 32<<20 || c.SessionLifetime != 30*24*time.Hour {
		t.Errorf("defaults: %+v", c)
	}
	if len(c.Values) != len(Table()) {
		t.Errorf("%d values, %d settings", len(c.Values), len(Table()))
	}
}

func TestOrder(t *testing.T) {
	file := writeFile(t, "ballast.yaml", "listen: :3\nlog-level: warn\njobs: \"off\"\ncrash-after: 7m\nsecret-key: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]\n")
	src := Sources{
		Flags:  map[string]string{"listen": ":1", "config": file},
		Env:    []string{"BALLAST_LISTEN=:2", "BALLAST_LOG_LEVEL=error", "LISTEN=:9", "BALLAST_DATA="},
		System: map[string]string{"crash-after": "8m", "rate-limit": "5"},
	}
	c, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]string{}
	for _, v := range c.Values {
		if v.Source != "default" {
			got[v.Name] = [2]string{v.Text, v.Source}
		}
	}
	want := map[string][2]string{
		"config":      {file, "flag --config"},
		"listen":      {":1", "flag --listen"},
		"log-level":   {"error", "BALLAST_LOG_LEVEL"},
		"jobs":        {"off", "file ballast.yaml"},
		"crash-after": {"7m", "file ballast.yaml"},
		"secret-key":  {strings.Repeat("a", 32) + "," + strings.Repeat("b", 32), "file ballast.yaml"},
		"rate-limit":  {"5", "system settings"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if len(c.SecretKeys) != 2 || c.RateLimit != 5 || c.URL != "http://localhost:1" {
		t.Errorf("typed values: %+v", c)
	}
}

func TestMistakes(t *testing.T) {
	const password = "hunter2-hunter2"
	tests := []struct {
		name string
		env  []string
		file string
		want []string // each in the error, in this order; empty: none
	}{
		{"unknown name", []string{"BALLAST_LISTN=:1"}, "", []string{"BALLAST_LISTN", "did you mean BALLAST_LISTEN?"}},
		{"nothing near", []string{"BALLAST_QWERTYUIOPASDF=1"}, "", []string{"BALLAST_QWERTYUIOPASDF", "no such setting; ballast config"}},
		{"several at once", []string{"BALLAST_LISTEN=8080", "BALLAST_JOBS=maybe", "BALLAST_BODY_LIMIT=lots"}, "",
			[]string{"3 mistakes", "listen (BALLAST_LISTEN)", "jobs (BALLAST_JOBS)", "body-limit"}},
		{"file: unknown", nil, "listne: :1\n", []string{"listne (file", "did you mean listen?"}},
		{"file: config in config", nil, "config: x\n", []string{"config (file"}},
		{"file: nested", nil, "listen: {port: 1}\n", []string{"listen (file"}},
		{"file: no YAML", nil, "database: [" + password + "\n", []string{"config (flag --config)", "line"}},
		{"injected by Kubernetes", []string{"BALLAST_PORT=tcp://10.0.0.1:80", "BALLAST_SERVICE_HOST=10.0.0.1", "BALLAST_SERVICE_PORT=80", "BALLAST_SERVICE_PORT_HTTP=80",
			"BALLAST_PORT_80_TCP=tcp://10.0.0.1:80", "BALLAST_PORT_80_TCP_PROTO=tcp", "BALLAST_PORT_80_TCP_ADDR=10.0.0.1", "BALLAST_WEB_SERVICE_HOST=x", "BALLAST_WEB_PORT=tcp://x:1"}, "", nil},
		{"a port that is not injected", []string{"BALLAST_PORT=8080"}, "", []string{"BALLAST_PORT: there is no such setting"}},
		{"not there yet", []string{"BALLAST_LDAP_ADDRESS=ldaps://x", "BALLAST_LDAP_BIND_PASSWORD=" + password}, "", []string{"ldap-address (BALLAST_LDAP_ADDRESS)", "not supported yet", "ldap-bind-password (BALLAST_LDAP_BIND_PASSWORD)"}},
		{"not there yet, by W&B's name", []string{"BALLAST_WANDB_ENV=1", "BUCKET=s3://b", "NOTIFICATIONS_QUEUE=sqs://q", "LOCAL_LDAP_ADDRESS=ldaps://x"}, "",
			[]string{"notifications-queue (NOTIFICATIONS_QUEUE)", "ldap-address (LOCAL_LDAP_ADDRESS)"}},
		{"not there yet, at its default", []string{"BALLAST_WANDB_ENV=1", "BUCKET_QUEUE=internal://", "GORILLA_DISABLE_PERSONAL_ENTITY=false", "AWS_REGION=eu-west-1"}, "", nil},
		{"W&B's names without being asked", []string{"HOST=nonsense://", "BUCKET=s3://b"}, "", nil},
		{"a bucket of others", []string{"BALLAST_BUCKET=s3://ok, gs://" + password}, "", []string{"bucket (BALLAST_BUCKET)", "s3://"}},
		{"a queue of others", []string{"BALLAST_BUCKET_QUEUE=pubsub://x"}, "", []string{"bucket-queue (BALLAST_BUCKET_QUEUE)", "sqs://"}},
		{"a queue of jobs of others", []string{"BALLAST_QUEUE=kafka://x"}, "", []string{"queue (BALLAST_QUEUE)", "sqs://"}},
		{"redis without a scheme", []string{"BALLAST_REDIS=" + password}, "", []string{"redis (BALLAST_REDIS)", "rediss://"}},
		{"secrets manager", []string{"BALLAST_DATABASE=secretsmanager:db#password"}, "", []string{"database (BALLAST_DATABASE)", "secretsmanager: is not supported yet"}},
		{"absent file", []string{"BALLAST_DATABASE=file:/nonexistent/x"}, "", []string{"database (BALLAST_DATABASE)", "/nonexistent/x"}},
		{"secret: database", []string{"BALLAST_DATABASE=" + password}, "", []string{"database"}},
		{"secret: key", []string{"BALLAST_SECRET_KEY=" + password}, "", []string{"secret-key", "at least 32"}},
		{"secret: url database", []string{"BALLAST_DATABASE=mysql://u:" + password + "@h/db?ssl-ca=x"}, "", []string{"ssl-ca"}},
		{"url with a path", []string{"BALLAST_URL=https://h/sub"}, "", []string{"url (BALLAST_URL)", "root"}},
		{"zero", []string{"BALLAST_CRASH_AFTER=0s"}, "", []string{"crash-after", "above 0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := Sources{Env: tt.env}
			if tt.file != "" {
				src.Flags = map[string]string{"config": writeFile(t, "b.yaml", tt.file)}
			}
			_, err := Load(src)
			if len(tt.want) == 0 {
				if err != nil {
					t.Errorf("Load: %v", err)
				}
				return
			}
			var m Mistakes
			if !errors.As(err, &m) {
				t.Fatalf("Load: %v, want mistakes", err)
			}
			text := err.Error()
			if strings.Contains(text, password) {
				t.Errorf("the error shows the secret: %s", text)
			}
			for _, w := range tt.want {
				if _, rest, ok := strings.Cut(text, w); !ok {
					t.Errorf("the error lacks %q (in order):\n%s", w, err)
				} else if !strings.Contains(tt.want[0], "mistakes") {
					text = rest
				}
			}
		})
	}
}

func TestAliases(t *testing.T) {
	c, err := Load(Sources{Env: []string{"BALLAST_WANDB_ENV=1", "HOST=https://wandb.example.com/", "MYSQL=mysql://u:p%40ss@db/wandb?tls=true",
		"SESSION_LENGTH=48", "LICENSE=eyJhbGciOi", "BALLAST_SESSION_LIFETIME=", "LOGGING_ENABLED=true"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.URL != "https://wandb.example.com" || c.Database != "u:p@ss@tcp(db:3306)/wandb?tls=true" || c.SessionLifetime != 48*time.Hour {
		t.Errorf("URL %q, database %q, session %v", c.URL, c.Database, c.SessionLifetime)
	}
	if len(c.Warnings) != 1 || !strings.HasPrefix(c.Warnings[0], "LICENSE is ignored") || strings.Contains(c.Warnings[0], "eyJ") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	c, err = Load(Sources{Env: []string{"BALLAST_WANDB_ENV=1", "HOST=https://a", "BALLAST_URL=https://b"}})
	if err != nil || c.URL != "https://b" {
		t.Errorf("both names: %q, %v", c.URL, err)
	}
}

func TestFileValueAndMask(t *testing.T) {
	secret := strings.Repeat("s", 40)
	c, err := Load(Sources{Env: []string{"BALLAST_SECRET_KEY=file:" + writeFile(t, "k", secret+"\n"+strings.Repeat("t", 32)+"\n"), "BALLAST_LOG_FORMAT=json"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.SecretKeys) != 2 || string(c.SecretKeys[0].Secret) != secret || c.SecretKeys[0].ID == c.SecretKeys[1].ID || len(c.SecretKeys[0].ID) != 8 {
		t.Errorf("keys: %+v", c.SecretKeys)
	}
	if got := value(t, c, "secret-key").Shown(); got != "********" {
		t.Errorf("the secret is shown as %q", got)
	}
	if got := value(t, c, "database").Shown(); got != "" {
		t.Errorf("an empty secret is shown as %q", got)
	}
	if got := value(t, c, "log-format").Shown(); got != "json" || !c.LogJSON {
		t.Errorf("log-format is shown as %q", got)
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		setting, text string
		ok            bool
	}{
		{"listen", ":0", true}, {"listen", "[::1]:80", true}, {"listen", "h:70000", false}, {"listen", "h:-1", false}, {"listen", "h", false},
		{"url", "ballast.example.com", true}, {"url", "ftp://x", false}, {"url", "http://u:p@x", false}, {"url", "http://x?y", false},
		{"body-limit", "8MB", true}, {"body-limit", "1.5MiB", true}, {"body-limit", "-1", false}, {"body-limit", "0", false}, {"body-limit", "9e30", false}, {"body-limit", "NaN", false},
		{"crash-after", "90s", true}, {"crash-after", "1d", true}, {"crash-after", "5", false}, {"crash-after", "-5m", false}, {"crash-after", "99999d", false},
		{"rate-limit", "2.5", true}, {"rate-limit", "-1", false}, {"rate-limit", "Inf", false},
		{"trusted-proxies", "10.0.0.0/8", false}, {"trusted-proxies", "", true},
		{"frame-ancestors", "http://localhost:8888 https://*.example.com:*", true}, {"frame-ancestors", "https://a.example.com/path", false},
		{"frame-ancestors", "*", false}, {"frame-ancestors", "https://x; script-src *", false}, {"frame-ancestors", "javascript:x", false},
		{"metrics-token", "short", false}, {"log-level", "DEBUG", false}, {"migrate", "off", true}, {"migrate", "false", false},
	}
	for _, tt := range tests {
		_, err := Load(Sources{Flags: map[string]string{tt.setting: tt.text}})
		if (err == nil) != tt.ok {
			t.Errorf("%s=%s: %v, want ok %v", tt.setting, tt.text, err, tt.ok)
		}
	}
}

func TestDefaultURL(t *testing.T) {
	for listen, want := range map[string]string{":8080": "http://localhost:8080", "0.0.0.0:1": "http://localhost:1", "[::]:1": "http://localhost:1",
		"h:2": "http://h:2", "[::1]:3": "http://[::1]:3", "h:0": ""} {
		if got := DefaultURL(listen); got != want {
			t.Errorf("DefaultURL(%s) = %q, want %q", listen, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	names, aliases := map[string]bool{}, map[string]string{}
	for _, s := range Table() {
		if names[s.Name] || s.Help == "" || s.Type == "" || (s.set == nil) != (s.Planned != "") {
			t.Errorf("setting %+v is there twice or incomplete", s)
		}
		names[s.Name] = true
		for _, a := range s.Aliases {
			if aliases[a] != "" || strings.HasPrefix(a, "BALLAST_") {
				t.Errorf("alias %s is of %s and of %s", a, s.Name, aliases[a])
			}
			aliases[a] = s.Name
		}
	}
}

func TestSecretFile(t *testing.T) {
	dir := t.TempDir()
	results := make(chan string, 8)
	for range cap(results) {
		go func() {
			keys, err := MakeSecretFile(dir)
			if err != nil {
				results <- err.Error()
				return
			}
			results <- keys[0].ID
		}()
	}
	first := <-results
	for range cap(results) - 1 {
		if got := <-results; got != first {
			t.Errorf("two processes made %s and %s", first, got)
		}
	}
	info, err := os.Stat(filepath.Join(dir, SecretFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	if err := os.WriteFile(filepath.Join(dir, SecretFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := MakeSecretFile(dir); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("an empty file: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{"10MiB", "5m", "h:1", "mysql://u:p@h/d", "a,b", "file:", "1e308", "\x00", "30d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "file:") {
			return
		}
		flags := map[string]string{}
		for _, s := range Table() {
			if s.Name != "config" {
				flags[s.Name] = text
			}
		}
		Load(Sources{Flags: flags})
	})
}

// TestRead: what a file: value names is read again when it is asked for.
func TestRead(t *testing.T) {
	path := writeFile(t, "password", "the first\n")
	c, err := Load(Sources{Env: []string{"BALLAST_DATABASE_PASSWORD=file:" + path, "BALLAST_DATABASE=mysql://u@h/db?ca=/etc/ca.pem"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Database != "u:@tcp(h:3306)/db?ca=%2Fetc%2Fca.pem" {
		t.Errorf("database %q", c.Database)
	}
	for _, want := range []string{"the first", "the second"} {
		if err := os.WriteFile(path, []byte(want+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Read("database-password"); got != want || err != nil {
			t.Errorf("Read = %q, %v, want %q", got, err, want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read("database-password"); err == nil || !strings.Contains(err.Error(), "database-password") {
		t.Errorf("without the file: %v", err)
	}
}
