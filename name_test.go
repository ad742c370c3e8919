package ballast_test

import (
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
)

func TestCheckEntityName(t *testing.T) {
	for name, fine := range map[string]bool{
		"ada": true, "Ada Lovelace": true, "研究": true, "a.b-c_d": true, strings.Repeat("a", 128): true,
		"": false, ".": false, "..": false, " a": false, "a ": false, "a/b": false, `a\b`: false, "a?b": false, "a#b": false, "a%2fb": false, "a:b": false,
		"a\tb": false, "a\x00b": false, "\xff": false, strings.Repeat("a", 129): false, "api": false, "GraphQL": false, "files": false,
	} {
		if err := ballast.CheckEntityName(name); (err == nil) != fine {
			t.Errorf("%.40q: %v", name, err)
		}
	}
}

func TestCheckEmail(t *testing.T) {
	for address, fine := range map[string]bool{
		"": true, "ada@example.com": true, "root@localhost": true, "a+b@c.d": true,
		"nope": false, "@b": false, "a@": false, "a@b@c": false, "a b@c": false, "a@b\n": false, "a@" + strings.Repeat("b", 320): false,
	} {
		if err := ballast.CheckEmail(address); (err == nil) != fine {
			t.Errorf("%.40q: %v", address, err)
		}
	}
}

func TestCleanFileName(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "a.txt", "./a//b.txt": "a/b.txt", "media/x.png": "media/x.png",
		"../a": "", "a/../b": "", "": "", "a\x00": "", "\xff": "", strings.Repeat("a", 1001): "",
	} {
		got, err := ballast.CleanFileName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q: %q, %v; want %q", name, got, err, want)
		}
	}
}
