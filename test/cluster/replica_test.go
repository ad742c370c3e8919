package cluster

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestReplicas logs eight runs at two replicas at once, each request to the
// other one than the last. Under the load one replica is killed and comes back,
// Redis goes, and MySQL is killed and comes back: every acknowledged row is
// there once, in order, at each replica.
func TestReplicas(t *testing.T) {
	t.Parallel()
	c, replicas := newCluster(t, 2)
	a, b := replicas[0], replicas[1]
	var runs []*run
	var load sync.WaitGroup
	for i := range 8 {
		runs = append(runs, newRun(fmt.Sprintf("r%d", i), a, b))
	}
	for _, r := range runs {
		load.Go(func() { r.log(3000, 10) })
	}
	time.Sleep(300 * time.Millisecond)
	b.Kill()
	time.Sleep(300 * time.Millisecond)
	c.redis.Kill()
	b.start()
	c.mysql.Kill()
	if err := c.mysql.Start(); err != nil {
		t.Fatal(err)
	}
	load.Wait()
	again := 0
	for _, r := range runs {
		again += r.again
		for _, at := range []*replica{a, b} {
			r.check(t, at)
		}
	}
	if again == 0 {
		t.Error("the fault did not fire: no request had to be sent again")
	}
	t.Logf("%d requests were sent again", again)
	c.redis.Restart(t)
	runs[0].check(t, a)
}

// TestHangingReplica lets a replica sleep in the middle of a load and wake up
// after the other took its runs over: it changes nothing any more.
func TestHangingReplica(t *testing.T) {
	t.Parallel()
	_, replicas := newCluster(t, 2)
	a, b := replicas[0], replicas[1]
	r := newRun("sleeper", a, b)
	r.log(500, 5)
	if err := b.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	late := make(chan int, 1)
	go func() { // reaches the sleeping one, which answers when the rows are long there
		code, _, _ := b.post("/files/ada/p/sleeper/file_stream", r.body(500, 5))
		late <- code
	}()
	time.Sleep(200 * time.Millisecond)
	r.at = []*replica{a}
	r.log(1000, 5)
	if err := b.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if code := <-late; code != http.StatusOK {
		t.Errorf("the late request, whose rows are stored, got %d, want 200", code)
	}
	for _, at := range []*replica{a, b} {
		r.check(t, at)
	}
}

// TestFilesGoToTheStore uploads and reads a file by signed URLs: they lead to
// the store, and the replicas never see the bytes.
func TestFilesGoToTheStore(t *testing.T) {
	t.Parallel()
	c, replicas := newCluster(t, 2)
	a, b := replicas[0], replicas[1]
	newRun("files", a)
	var made struct {
		CreateRunFiles struct {
			Files []struct{ Name, UploadURL string }
		}
	}
	a.graph(&made, `mutation{createRunFiles(input:{entityName:"ada",projectName:"p",runName:"files",files:["model.bin"]}){files{name uploadUrl}}}`)
	url := made.CreateRunFiles.Files[0].UploadURL
	if !strings.HasPrefix(url, c.s3.Endpoint) {
		t.Fatalf("the upload goes to %.60s, want the store %s", url, c.s3.Endpoint)
	}
	body := bytes.Repeat([]byte("weights "), 1<<17)
	req, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("PUT: %v %v", resp, err)
	}
	resp.Body.Close()
	if code, text, err := a.post("/files/ada/p/files/file_stream", []byte(`{"uploaded":["model.bin"]}`)); err != nil || code != http.StatusOK {
		t.Fatalf("telling of the upload: %d %s %v", code, text, err)
	}
	var found struct {
		Project struct {
			Run struct {
				Files struct {
					Edges []struct {
						Node struct {
							Name, DirectURL string
							SizeBytes       int64
						}
					}
				}
			}
		}
	}
	b.graph(&found, `{project(name:"p",entityName:"ada"){run(name:"files"){files{edges{node{name sizeBytes directUrl}}}}}}`)
	edges := found.Project.Run.Files.Edges
	if len(edges) != 1 || edges[0].Node.SizeBytes != int64(len(body)) || !strings.HasPrefix(edges[0].Node.DirectURL, c.s3.Endpoint) {
		t.Fatalf("the other replica lists %+v", edges)
	}
	if resp, err = http.Get(edges[0].Node.DirectURL); err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes came back, %d were stored (%v)", len(got), len(body), err)
	}
}
