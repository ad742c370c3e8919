package meta_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/test/service"
)

func skipMySQL(t *testing.T) {
	if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
		t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
	}
}

func note(ctx context.Context, db *meta.DB, place string) error {
	return db.Write(ctx, "note "+place, func(tx *meta.Tx) error {
		_, err := tx.EnsureStore(place, time.Now())
		return err
	})
}

// TestPasswordRotates: the password changes under an open store, connections
// are cut, and the store goes on with the new one.
func TestPasswordRotates(t *testing.T) {
	skipMySQL(t)
	server, dsn := service.StartMariaDB(t)
	var password atomic.Value
	password.Store(dsn.Passwd)
	dsn.Passwd = "not asked for"
	db, err := meta.Open(t.Context(), meta.Options{MySQL: dsn.FormatDSN(), Migrate: true,
		Password: func(context.Context) (string, error) { return password.Load().(string), nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	server.Exec(t, "ALTER USER ballast@'%' IDENTIFIED BY 'the new one'")
	password.Store("the new one")
	killConnections(t, server)
	if err := note(t.Context(), db, "s3://after"); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
	password.Store("a wrong one")
	killConnections(t, server)
	if err := note(t.Context(), db, "s3://never"); err == nil || strings.Contains(err.Error(), "a wrong one") {
		t.Errorf("with a wrong password: %v", err)
	}
}

func killConnections(t *testing.T, server *service.MariaDB) {
	t.Helper()
	db, err := sql.Open("mysql", server.Root().FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("KILL USER ballast"); err != nil {
		t.Fatal(err)
	}
}

// TestDemotedWriter: the server becomes read-only, as the former writer of a
// cluster does; the store drops its connections, and writes again when they
// lead to a writer.
func TestDemotedWriter(t *testing.T) {
	skipMySQL(t)
	server, dsn := service.StartMariaDB(t)
	db, err := meta.Open(t.Context(), meta.Options{MySQL: dsn.FormatDSN(), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := note(t.Context(), db, "s3://before"); err != nil {
		t.Fatal(err)
	}
	before := connections(t, server)
	server.Exec(t, "SET GLOBAL read_only = 1")
	if err := note(t.Context(), db, "s3://meanwhile"); err == nil {
		t.Error("a read-only server took a write")
	}
	server.Exec(t, "SET GLOBAL read_only = 0")
	if err := note(t.Context(), db, "s3://after"); err != nil {
		t.Errorf("after the fail-over: %v", err)
	}
	if after := connections(t, server); slices.ContainsFunc(before, func(id int64) bool { return !slices.Contains(after, id) }) {
		return
	}
	t.Error("every connection is still there: those to the demoted writer were to be dropped")
}

// connections are the ids of the store's connections.
func connections(t *testing.T, server *service.MariaDB) (ids []int64) {
	t.Helper()
	db, err := sql.Open("mysql", server.Root().FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'ballast'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestAuthority: a certificate that the given authority did not sign is
// refused, and so is a file that holds none.
func TestAuthority(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{empty: "holds no certificate", filepath.Join(dir, "none.pem"): "no such file"} {
		_, err := meta.Open(t.Context(), meta.Options{MySQL: "u:hunter2@tcp(127.0.0.1:1)/d?ca=" + url.QueryEscape(path)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	_, err := meta.Open(t.Context(), meta.Options{MySQL: "u:hunter2@tcp(127.0.0.1:1)/d", Password: func(context.Context) (string, error) { return "", errors.New("the file is gone") }})
	if err == nil || !strings.Contains(err.Error(), "the file is gone") {
		t.Errorf("a password that cannot be found: %v", err)
	}
}
