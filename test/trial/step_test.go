package trial_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "modernc.org/sqlite"
)

// killIn kills the server in the middle of a step: it is stopped when the step
// seems to be under way, looked at while it stands still, and killed when it
// is. Otherwise it goes on.
func (t *trial) killIn(step string, seems, is func() bool) {
	t.Helper()
	pid := t.s.cmd.Process.Pid
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		if !seems() {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatalf("stopping the server: %v", err)
		}
		for !standsStill(pid) {
			time.Sleep(20 * time.Microsecond)
		}
		if is() {
			t.s.end(syscall.SIGKILL)
			return
		}
		syscall.Kill(pid, syscall.SIGCONT)
	}
	panic(missed(fmt.Sprintf("the server was in no %s", step)))
}

// standsStill reports whether a process is stopped, or gone.
func standsStill(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(text), ") ")
	return err != nil || strings.HasPrefix(state, "T")
}

// putting reports whether an object is being written.
func (t *trial) putting() bool {
	put, _ := filepath.Glob(filepath.Join(t.s.data, "objects", ".tmp", "put-*"))
	return len(put) > 0
}

// merging reports whether segments are being written anew, into a file without
// a name.
func (t *trial) merging() bool {
	dir := fmt.Sprintf("/proc/%d/fd", t.s.cmd.Process.Pid)
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if to, _ := os.Readlink(filepath.Join(dir, f.Name())); strings.Contains(to, "ballast-merge-") {
			return true
		}
	}
	return false
}

// killInSeal kills the server while it writes the object of a segment.
func (t *trial) killInSeal() {
	t.begin(2, 40_000)
	sealing := func() bool { return t.putting() && !t.merging() }
	t.killIn("seal", sealing, sealing)
	t.s.start()
}

// killInMerge kills the server while it merges segments.
func (t *trial) killInMerge() {
	t.small = true
	t.begin(1, 200_000)
	t.killIn("merge", t.merging, t.merging)
	t.s.start()
}

// killInDeletion deletes a key of the rows that are there and kills the server
// while it takes the values out of segments. They are never seen again.
func (t *trial) killInDeletion() {
	t.begin(1, 60_000)
	c := t.clients[0]
	for end := time.Now().Add(30 * time.Second); len(t.s.objects()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			panic(missed("nothing was sealed"))
		}
	}
	t.halt()
	if c.pending > 0 { // it may be there or not
		t.add(c, c.pending)
		c.pending = 0
	}
	t.s.admin("run", "delete-keys", "ada/trial/"+c.name(), "--key", fmt.Sprintf("k%d", deletedKey))
	c.deleted = c.acked
	t.halt = logAll(t.clients, c.acked+500)
	t.again() // what is due is done at the start
	t.killIn("deletion", t.merging, t.merging)
	t.s.start()
}

// killInMigration kills a server that brings an older store to its schema.
func (t *trial) killInMigration() {
	t.begin(1, 2000)
	t.rest(50, 200)
	t.s.end(syscall.SIGKILL)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.s.data, "ballast.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	newest := t.version(db)
	for try := 0; !t.killWhileMigrating(db, newest); try++ {
		if try == 20 {
			panic(missed("every migration was done before it was seen"))
		}
	}
	if v := t.version(db); v >= newest {
		t.Errorf("the schema is %d after the kill, want an older one than %d", v, newest)
	}
	db.Close()
	t.s.start()
}

// killWhileMigrating makes the schema of a store an older one and starts the
// server, which migrates while it holds the lock for writing and the schema is
// old. It reports false when that was done before it was seen.
func (t *trial) killWhileMigrating(db *sql.DB, newest int) (hit bool) {
	t.Helper()
	for _, stmt := range []string{"DROP TABLE erasure", "DROP TABLE run_manifest_due", "DROP TABLE run_part", "DROP TABLE run_part_bundle", "DROP INDEX run_ordinal", "DROP TABLE identity", "DROP TABLE system_setting", "DROP TABLE system_revision", "DROP TABLE system_change", "ALTER TABLE account DROP COLUMN email_proven", "DELETE FROM migration WHERE version>12"} {
		if _, err := db.Exec(stmt); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if t.s.cmd, t.s.ended, err = t.s.launch(); err != nil {
		t.Fatal(err)
	}
	t.killIn("migration", func() bool { return true }, func() bool {
		if t.version(db) >= newest {
			return true
		}
		if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
			hit = strings.Contains(err.Error(), "locked")
			return hit
		}
		db.Exec("ROLLBACK")
		return false
	})
	return hit
}

// version is that of a store's schema.
func (t *trial) version(db *sql.DB) (v int) {
	t.Helper()
	if err := db.QueryRow("SELECT MAX(version) FROM migration").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// killInRestore kills restores of a backup until one was hit before it was
// done, and repeats that one.
func (t *trial) killInRestore() {
	t.begin(1, 20_000)
	t.rest(300, 900)
	dir := filepath.Join(t.TempDir(), "backup")
	t.halt()
	t.halt = nil
	c := t.clients[0]
	before := c.acked
	t.s.backup(dir)
	for try := 0; ; try++ {
		if try == 40 {
			panic(missed("every restore was done before it was killed, or had not begun"))
		}
		data := filepath.Join(t.TempDir(), fmt.Sprint("restored", try))
		cmd := t.s.begin("restore", dir, "--data", data)
		time.Sleep(time.Duration(5+t.rnd.IntN(60)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		begun, _ := os.ReadDir(data)
		if _, err := os.Stat(filepath.Join(data, "ballast.db")); err == nil || len(begun) == 0 {
			continue
		}
		if code, out := t.s.command("restore", dir, "--data", data); code != 0 {
			t.Fatalf("repeating a restore that was killed: code %d\n%s", code, out)
		}
		other := t.s.beside(data)
		other.start()
		there := *c
		there.s = other
		if rows := there.rowsThere(t.T); rows < before {
			t.Errorf("what was restored has %d rows, %d were acknowledged before the backup", rows, before)
		}
		other.end(syscall.SIGKILL)
		return
	}
}
