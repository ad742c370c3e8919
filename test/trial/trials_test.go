package trial_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// trial is one short life of a server under load that something befalls.
type trial struct {
	*testing.T
	rnd     *rand.Rand
	s       *server
	clients []*client
	halt    func() // stops the load; set while there is load
	small   bool   // requests are small, so that there are many chunks and segments
}

// missed says why a fault did not fire; a kind panics with it. A trial that
// tried nothing is no trial: on a busy machine it takes another attempt.
type missed string

// attempt runs a trial's kind and returns why its fault did not fire, "" when
// it did.
func (t *trial) attempt(fn func(*trial)) (miss missed) {
	defer func() {
		if r := recover(); r != nil {
			var ok bool
			if miss, ok = r.(missed); !ok {
				panic(r)
			}
		}
	}()
	fn(t)
	return ""
}

// leave ends what a missed attempt left running.
func (t *trial) leave() {
	if t.halt != nil {
		t.halt()
	}
	if t.s.cmd != nil {
		t.s.end(syscall.SIGKILL)
	}
}

// kinds are what may befall a server. Each returns only after its fault fired,
// or panics with missed.
var kinds = []struct {
	name string
	fn   func(*trial)
}{
	{"kill", (*trial).kill},
	{"kill in a seal", (*trial).killInSeal},
	{"unruly client", (*trial).unruly},
	{"fsync EIO", func(t *trial) { t.inject("fsync,fdatasync", "error=EIO", "", 5000, 5) }},
	{"kill at the start", (*trial).killAtStart},
	{"write EIO", func(t *trial) { t.inject("pwrite64", "error=EIO", "ballast.db-wal", 5000, 5) }},
	{"kill in a merge", (*trial).killInMerge},
	{"kill in a backup", (*trial).killInBackup},
	{"disk full", func(t *trial) { t.inject("pwrite64", "error=ENOSPC", "ballast.db-wal", 5000, 5) }},
	{"kill in a deletion", (*trial).killInDeletion},
	{"second server", (*trial).secondServer},
	{"kill in a migration", (*trial).killInMigration},
	{"slow disk", func(t *trial) { t.inject("fsync,fdatasync", "delay_enter=40000", "", 5000, 5) }},
	{"kill in a restore", (*trial).killInRestore},
	{"put EIO", func(t *trial) { t.inject("rename,renameat,renameat2", "error=EIO", "", 30_000, 1) }},
}

