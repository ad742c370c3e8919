package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ask sends a request with a key and returns its status.
func ask(t *testing.T, url, key string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/graphql", strings.NewReader(`{"query":"{viewer{username}}"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestAdminBesideServer: what admin writes straight into the store holds on a
// running server within five seconds, and no log shows a secret.
func TestAdminBesideServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveIn(t, data, "--log-level", "debug")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	must(t, data, "", "user", "create", "bob", "--email", "bob@example.com")
	keys := map[string]string{}
	for _, user := range []string{"ada", "bob"} {
		keys[user] = strings.TrimSpace(must(t, data, "", "key", "create", "--user", user))
		if got := ask(t, s.url, keys[user]); got != http.StatusOK {
			t.Fatalf("the new key of %s: %d", user, got)
		}
	}
	must(t, data, "", "key", "revoke", "1")
	must(t, data, "", "user", "disable", "bob")
	began := time.Now()
	for _, user := range []string{"ada", "bob"} {
		for ask(t, s.url, keys[user]) != http.StatusUnauthorized {
			if time.Since(began) > 5*time.Second {
				t.Fatalf("the key of %s is still good after %v", user, time.Since(began))
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	s.stop()
	secret, err := os.ReadFile(filepath.Join(data, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{keys["ada"], keys["bob"], strings.TrimSpace(string(secret))} {
		if strings.Contains(s.log.String(), text) || strings.Contains(s.out.String(), text) {
			t.Errorf("the log shows the secret %.8s…", text)
		}
	}
}

// TestSecretWarnings: a start goes on with a secret key that others may read,
// or that is not the one of the store's keys, and says so.
func TestSecretWarnings(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	must(t, data, "", "key", "create", "--user", "ada")
	file := filepath.Join(data, "secret.key")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	s := serveIn(t, data)
	for _, want := range []string{"mode 0644", "1 API keys are stored under the secret key"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, s.log)
		}
	}
}
