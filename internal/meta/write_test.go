package meta_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// hold keeps the one writer busy until the function is called.
func hold(t *testing.T, db *meta.DB) (release func()) {
	t.Helper()
	busy, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), "hold", func(*meta.Tx) error {
			close(busy)
			<-free
			return nil
		})
	}()
	<-busy
	return sync.OnceFunc(func() {
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// queue starts writes in the background; wait returns their errors in order.
func queue(db *meta.DB, ctx context.Context, fns ...func(tx *meta.Tx) error) (wait func() []error) {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.Write(ctx, fmt.Sprint("write ", i), fn) })
	}
	time.Sleep(50 * time.Millisecond) // let all of them queue
	return func() []error { wg.Wait(); return errs }
}

func set(name string) func(tx *meta.Tx) error {
	return func(tx *meta.Tx) error { return tx.SetSetting(name, []byte("x"), -1) }
}

func has(t *testing.T, db *meta.DB, name string) bool {
	t.Helper()
	return get(t, db, func(tx *meta.Tx) (int64, error) { _, rev, err := tx.Setting(name); return rev, err }) > 0
}

// TestWritesShareACommit: what queues while a commit is under way becomes one
// transaction, of which a member's error or panic undoes that member only.
func TestWritesShareACommit(t *testing.T) {
	db := metatest.Open(t)
	release := hold(t, db)
	defer release()
	var mu sync.Mutex
	shared := map[any]int{}
	count := func(fn func(tx *meta.Tx) error) func(tx *meta.Tx) error {
		return func(tx *meta.Tx) error {
			mu.Lock()
			shared[tx.Transaction()]++
			mu.Unlock()
			return fn(tx)
		}
	}
	wait := queue(db, context.Background(),
		count(set("a")),
		count(func(tx *meta.Tx) error {
			if err := set("b")(tx); err != nil {
				return err
			}
			return ballast.Errorf(ballast.Denied, "no")
		}),
		count(func(tx *meta.Tx) error {
			if err := set("c")(tx); err != nil {
				return err
			}
			panic("secret of the stack")
		}),
		count(func(tx *meta.Tx) error { // breaks a unique key
			if err := set("d")(tx); err != nil {
				return err
			}
			_, err := tx.CreateUser(ballast.User{Name: "u"}, "")
			if err == nil {
				_, err = tx.CreateEntity("U", ballast.Team, 0)
			}
			return err
		}),
		count(func(tx *meta.Tx) error { return errors.New("plain") }),
		count(set("e")))
	release()
	errs := wait()
	if len(shared) != 1 {
		t.Errorf("%d transactions, want one", len(shared))
	}
	for i, want := range []ballast.Kind{0, ballast.Denied, ballast.Internal, ballast.Conflict, ballast.Unavailable, 0} {
		if i == 0 || i == 5 {
			if errs[i] != nil {
				t.Errorf("write %d: %v", i, errs[i])
			}
			continue
		}
		var e *ballast.Error
		if !ballast.Is(errs[i], want) || !errors.As(errs[i], &e) || strings.Contains(e.Text, "secret") {
			t.Errorf("write %d: %v, want kind %v", i, errs[i], want)
		}
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": false, "d": false, "e": true} {
		if has(t, db, name) != want {
			t.Errorf("%s is stored: %v, want %v", name, !want, want)
		}
	}
}

// TestWriteAlone: the same for a transaction of one, on both databases.
func TestWriteAlone(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		ctx := context.Background()
		mine := errors.New("mine")
		err := db.Write(ctx, "try", func(tx *meta.Tx) error {
			if err := set("a")(tx); err != nil {
				return err
			}
			return fmt.Errorf("around: %w", mine)
		})
		if !errors.Is(err, mine) || has(t, db, "a") {
			t.Errorf("%v; stored: %v", err, has(t, db, "a"))
		}
		func() {
			defer func() { recover() }() // MySQL's is the caller's own
			db.Write(ctx, "try", func(tx *meta.Tx) error { set("b")(tx); panic("x") })
		}()
		if has(t, db, "b") {
			t.Error("what panicked is stored")
		}
		write(t, db, set("c"))
		if !has(t, db, "c") {
			t.Error("nothing is stored after a panic")
		}
		if err := db.Read(ctx, set("d")); err == nil {
			t.Error("a snapshot could write")
		}
		if err := db.Ping(ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestWriteEndsWithItsCaller: a caller that leaves while waiting gets nothing
// stored; one that leaves while its transaction runs is told the outcome.
func TestWriteEndsWithItsCaller(t *testing.T) {
	db := metatest.Open(t)
	release := hold(t, db)
	defer release()
	ctx, leave := context.WithCancel(context.Background())
	wait := queue(db, ctx, set("a"), set("b"))
	leave()
	release()
	for _, err := range wait() {
		if !ballast.Is(err, ballast.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("left while queued: %v", err)
		}
	}
	ctx, leave = context.WithCancel(context.Background())
	err := db.Write(ctx, "run", func(tx *meta.Tx) error { leave(); return set("c")(tx) })
	if err != nil || !has(t, db, "c") || has(t, db, "a") || has(t, db, "b") {
		t.Errorf("left while running: %v", err)
	}
}

// TestClose waits for what is queued, and refuses what comes after.
func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.db")
	o := meta.Options{SQLite: path, Migrate: true}
	db, err := meta.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	wait := queue(db, context.Background(), set("a"), set("b"))
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("closed with a write under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	stored := []bool{}
	for _, err := range wait() {
		if err != nil && !ballast.Is(err, ballast.Unavailable) {
			t.Error(err)
		}
		stored = append(stored, err == nil)
	}
	if err := db.Write(context.Background(), "late", set("c")); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("after Close: %v", err)
	}
	db, err = meta.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, name := range []string{"a", "b"} { // the answer tells the truth
		if has(t, db, name) != stored[i] {
			t.Errorf("%s: answered stored %v, is %v", name, stored[i], !stored[i])
		}
	}
}

// TestWriteWaitsForAnotherProcess: `ballast admin` holds the lock for a while.
func TestWriteWaitsForAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.db")
	db, err := meta.Open(context.Background(), meta.Options{SQLite: path, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	wait := queue(db, context.Background(), set("a"), set("b"))
	if has(t, db, "a") { // reading goes on meanwhile
		t.Error("written under another's lock")
	}
	if _, err := conn.ExecContext(context.Background(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	for _, err := range wait() {
		if err != nil {
			t.Error(err)
		}
	}
	if !has(t, db, "a") || !has(t, db, "b") {
		t.Error("not written after the lock was free")
	}
}

// TestTransactionsWait: of two that read and then write the same row on
// MySQL, the second sees what the first wrote.
func TestTransactionsWait(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		write(t, db, set("n"))
		var fns []func(tx *meta.Tx) error
		for range 8 {
			fns = append(fns, func(tx *meta.Tx) error {
				_, rev, err := tx.Setting("n")
				if err != nil {
					return err
				}
				return tx.SetSetting("n", []byte("y"), rev)
			})
		}
		for _, err := range queue(db, context.Background(), fns...)() {
			if err != nil {
				t.Error(err)
			}
		}
		if rev := get(t, db, func(tx *meta.Tx) (int64, error) { _, rev, err := tx.Setting("n"); return rev, err }); rev != 9 {
			t.Errorf("revision %d, want 9", rev)
		}
	})
}