// number reads a number of the environment.
func number(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// TestTrials runs BALLAST_TRIALS trials (60), each from a seed that its name
// shows; BALLAST_SEED gives the first (otherwise it is another each time).
// After each, every acknowledged row is there once, in order, exact, nothing
// else is, the store opens without help and doctor --deep finds nothing.
func TestTrials(t *testing.T) {
	count := number("BALLAST_TRIALS", 60)
	if testing.Short() {
		count = min(count, uint64(len(kinds)))
	}
	first := number("BALLAST_SEED", uint64(time.Now().UnixNano())%1_000_000)
	t.Logf("%d trials from BALLAST_SEED=%d on", count, first)
	template := newServer(t, filepath.Join(t.TempDir(), "template"))
	template.admin("user", "promote", "ada")
	t.Run("all", func(t *testing.T) {
		slots := make(chan struct{}, 2)
		for seed := first; seed < first+count; seed++ {
			kind := kinds[seed%uint64(len(kinds))]
			t.Run(fmt.Sprintf("seed %d, %s", seed, kind.name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				for again := uint64(0); ; again++ {
					one := newTrial(t, template, seed, again)
					miss := one.attempt(kind.fn)
					if miss == "" {
						one.judge()
						return
					}
					if again == 4 {
						t.Fatalf("the fault did not fire, five times: %s", miss)
					}
					t.Logf("the fault did not fire, another attempt: %s", miss)
					one.leave()
				}
			})
		}
	})
}

// newTrial gives a trial, or another attempt of it, a copy of a store with a
// user.
func newTrial(t *testing.T, template *server, seed, again uint64) *trial {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(data, os.DirFS(template.data)); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{data: 0o700, filepath.Join(data, "secret.key"): 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	s := placeServer(t, data)
	s.key = template.key
	return &trial{T: t, rnd: rand.New(rand.NewPCG(seed, 11+again)), s: s}
}

// begin starts the server and the load of some clients.
func (t *trial) begin(clients, rows int) {
	t.Helper()
	t.s.t = t.T
	t.s.start()
	for range clients {
		c := newClient(t.s, len(t.clients))
		if t.small {
			c.portion = 30
		}
		if err := c.create(); err != nil {
			t.Fatal(err)
		}
		t.clients = append(t.clients, c)
	}
	t.halt = logAll(t.clients, rows)
}

func (t *trial) rest(least, most int) {
	time.Sleep(time.Duration(least+t.rnd.IntN(most-least)) * time.Millisecond)
}

// again kills the server and starts it.
func (t *trial) again() {
	t.Helper()
	t.s.end(syscall.SIGKILL)
	t.s.start()
}

// judge compares everything with what was acknowledged.
func (t *trial) judge() {
	t.Helper()
	if t.halt != nil {
		t.halt()
	}
	if t.s.cmd == nil {
		t.s.start()
	} else if t.rnd.IntN(2) == 0 {
		t.again()
	}
	for _, c := range t.clients {
		last := max(1, c.pending) // what had no answer is sent again
		if !c.deliver(nil, c.body(c.acked, last, true)) {
			t.Fatal(c.failed)
		}
		c.acked += last
		if rows := c.verify(t.T); rows != c.acked {
			t.Errorf("%s: %d rows are there, %d were sent", c.name(), rows, c.acked)
		}
	}
	if code, out := t.s.command("doctor", "--deep", "--data", t.s.data); code != 0 {
		t.Errorf("doctor --deep: code %d\n%s", code, out)
	}
	t.s.end(syscall.SIGKILL)
}

func (t *trial) kill() {
	t.begin(2, 6000)
	for range 1 + t.rnd.IntN(3) {
		t.rest(20, 500)
		t.again()
	}
}

// killAtStart kills the server while it starts: on a store that is to be made,
// or on one that has what a kill left behind.
func (t *trial) killAtStart() {
	t.begin(2, 2000)
	t.rest(50, 300)
	t.s.end(syscall.SIGKILL)
	fired := 0
	for range 4 {
		fired += t.killWithin(t.s, t.rnd.IntN(40))
	}
	empty := placeServer(t.T, filepath.Join(t.TempDir(), "empty"))
	for range 4 {
		fired += t.killWithin(empty, t.rnd.IntN(60))
	}
	for ms := 16; fired == 0 && ms > 0; ms /= 2 { // a quick machine
		fired += t.killWithin(t.s, ms)
	}
	if fired == 0 {
		panic(missed("every server was ready before it was killed"))
	}
	empty.start()
	empty.end(syscall.SIGTERM)
	t.s.start()
}

// killWithin starts a server, kills it after some milliseconds and returns 1
// when it was not serving by then.
func (t *trial) killWithin(s *server, ms int) int {
	t.Helper()
	serving := func() int {
		text, _ := os.ReadFile(s.log)
		return strings.Count(string(text), `msg="ballast serves"`)
	}
	before := serving()
	cmd, ended, err := s.launch()
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	cmd.Process.Kill()
	<-ended
	if serving() > before {
		return 0
	}
	return 1
}

// killInBackup kills a backup, then the server during another. The folder goes
// on being good for backups, and for a restore.
func (t *trial) killInBackup() {
	t.begin(1, 20_000)
	t.rest(300, 900)
	dir := filepath.Join(t.TempDir(), "backup")
	fired := false
	for try := 0; try < 3 || try < 12 && !fired; try++ {
		cmd := t.s.begin("backup", dir, "--data", t.s.data)
		time.Sleep(time.Duration(1+t.rnd.IntN(60>>(try/2))) * time.Millisecond)
		cmd.Process.Kill()
		fired = cmd.Wait() != nil || fired
	}
	if !fired {
		panic(missed("every backup was done before it was killed"))
	}
	var done sync.WaitGroup
	done.Go(func() { t.s.backup(dir) })
	time.Sleep(time.Duration(t.rnd.IntN(40)) * time.Millisecond)
	t.again()
	done.Wait()
	t.halt()
	t.halt = nil
	c := t.clients[0]
	before := c.acked
	t.s.backup(dir)
	if code, out := t.s.command("backup", dir, "--check"); code != 0 {
		t.Errorf("checking the backup: code %d\n%s", code, out)
	}
	other := t.s.elsewhere(dir)
	other.start()
	there := *c
	there.s = other
	if rows := there.rowsThere(t.T); rows < before {
		t.Errorf("the backup has %d rows, %d were acknowledged before it", rows, before)
	}
	other.end(syscall.SIGKILL)
}

// secondServer starts another server on the folder, which must refuse and do
// no harm.
func (t *trial) secondServer() {
	t.begin(2, 3000)
	t.rest(20, 300)
	other := placeServer(t.T, t.s.data)
	if err := other.tryStart(); err == nil {
		t.Error("a second server serves the folder")
		other.end(syscall.SIGKILL)
	}
	if text, _ := os.ReadFile(other.log); !containsAll(string(text), "another ballast serves the data folder", t.s.data) {
		t.Errorf("the second server does not say what is wrong:\n%s", text)
	}
	t.rest(20, 200)
}
