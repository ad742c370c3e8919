package main

import (
	"archive/zip"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/internal/config"
)

// TestBundle plants secrets in every setting that may hold one, in the key
// file and in the log.
func TestBundle(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	key, err := os.ReadFile(filepath.Join(data, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	provider := write("provider", "planted-provider\n")
	providers := write("providers.yaml", "- {name: a, issuer: 'https://a.example.com', client-id: planted-no-secret, client-secret: 'file:"+provider+"'}\n- {name: b, issuer: 'https://b.example.com', client-id: c, client-secret: planted-inline}\n")
	log := write("log", "level=INFO msg=hello link=http://localhost/setup?token=planted.token-1\nredis says planted-redis is no password, planted-provider neither\nkey "+string(key)+"\n")
	settings := []string{"--redis", "redis://:planted-redis@127.0.0.1:1/0", "--metrics-token", "planted-metrics-token", "--oidc-issuer", "https://id.example.com",
		"--oidc-client-id", "me", "--oidc-secret", "planted-oidc", "--oidc-providers", "file:" + providers, "--database-password", "planted-database"}
	out := filepath.Join(dir, "bundle.zip")
	must(t, data, "", append([]string{"bundle", "--out", out, "--log", log}, settings...)...)
	files := unzip(t, out)
	for name, wants := range map[string][]string{"about.json": {`"version"`}, "settings.json": {`"metrics-token"`, "********"}, "doctor.json": {"it answers, schema"}, "jobs.json": {"[]"}, "log.txt": {"msg=hello", "token=********"}} {
		for _, want := range wants {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s lacks %q:\n%.2000s", name, want, files[name])
			}
		}
	}
	for name, text := range files {
		if i := strings.Index(strings.ReplaceAll(text, "planted-no-secret", ""), "planted"); i >= 0 {
			t.Errorf("%s has a secret: …%.60s", name, strings.ReplaceAll(text, "planted-no-secret", "")[i:])
		}
		if strings.Contains(text, strings.TrimSpace(string(key))) {
			t.Errorf("%s has the secret key", name)
		}
	}
	if code, _, errs := call(t, "", "admin", "bundle", "--data", data, "--out", out); code == exitOK || !strings.Contains(errs, "exists") {
		t.Errorf("over an older bundle: code %d, %s", code, errs)
	}
	broken := filepath.Join(dir, "broken.zip")
	if code, _, errs := call(t, "", "admin", "bundle", "--data", data, "--out", broken, "--secret-key", "planted-short"); code != exitOK {
		t.Errorf("with wrong settings: code %d, %s", code, errs)
	}
	if text := unzip(t, broken)["doctor.json"]; !strings.Contains(text, "they have mistakes") {
		t.Errorf("with wrong settings doctor says %s", text)
	}
}

func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// TestHider: secrets of every character, in the forms that JSON and logs give them.
func TestHider(t *testing.T) {
	for name, secret := range map[string]string{"metrics-token": `a<b>&"\c/d e,f-token`, "redis": "redis://u:x@y&z<0>@host:6379/0", "database": "u:x@y,z0@tcp(host:3306)/db"} {
		cfg, err := config.Load(config.Sources{Flags: map[string]string{name: secret}})
		if err != nil {
			t.Fatal(err)
		}
		h := newHider(cfg)
		inner := secret
		if m := inAddress.FindStringSubmatch(secret); m != nil {
			inner = m[1]
		}
		text, err := h.json(map[string]any{"all": "fault: " + secret, "list": []string{strconv.Quote(secret), "password " + inner, url.QueryEscape(inner)}, "number": 12345678901234567})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{secret, inner, url.QueryEscape(inner), `\\c/d`, "x@y", "\\u0026"} {
			if strings.Contains(text, part) {
				t.Errorf("%s: %q is in %s", name, part, text)
			}
		}
		if !strings.Contains(text, "12345678901234567") {
			t.Errorf("the number is lost: %s", text)
		}
	}
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"database": "u:db@tcp(host:3306)/x"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := newHider(cfg).text("the db was opened"); got != "the db was opened" {
		t.Errorf("a short password masks words: %s", got)
	}
}
