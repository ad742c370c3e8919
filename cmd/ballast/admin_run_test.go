package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdminDeleteKeys deletes a key beside a server that serves the run.
func TestAdminDeleteKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveIn(t, data)
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	key := strings.TrimSpace(must(t, data, "", "key", "create", "--user", "ada"))
	post := func(path, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("api", key)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var out json.RawMessage
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", path, res.StatusCode, out, err)
		}
		return string(out)
	}
	post("/graphql", `{"query":"mutation{upsertBucket(input:{entityName:\"ada\",modelName:\"p\",name:\"r\"}){bucket{name}}}"}`)
	post("/files/ada/p/r/file_stream", `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_step\":0,\"secret\":1,\"a\":2}","{\"_step\":1,\"secret\":3}"]}}}`)
	history := func() string {
		t.Helper()
		return post("/graphql", `{"query":"{project(name:\"p\",entityName:\"ada\"){run(name:\"r\"){history(samples:9)}}}"}`)
	}
	if out := must(t, data, "", "run", "delete-keys", "ada/p/r", "--key", "secret", "--dry-run"); !strings.Contains(out, "2 values of 1 keys of ada/p/r would be deleted: secret") || !strings.Contains(history(), "secret") {
		t.Errorf("the dry run says %q", out)
	}
	must(t, data, "", "run", "delete-keys", "ada/p/r", "--key", "secret", "--from-step", "1")
	if got := history(); strings.Contains(got, "3") || !strings.Contains(got, "secret") {
		t.Errorf("after a part was deleted: %s", got)
	}
	done := decode[shownErasure](t, must(t, data, "", "run", "delete-keys", "ada/p/r", "--pattern", "^sec", "--json"))
	if len(done.Keys) != 1 || done.Values != 1 || strings.Contains(history(), "secret") {
		t.Errorf("deleted %+v: %s", done, history())
	}
	refused(t, data, "", "no keys are named", "run", "delete-keys", "ada/p/r")
	refused(t, data, "", "ENTITY/PROJECT/RUN", "run", "delete-keys", "ada/p", "--key", "a")
	refused(t, data, "", "does not exist", "run", "delete-keys", "ada/p/other", "--key", "a")
}
