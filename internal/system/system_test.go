package system

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

var (
	oldKey = config.SecretKey{ID: "one", Secret: bytes.Repeat([]byte("1"), 32)}
	newKey = config.SecretKey{ID: "two", Secret: bytes.Repeat([]byte("2"), 32)}
)

func open(t *testing.T, db *meta.DB, keys ...config.SecretKey) *System {
	t.Helper()
	base, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	place := func(address string) string { return address[strings.LastIndex(address, "@")+1:] }
	return New(db, base, Options{Keys: keys, Place: place})
}

// set changes a setting and keeps it.
func (s *System) set(t *testing.T, name, text string) {
	t.Helper()
	is, err := s.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	revision, err := s.Change(t.Context(), Change{Revision: is.Revision, Values: map[string]string{name: text}, Actor: "ada"})
	if err == nil {
		err = s.db.Write(t.Context(), "keep", func(tx *meta.Tx) error { return tx.KeepSettings(revision) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeysOfBuckets: a new key takes the place of the old one; another bucket
// stays readable behind the new one.
func TestKeysOfBuckets(t *testing.T) {
	s := open(t, metatest.Open(t), oldKey)
	for _, step := range []struct{ set, want string }{
		{"s3://k1:s1@host/b", "s3://k1:s1@host/b"},
		{"s3://k2:s2@host/b", "s3://k2:s2@host/b"},
		{"s3://k3:s3@host/c", "s3://k3:s3@host/c,s3://k2:s2@host/b"},
		{"s3://k4:s4@host/c s3://k5:s5@host/b", "s3://k4:s4@host/c,s3://k5:s5@host/b"},
		{"", "folder,s3://k4:s4@host/c,s3://k5:s5@host/b"},
	} {
		s.set(t, "bucket", step.set)
		cfg, _, err := s.Proven(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := cfg.Value("bucket"); v.Text != step.want {
			t.Errorf("%q became %q, want %q", step.set, v.Text, step.want)
		}
	}
}

// TestRefusedChanges: what names a file, and what would lock everybody out.
func TestRefusedChanges(t *testing.T) {
	s := open(t, metatest.Open(t), oldKey)
	change := func(name, text, origin string) error {
		_, err := s.Change(t.Context(), Change{Values: map[string]string{name: text}, Actor: "ada", Origin: origin})
		return err
	}
	for _, tt := range []struct{ name, text, origin, want string }{
		{"bucket", "file:/dev/zero", "", "names a file"},
		{"bucket", ",file:/dev/zero", "", "names a file"},
		{"bucket", "s3://runs, file:/dev/zero", "", "names a file"},
		{"bucket", " secretsmanager:x", "", "names a file"},
		{"redis", "file:/dev/zero", "", "names a file"},
		{"url", "ballast.lan:8080", "http://ballast.lan:8080", "comes from http://ballast.lan:8080"},
		{"url", "http://ballast.lan:8080", "http://localhost:8080", "comes from http://localhost:8080"},
		{"url", "http://ballast.lan:8080", "", "comes from no page"},
		{"session-lifetime", "4m", "", "at least 5m0s"},
	} {
		if err := change(tt.name, tt.text, tt.origin); !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q from %q: %v, want %q", tt.name, tt.text, tt.origin, err, tt.want)
		}
	}
	if err := change("url", "https://Ballast.example.com", "https://ballast.example.com"); err != nil {
		t.Errorf("a change from the new address: %v", err)
	}
}

// TestReseal drops a secret key that settings were sealed under.
func TestReseal(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		before := open(t, db, oldKey)
		before.set(t, "redis", "redis://:hunter2@host")
		before.set(t, "crash-after", "7m")
		held, err := before.read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if under, err := Under(t.Context(), db); err != nil || under["one"] != 1 {
			t.Errorf("sealed under %v, %v", under, err)
		}
		if err := open(t, db, newKey).Reseal(t.Context()); err != nil {
			t.Errorf("without the old key: %v", err)
		}
		both := open(t, db, newKey, oldKey)
		if err := both.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if under, err := Under(t.Context(), db); err != nil || under["two"] != 1 || len(under) != 1 {
			t.Errorf("sealed anew under %v, %v", under, err)
		}
		after, err := both.read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f := (&follower{System: both, held: held.Held}); !f.inEffect(after.Held) || f.inEffect(Held{"crash-after": "7m", "redis": "x"}) {
			t.Error("what was sealed anew counts as another setting")
		}
		cfg, _, err := open(t, db, newKey).Proven(t.Context())
		if err != nil || cfg.Redis != "redis://:hunter2@host" || cfg.CrashAfter.Minutes() != 7 {
			t.Errorf("with the new key alone: %+v, %v", cfg, err)
		}
		secret, err := open(t, db, newKey).Secrets(t.Context())
		if err != nil || len(secret) == 0 || secret[0].Text != "redis://:hunter2@host" {
			t.Errorf("the secrets are %+v, %v", secret, err)
		}
	})
}
