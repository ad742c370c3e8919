package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/system"
)

// page is a store in a data folder, changed as /system-admin does it.
func page(t *testing.T, keep bool, values map[string]string) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com", "--admin")
	s := storeOf(t, data)
	defer s.db.Close()
	revision, err := s.system.Change(t.Context(), system.Change{Values: values, Actor: "ada"})
	if err == nil && keep {
		err = s.db.Write(t.Context(), "keep", func(tx *meta.Tx) error { return tx.KeepSettings(revision) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func storeOf(t *testing.T, data string) *store {
	t.Helper()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"data": data}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(t.Context(), world{}, cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAdminSystemRevert(t *testing.T) {
	data := page(t, false, map[string]string{"crash-after": "7m"})
	if out := must(t, data, "", "system", "revert"); !strings.Contains(out, "taken back") {
		t.Error(out)
	}
	refused(t, data, "", "no change of settings is being tried", "system", "revert")
}

// TestSettingsBesideServer: commands on the store have the bucket's key that was
// set on the page, and a bundle hides it.
func TestSettingsBesideServer(t *testing.T) {
	const address = "s3://KEY:planted%26key@127.0.0.1:1/runs?tls=false"
	data := page(t, true, map[string]string{"bucket": address})
	s := storeOf(t, data)
	defer s.db.Close()
	all, err := s.stores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signed(t, all, "KEY")
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"data": data}})
	if err != nil {
		t.Fatal(err)
	}
	db, all, err := openKept(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	signed(t, all, "KEY")
	log, out := filepath.Join(t.TempDir(), "log"), filepath.Join(t.TempDir(), "bundle.zip")
	if err := os.WriteFile(log, []byte("the bucket said planted&key, planted%26key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, data, "", "bundle", "--out", out, "--log", log)
	files := unzip(t, out)
	for name, text := range files {
		if strings.Contains(text, "planted") {
			t.Errorf("%s has a secret: %s", name, text)
		}
	}
	if !strings.Contains(files["settings.json"], config.SystemSource) {
		t.Errorf("the bundle lacks what was set on the page: %s", files["settings.json"])
	}
}

// signed asks that the store that takes new objects signs with a key.
func signed(t *testing.T, s *stores, key string) {
	t.Helper()
	link, _, err := s.bucket().SignedURL(t.Context(), "a", blob.SignOptions{Method: "GET", Expires: time.Minute, MaxBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := strings.Cut(u.Query().Get("X-Amz-Credential"), "/"); got != key {
		t.Errorf("the store %d signs with the key %q, want %q", s.current, got, key)
	}
}

// TestFirstKeyCounts: of two addresses of one place the first gives the key.
func TestFirstKeyCounts(t *testing.T) {
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"bucket": "s3://NEW:s2@127.0.0.1:1/runs,s3://OLD:s1@127.0.0.1:1/runs"}})
	if err != nil {
		t.Fatal(err)
	}
	named, err := namedBuckets(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &stores{all: map[int]blob.Bucket{}, current: 1}
	if err := s.open(t.Context(), cfg, named, ballast.Store{ID: 1, Place: named[0].Place()}); err != nil {
		t.Fatal(err)
	}
	signed(t, s, "NEW")
}

// TestLostSettings: a secret key that only settings depend on is missed by
// name, and commands that need no setting work without it.
func TestLostSettings(t *testing.T) {
	data := page(t, true, map[string]string{"redis": "redis://:hunter2@127.0.0.1:1"})
	if err := os.Remove(filepath.Join(data, config.SecretFile)); err != nil {
		t.Fatal(err)
	}
	refused(t, data, "", "1 settings of /system-admin under the secret key", "user", "list")
	if err := os.WriteFile(filepath.Join(data, config.SecretFile), []byte(strings.Repeat("y", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, data, "", "user", "list")
	if code, out, _ := call(t, "", "doctor", "--data", data); code == exitOK || !strings.Contains(out, "1 settings of /system-admin are sealed") {
		t.Errorf("doctor: code %d, %s", code, out)
	}
	if code, _, errs := call(t, "", "backup", "--data", data, t.TempDir()); code == exitOK || !strings.Contains(errs, "restore that key") {
		t.Errorf("backup: code %d, %s", code, errs)
	}
}

// TestSettingsOfURL: the server's address is changed by a page under the new one.
func TestSettingsOfURL(t *testing.T) {
	s := newSettings(t)
	other := strings.Replace(s.url, "127.0.0.1", "localhost", 1)
	if status, text := s.send("PUT", "/api/system", map[string]any{"revision": 0, "values": map[string]string{"url": other}}, nil); status != http.StatusBadRequest || !strings.Contains(text, "under the new address first") {
		t.Errorf("a change from nowhere: %d %s", status, text)
	}
	s.from = other
	if n := s.change(map[string]string{"url": other}); n.State != "kept" {
		t.Errorf("a change from the new address: %+v", n.Log[0])
	}
	if link := must(t, s.data, "", "user", "reset", "ada"); !strings.Contains(link, other+"/setup?token=") {
		t.Errorf("admin's links do not lead to the address of the page: %s", link)
	}
}

// TestSilentBucket: what takes connections and never answers is given up when
// the attempt ends.
func TestSilentBucket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"bucket": "s3://k:secret@" + l.Addr().String() + "/runs?tls=false"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := usable(ctx, cfg); err == nil || time.Since(begun) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}
