package trial_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// command runs the program on the server's data folder, or another, and
// returns its exit code and what it printed.
func (s *server) command(args ...string) (code int, out string) {
	s.t.Helper()
	cmd := exec.Command(ballast, args...)
	cmd.Env = s.env()
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), both.String()
}

// backup takes one and returns what it says of itself.
func (s *server) backup(dir string) (info struct {
	Name            string
	Objects, Copied int64
	Wrong           []string
}) {
	s.t.Helper()
	code, out := s.command("backup", dir, "--data", s.data, "--json")
	if err := json.Unmarshal([]byte(out), &info); err != nil || code != 0 || len(info.Wrong) > 0 {
		s.t.Fatalf("backup: code %d, %v\n%.2000s", code, err, out)
	}
	return info
}

// elsewhere restores a backup into a new folder and returns the server there,
// not started, with the same key.
func (s *server) elsewhere(dir string, flags ...string) *server {
	s.t.Helper()
	data := filepath.Join(s.t.TempDir(), "data")
	if code, out := s.command(append([]string{"restore", dir, "--data", data}, flags...)...); code != 0 {
		s.t.Fatalf("restore: code %d\n%s", code, out)
	}
	return s.beside(data)
}

// answers are what a server says of a run: its history, its chart, its files.
func (c *client) answers(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"history": strings.Join(c.history(t, 0, c.acked+1000), "\n")}
	ask := func(name, path, body string) {
		code, reply, err := c.send(t.Context(), path, []byte(body))
		if err != nil || code != http.StatusOK {
			t.Fatalf("%s of %s: %d %.300s %v", name, c.name(), code, reply, err)
		}
		all[name] = strings.ReplaceAll(string(reply), c.s.url, "")
	}
	ask("panel", "/api/panel", fmt.Sprintf(`{"project":"ada/trial","runs":[%q],"key":"k5","x":"_step","stream":"history","buckets":100}`, c.name()))
	query := fmt.Sprintf(`{project(name:"trial",entityName:"ada"){run(name:%q){name state summaryMetrics historyLineCount logLines(first:100000){edges{node{line}}} files(first:50){edges{node{name md5 sizeBytes}}}}}}`, c.name())
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	ask("run", "/graphql", string(body))
	return all
}

// TestBackup takes backups under load. What was acknowledged before one began
// is in it; the last, taken in quiet, gives the same answers elsewhere.
func TestBackup(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	s.start()
	clients := make([]*client, 2)
	for i := range clients {
		clients[i] = newClient(s, i)
		if err := clients[i].create(); err != nil {
			t.Fatal(err)
		}
	}
	if code := clients[0].put(t, clients[0].reserve(t, "model.bin"), 300_000); code != http.StatusOK {
		t.Fatalf("an upload: %d", code)
	}
	dir := filepath.Join(t.TempDir(), "backup")
	before := make([]int, len(clients))
	for round := range 3 {
		stop := logAll(clients, 1<<30)
		time.Sleep(1500 * time.Millisecond)
		if round == 1 { // in the very middle of the load
			stop()
			for i, c := range clients {
				before[i] = c.acked
			}
			stop = logAll(clients, 1<<30)
		}
		s.backup(dir)
		stop()
		if round != 1 {
			continue
		}
		other := s.elsewhere(dir)
		other.start()
		for i, c := range clients {
			there := *c
			there.s, there.acked = other, before[i]
			if rows := there.rowsThere(t); rows < before[i] || rows > c.acked+100 {
				t.Errorf("a backup under load has %d rows of %s, %d were acknowledged before it", rows, c.name(), before[i])
			}
		}
		other.end(syscall.SIGTERM)
		for end := time.Now().Add(20 * time.Second); len(s.objects()) == 0 && time.Now().Before(end); {
			time.Sleep(100 * time.Millisecond)
		}
	}
	for _, c := range clients {
		if !c.deliver(nil, c.body(c.acked, 1, true)) {
			t.Fatal(c.failed)
		}
		c.acked++
		c.verify(t)
	}
	last := s.backup(dir)
	if last.Objects < 2 || last.Copied >= last.Objects {
		t.Errorf("the last backup copied %d of %d objects: it is not incremental, or nothing was sealed", last.Copied, last.Objects)
	}
	if code, out := s.command("backup", dir, "--check"); code != 0 {
		t.Errorf("checking the backup: code %d\n%s", code, out)
	}
	other := s.elsewhere(dir)
	if code, out := other.command("restore", dir, "--data", other.data); code != 1 || !strings.Contains(out, "there is a store") {
		t.Errorf("restoring over a store: code %d\n%s", code, out)
	}
	other.start()
	for _, c := range clients {
		there := *c
		there.s = other
		want, got := c.answers(t), there.answers(t)
		for name := range want {
			if want[name] != got[name] {
				t.Errorf("%s of %s differs after the restore:\n%.600s\n%.600s", name, c.name(), want[name], got[name])
			}
		}
		there.verify(t)
	}
	other.admin("user", "promote", "ada")
	if code, out := other.command("doctor", "--deep", "--data", other.data); code != 0 {
		t.Errorf("doctor --deep on what was restored: code %d\n%s", code, out)
	}
}

// TestDamageNoticed flips a bit of a sealed object under a running server: the
// rows are not answered, doctor names run and rows, and a backup brings them
// back.
func TestDamageNoticed(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	s.start()
	c := newClient(s, 0)
	if err := c.create(); err != nil {
		t.Fatal(err)
	}
	stop := logAll([]*client{c}, 60_000)
	for end := time.Now().Add(30 * time.Second); len(s.objects()) == 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	if len(s.objects()) == 0 {
		t.Fatal("nothing was sealed")
	}
	dir := filepath.Join(t.TempDir(), "backup")
	s.backup(dir)
	s.end(syscall.SIGTERM)
	path := s.objects()[0]
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 1000; at < len(body)/2; at += 4000 {
		body[at] ^= 4
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	query := fmt.Sprintf(`{"query":"{project(name:\"trial\",entityName:\"ada\"){run(name:%s){history(minStep:0,maxStep:100,samples:100)}}}"}`, `\"`+c.name()+`\"`)
	_, reply, err := c.send(t.Context(), "/graphql", []byte(query))
	if err != nil || !containsAll(string(reply), `"errors"`, `"DAMAGED"`, "the steps 0 to ", "of this run are damaged") {
		t.Errorf("damaged rows were answered: %v %.300s", err, reply)
	}
	if log, _ := os.ReadFile(s.log); !bytes.Contains(log, []byte("is damaged")) || !bytes.Contains(log, []byte("history/1/")) {
		t.Error("the log does not say what is damaged")
	}
	s.admin("user", "promote", "ada")
	code, out := s.command("doctor", "--deep", "--data", s.data)
	if code != 1 || !strings.Contains(out, "ada/trial/run-0, history, rows 0 to") {
		t.Errorf("doctor --deep: code %d\n%s", code, out)
	}
	if code, out := s.command("doctor", "--deep", "--repair", "--from", dir, "--data", s.data); code != 0 || !strings.Contains(out, "put back from the backup") {
		t.Errorf("the repair: code %d\n%s", code, out)
	}
	c.verify(t)
}
