package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRedacted(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"bucket", "", ""},
		{"bucket", "s3://runs/deep?region=eu-west-1", "s3://runs/deep?region=eu-west-1"},
		{"bucket", "s3://AK:hunter2@host/runs?tls=false", "s3://AK:********@host/runs?tls=false"},
		{"bucket", "folder,s3://AK:hunter2@host/runs", "folder,s3://AK:********@host/runs"},
		{"bucket", "s3://a:hunter2@h/x, s3://b:hunter2@h/y", "s3://a:********@h/x,s3://b:********@h/y"},
		{"redis", "redis://:hunter2@host:6379/0", "redis://:********@host:6379/0"},
		{"redis", "rediss://u:hun:t@er2@host:6379", "rediss://u:********@host:6379"},
		{"database", "mysql://u:hunter2@host/db", "mysql://u:********@host/db"},
		{"database", "u:hunter2@tcp(host:3306)/db?tls=true", "u:********@tcp(host:3306)/db?tls=true"},
		{"database", "u:hun@ter2@unix(/x)/db", "u:********@unix(/x)/db"},
		{"bucket", "hunter2", Mask},
		{"bucket", "s3://a:hun,ter2@h/x", Mask},
		{"redis", "redis://:hun,ter2@host:6379/0", "redis://:********@host:6379/0"},
		{"redis", "redis://:hunter2,redis://:h@host", "redis://:********@host"},
		{"redis", "redis://hunter2@host", Mask},
		{"redis", "redis://host:6379/0", "redis://host:6379/0"},
		{"database", "mysql://u:hun,ter2@host/db", "mysql://u:********@host/db"},
		{"database", "u:hun://ter2@tcp(host)/db", "u:********@tcp(host)/db"},
		{"database", "u:hun://x:ter2@tcp(host)/db", "u:********@tcp(host)/db"},
		{"database", "u:hun\nter2@tcp(host)/db", "u:********@tcp(host)/db"},
		{"database", "u@tcp(host)/db", Mask},
	} {
		if got := (Value{Setting: Setting{Name: tt.name, Secret: true}, Text: tt.text}).Redacted(); got != tt.want {
			t.Errorf("%s %q is shown as %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
	if got := (Value{Setting: Setting{Name: "oidc-providers", Secret: true}, Text: "- issuer: https://id\n  secret: hunter2"}).Redacted(); got != Mask {
		t.Errorf("another secret is shown as %q", got)
	}
	if got := (Value{Text: "hunter2"}).Redacted(); got != "hunter2" {
		t.Errorf("what is no secret is shown as %q", got)
	}
}

// TestWith: what is set while the server runs counts under everything else.
func TestWith(t *testing.T) {
	base, err := Load(Sources{Env: []string{"BALLAST_CRASH_AFTER=9m"}})
	if err != nil {
		t.Fatal(err)
	}
	base.URL = "http://127.0.0.1:4242" // of the port taken
	next, err := base.With(map[string]string{"crash-after": "1m", "undelete-window": "3d"})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := next.Value("crash-after"); v.Text != "9m" || v.Source != "BALLAST_CRASH_AFTER" {
		t.Errorf("the environment does not win: %+v", v)
	}
	if v, _ := next.Value("undelete-window"); v.Text != "3d" || v.Source != SystemSource || next.URL != base.URL {
		t.Errorf("undelete-window %+v, URL %s", v, next.URL)
	}
	if _, err := base.With(map[string]string{"undelete-window": "soon"}); err == nil {
		t.Error("a value that is none was taken")
	}
	for name, want := range map[string]bool{"bucket": true, "database": false, "secret-key": false, "nonsense": false} {
		if Changeable(name) != want {
			t.Errorf("Changeable(%s) is %v", name, !want)
		}
	}
}

// TestSystemNamesNoFile: what is set on a page is never read from this
// machine's files.
func TestSystemNamesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("eu-west-1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"file:" + path, "secretsmanager:x"} {
		cfg, err := Load(Sources{System: map[string]string{"bucket-region": text}})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cfg.Read("bucket-region"); cfg.BucketRegion != text || got != text || err != nil {
			t.Errorf("%s became %q, read again %q, %v", text, cfg.BucketRegion, got, err)
		}
	}
	if cfg, err := Load(Sources{Flags: map[string]string{"bucket-region": "file:" + path}}); err != nil || cfg.BucketRegion != "eu-west-1" {
		t.Errorf("a flag's file: %q, %v", cfg.BucketRegion, err)
	}
	for text, want := range map[string]bool{"": false, "s3://file:x@host/a": false, "file:/x": true, ",file:/x": true, "s3://a,\u00a0file:/x": true, "a secretsmanager:x": true} {
		if NamesPlace(text) != want {
			t.Errorf("NamesPlace(%q) is %v", text, !want)
		}
	}
}
