package metatest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/ballast-ml/ballast/test/service"
)

// server is the MariaDB of this test binary.
var server struct {
	sync.Mutex
	main    bool // Main will stop it
	started bool
	err     error
	dsn     *mysql.Config // of a user who may create databases
	admin   *sql.DB
	free    []string        // databases with an up-to-date schema and empty tables
	changed map[string]bool // databases whose schema the test has in hand
	dir     string
	process *service.MariaDB // nil: another's
}

// Main runs a package's tests and then stops the MariaDB that they started.
func Main(m *testing.M) {
	server.main = true
	code := m.Run()
	stopServer()
	os.Exit(code)
}

// MySQL returns the DSN of an empty database of its own for the test. The
// tables may be there already, without rows.
func MySQL(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if !server.main {
		t.Fatal("this package needs: func TestMain(m *testing.M) { metatest.Main(m) }")
	}
	if !server.started {
		server.started, server.changed = true, map[string]bool{}
		server.err = startServer()
	}
	if server.err != nil {
		t.Fatalf("MariaDB: %v", server.err)
	}
	name := newDatabaseName()
	if n := len(server.free); n > 0 {
		name, server.free = server.free[n-1], server.free[:n-1]
	} else if _, err := server.admin.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	t.Cleanup(func() { giveBack(t, name) })
	return dsnFor(name)
}

// EmptyMySQL is MySQL with a database that holds no table: the test has the
// schema in hand.
func EmptyMySQL(t testing.TB) string {
	t.Helper()
	dsn := MySQL(t)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server.Lock()
	defer server.Unlock()
	server.changed[cfg.DBName] = true
	for _, q := range []string{"DROP DATABASE ", "CREATE DATABASE "} {
		if _, err := server.admin.Exec(q + cfg.DBName); err != nil {
			t.Fatalf("%s%s: %v", q, cfg.DBName, err)
		}
	}
	return dsn
}

func newDatabaseName() string { return "ballast_test_" + strings.ToLower(rand.Text()[:12]) }

func dsnFor(database string) string {
	cfg := server.dsn.Clone()
	cfg.DBName = database
	return cfg.FormatDSN()
}

// giveBack empties a database's tables, which is much faster than making
// them again, and keeps it for the next test. One of EmptyMySQL is dropped.
func giveBack(t testing.TB, name string) {
	server.Lock()
	defer server.Unlock()
	tables, err := tablesOf(name)
	if err == nil && !t.Failed() && !server.changed[name] {
		for _, table := range tables {
			if table == "migration" {
				continue
			}
			if _, err = server.admin.Exec("DELETE FROM " + name + ".`" + table + "`"); err != nil {
				break
			}
		}
		if err == nil {
			server.free = append(server.free, name)
			return
		}
	}
	if _, err := server.admin.Exec("DROP DATABASE " + name); err != nil {
		t.Logf("dropping the test's database: %v", err)
	}
}

func tablesOf(database string) ([]string, error) {
	rows, err := server.admin.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = ?", database)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

func startServer() error {
	var err error
	if given := os.Getenv("BALLAST_TEST_MYSQL"); given != "" {
		if server.dsn, err = mysql.ParseDSN(given); err != nil {
			return fmt.Errorf("BALLAST_TEST_MYSQL: %w", err)
		}
	} else if err = startMariaDB(); err != nil {
		return err
	}
	if server.admin, err = sql.Open("mysql", dsnFor("")); err != nil {
		return err
	}
	server.admin.SetMaxOpenConns(2)
	return server.admin.Ping()
}

// startMariaDB starts a server on an empty data folder.
func startMariaDB() (err error) {
	if server.dir, err = os.MkdirTemp("", "ballast-mariadb-"); err != nil {
		return err
	}
	if server.process, err = service.InstallMariaDB(server.dir); err != nil {
		return fmt.Errorf("%w; or set BALLAST_TEST_MYSQL to a server's DSN, or BALLAST_TEST_SKIP_MYSQL=1 to leave these tests out", err)
	}
	if err := server.process.Start(); err != nil {
		return err
	}
	server.dsn = server.process.Root()
	return nil
}

func stopServer() {
	server.Lock()
	defer server.Unlock()
	if server.admin != nil {
		for _, name := range server.free {
			server.admin.ExecContext(context.Background(), "DROP DATABASE "+name)
		}
		server.admin.Close()
	}
	if server.process != nil {
		server.process.Stop()
	}
	if server.dir != "" {
		os.RemoveAll(server.dir)
	}
}
