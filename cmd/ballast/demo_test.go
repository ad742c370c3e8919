package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemo makes the sample project beside a running server, and in no store.
func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code, _, errs := call(t, "", "demo", "--data", data); code != exitFailed || !strings.Contains(errs, "there is no store") {
		t.Errorf("without a store: code %d: %s", code, errs)
	}
	s := serveIn(t, data)
	if code, _, errs := call(t, "", "demo", "--data", data); code != exitFailed || !strings.Contains(errs, "--entity") {
		t.Errorf("without an administrator: code %d: %s", code, errs)
	}
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com", "--admin")
	code, out, errs := call(t, "", "demo", "--data", data, "--json")
	var made struct {
		Project, URL string
		Added        int
	}
	if err := json.Unmarshal([]byte(out), &made); code != exitOK || err != nil {
		t.Fatalf("code %d, %v: %s", code, err, errs)
	}
	if made.Added != 26 || made.URL != s.url+"/ada/sample-project" {
		t.Errorf("%+v", made)
	}
	if code, out, errs := call(t, "", "demo", "--data", data, "--entity", "ada"); code != exitOK || !strings.Contains(out, "0 runs added") {
		t.Errorf("the second time: code %d: %s%s", code, out, errs)
	}
	if code, _, errs := call(t, "", "demo", "--data", data, "--entity", "nobody"); code != exitFailed || !strings.Contains(errs, "nobody") {
		t.Errorf("for nobody: code %d: %s", code, errs)
	}
}
