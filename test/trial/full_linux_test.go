package trial_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// diskSize is that of the small disk, in bytes.
const diskSize = 48 << 20

// smallDisk mounts a disk of its own at a new folder.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", diskSize)); err != nil {
		t.Skipf("a small disk cannot be mounted here, which needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filling the disk: %v", err)
	}
}

// TestDiskFull fills the server's disk under load. While it is full nothing is
// acknowledged, every reply is one that the SDK tries again, and reading still
// works, also after a kill; when there is space again the runs go on.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t)
	s := newServer(t, filepath.Join(disk, "data"))
	s.start()
	clients := make([]*client, 4)
	for i := range clients {
		clients[i] = newClient(s, i)
		if err := clients[i].create(); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(disk, "filler")
	upload := clients[0].reserve(t, "model.bin")
	stop := logAll(clients, 1<<30)
	time.Sleep(500 * time.Millisecond)
	fill(t, filler)
	time.Sleep(2 * time.Second)
	stop()
	refused := 0
	for _, c := range clients {
		for code, n := range c.codes {
			if code != http.StatusOK {
				refused += n
			}
		}
	}
	if refused == 0 {
		t.Fatal("no request was refused: the disk was not full")
	}
	t.Logf("%d requests were refused, with %v", refused, clients[0].codes)
	for _, c := range clients {
		c.verify(t) // reading needs no space
	}
	if code := clients[0].put(t, upload, 1<<20); code < 500 {
		t.Errorf("an upload to the full disk was answered with %d", code)
	}

	// Killed and started on the full disk, it serves what it has.
	s.end(syscall.SIGKILL)
	if err := s.tryStart(); err != nil {
		t.Errorf("on a full disk: %v", err)
	} else {
		clients[0].verify(t)
		s.end(syscall.SIGTERM)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.start()
	if code := clients[0].put(t, upload, 1<<20); code != http.StatusOK {
		t.Errorf("the upload with space again was answered with %d", code)
	}
	stop = logAll(clients, 1<<30)
	time.Sleep(500 * time.Millisecond)
	stop()
	for _, c := range clients {
		before := c.acked
		if !c.deliver(nil, c.body(c.acked, 1, true)) {
			t.Fatal(c.failed)
		}
		c.acked = before + 1
		c.verify(t)
	}
}

// reserve returns a signed URL for a file of a run.
func (c *client) reserve(t *testing.T, name string) string {
	t.Helper()
	query := fmt.Sprintf(`mutation{createRunFiles(input:{entityName:"ada",projectName:"trial",runName:%q,files:[%q]}){files{uploadUrl}}}`, c.name(), name)
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	code, reply, err := c.send(t.Context(), "/graphql", body)
	var out struct {
		Data struct {
			CreateRunFiles struct{ Files []struct{ UploadURL string } }
		}
	}
	if err != nil || json.Unmarshal(reply, &out) != nil || len(out.Data.CreateRunFiles.Files) != 1 {
		t.Fatalf("reserving a file: %d %.300s %v", code, reply, err)
	}
	return out.Data.CreateRunFiles.Files[0].UploadURL
}

// put uploads bytes to a signed URL and returns the status.
func (c *client) put(t *testing.T, url string, bytesOf int) int {
	t.Helper()
	req, err := http.NewRequest("PUT", url, bytes.NewReader(make([]byte, bytesOf)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}
