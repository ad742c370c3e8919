package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
)

// post sends a body as the SDK does, with a key.
func post(url, key, body string) (int, error) {
	req, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth("api", key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, nil
}

// TestStopUnderLoad stops a server while clients write: what was answered with
// 200 is there afterwards, and the stop is clean and in time.
func TestStopUnderLoad(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveIn(t, data)
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com", "--admin")
	key := strings.TrimSpace(must(t, data, "", "key", "create", "--user", "ada"))
	const writers = 4
	var answered [writers]int
	var wg sync.WaitGroup
	for i := range writers {
		query := fmt.Sprintf(`mutation{upsertBucket(input:{entityName:"ada",modelName:"p",name:"r%d"}){bucket{name}}}`, i)
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		if code, err := post(s.url+"/graphql", key, string(body)); code != http.StatusOK {
			t.Fatalf("creating run r%d: %d %v", i, code, err)
		}
		wg.Go(func() {
			for n := 0; ; n++ {
				body := fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":%d,"content":["{\"_step\":%d,\"loss\":0.5}"]}}}`, n, n)
				if code, err := post(fmt.Sprintf("%s/files/ada/p/r%d/file_stream", s.url, i), key, body); err != nil || code != http.StatusOK {
					return // the server is gone
				}
				answered[i] = n + 1
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	begun := time.Now()
	if code := s.stop(); code != exitOK || time.Since(begun) > 10*time.Second {
		t.Errorf("the stop: code %d after %v; log:\n%s", code, time.Since(begun), s.log)
	}
	wg.Wait()
	db, err := meta.Open(context.Background(), meta.Options{SQLite: filepath.Join(data, databaseFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(tx *meta.Tx) error {
		e, err := tx.EntityByName("ada")
		if err != nil {
			return err
		}
		p, err := tx.ProjectByName(e.ID, "p")
		if err != nil {
			return err
		}
		for i, n := range answered {
			r, err := tx.RunByName(p.ID, fmt.Sprintf("r%d", i))
			if err != nil {
				return err
			}
			if lines := r.Live.HistoryLines; n == 0 || lines < int64(n) || lines > int64(n)+1 {
				t.Errorf("run r%d: %d lines were answered, %d are stored", i, n, lines)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
