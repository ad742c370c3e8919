package config

import "testing"

func TestRedacted(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"s3://runs/deep?region=eu-west-1":        "s3://runs/deep?region=eu-west-1",
		"s3://AK:hunter2@host/runs?tls=false":    "s3://AK:********@host/runs?tls=false",
		"folder,s3://AK:hunter2@host/runs":       "folder,s3://AK:********@host/runs",
		"s3://a:hunter2@h/x, s3://b:hunter2@h/y": "s3://a:********@h/x,s3://b:********@h/y",
		"redis://:hunter2@host:6379/0":           "redis://:********@host:6379/0",
		"rediss://u:hun:t@er2@host:6379":         "rediss://u:********@host:6379",
		"mysql://u:hunter2@host/db":              "mysql://u:********@host/db",
		"u:hunter2@tcp(host:3306)/db?tls=true":   "u:********@tcp(host:3306)/db?tls=true",
		"u:hun@ter2@unix(/x)/db":                 "u:********@unix(/x)/db",
		"hunter2":                                Mask,
	} {
		if got := (Value{Setting: Setting{Name: "bucket", Secret: true}, Text: text}).Redacted(); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
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
