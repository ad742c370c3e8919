// Package metatest opens metadata stores for tests: a fresh SQLite file, or
// each of SQLite and a real MariaDB.
//
// MariaDB is one server for each test binary, started when the first test
// asks for it and stopped at the end, so a package that calls [Each] has
//
//	func TestMain(m *testing.M) { metatest.Main(m) }
//
// BALLAST_TEST_MYSQL names a running server to use in its place, as a DSN of
// a user who may create databases, "root@tcp(127.0.0.1:3306)/" for instance.
// BALLAST_TEST_SKIP_MYSQL=1 skips what needs one.
package metatest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ballast-ml/ballast/internal/meta"
)

// Open returns an empty SQLite store with the newest schema, in a folder of
// its own, closed when the test ends.
func Open(t testing.TB) *meta.DB {
	t.Helper()
	return open(t, meta.Options{SQLite: filepath.Join(t.TempDir(), "meta.db"), Migrate: true})
}

// OpenMySQL returns an empty store with the newest schema in MariaDB, closed
// when the test ends.
func OpenMySQL(t testing.TB) *meta.DB {
	t.Helper()
	return open(t, meta.Options{MySQL: MySQL(t), Migrate: true})
}

// Each runs fn as a subtest on an empty SQLite store and as one on an empty
// MariaDB.
func Each(t *testing.T, fn func(t *testing.T, db *meta.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t)) })
	t.Run("mysql", func(t *testing.T) {
		if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
			t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
		}
		fn(t, OpenMySQL(t))
	})
}

func open(t testing.TB, o meta.Options) *meta.DB {
	t.Helper()
	db, err := meta.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return db
}
