package system

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/internal/config"
)

func TestSeal(t *testing.T) {
	one, two := config.SecretKey{ID: "one", Secret: bytes.Repeat([]byte("1"), 32)}, config.SecretKey{ID: "two", Secret: bytes.Repeat([]byte("2"), 32)}
	text, err := seal([]config.SecretKey{one}, "redis", "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("the sealed text is %s", text)
	}
	if got, err := unseal([]config.SecretKey{two, one}, "redis", text); got != "hunter2" || err != nil {
		t.Errorf("after a rotation: %q, %v", got, err)
	}
	if got, err := unseal(nil, "url", "http://x"); got != "http://x" || err != nil {
		t.Errorf("what is not sealed: %q, %v", got, err)
	}
	for what, bad := range map[string]struct {
		keys []config.SecretKey
		name string
		text string
	}{
		"another setting's place": {[]config.SecretKey{one}, "bucket", text},
		"a key that is gone":      {[]config.SecretKey{two}, "redis", text},
		"other bytes":             {[]config.SecretKey{one}, "redis", text[:len(text)-2] + "AA"},
		"too few":                 {[]config.SecretKey{one}, "redis", "sealed:one:AAAA"},
		"no base64":               {[]config.SecretKey{one}, "redis", "sealed:one:%"},
	} {
		if got, err := unseal(bad.keys, bad.name, bad.text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}
