package service

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/ballast-ml/ballast/internal/process"
)

// MariaDB is a server on a data folder of its own. It may be started again
// after it ended, at the same address.
type MariaDB struct {
	*process.Process
	dir  string
	port int
	as   *syscall.SysProcAttr
}

// InstallMariaDB makes a server's data in an empty folder. It does not start
// it. mariadbd refuses to run as root, so root runs it as nobody, who becomes
// the owner of the folder.
func InstallMariaDB(dir string) (*MariaDB, error) {
	for _, bin := range []string{"mariadb-install-db", "mariadbd"} {
		if _, err := exec.LookPath(bin); err != nil {
			return nil, fmt.Errorf("%s is not installed: apt-get install -y --no-install-recommends mariadb-server", bin)
		}
	}
	m := &MariaDB{dir: dir}
	var err error
	if m.as, err = process.OwnDir(dir); err != nil {
		return nil, err
	}
	if m.port, err = process.FreePort(); err != nil {
		return nil, err
	}
	install := exec.Command("mariadb-install-db", "--no-defaults", "--datadir="+m.data(), "--tmpdir="+dir,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M")
	attributes := *m.as
	install.SysProcAttr, install.Dir = &attributes, dir
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return m, nil
}

func (m *MariaDB) data() string { return filepath.Join(m.dir, "data") }

// Start starts the server, with what Ballast asks of MySQL, and waits until it
// answers. A server clears its folder of temporary tables when it starts, so
// that two must not share one.
func (m *MariaDB) Start() error {
	cmd := exec.Command("mariadbd", "--no-defaults", "--datadir="+m.data(), "--tmpdir="+m.dir, "--socket="+filepath.Join(m.dir, "s"),
		"--pid-file="+filepath.Join(m.dir, "pid"), "--bind-address=127.0.0.1", "--port="+strconv.Itoa(m.port), "--skip-name-resolve",
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=2", "--max-allowed-packet=64M",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--transaction-isolation=READ-COMMITTED",
		"--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO")
	attributes := *m.as
	cmd.SysProcAttr, cmd.Dir = &attributes, m.dir
	var err error
	if m.Process, err = process.Start(cmd, filepath.Join(m.dir, "log")); err != nil {
		return err
	}
	db, err := m.open()
	if err != nil {
		return err
	}
	defer db.Close()
	return m.Wait(db.Ping)
}

// Root is how to connect as the user who may do everything.
func (m *MariaDB) Root() *mysql.Config {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr = "root", "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port))
	c.Logger = quiet{}
	return c
}

// open connects as root, without a word about the connections that are
// refused while the server starts.
func (m *MariaDB) open() (*sql.DB, error) {
	connector, err := mysql.NewConnector(m.Root())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// StartMariaDB starts a server for the test and its subtests, with an empty
// database and its owner, both named ballast.
func StartMariaDB(t testing.TB) (*MariaDB, *mysql.Config) {
	t.Helper()
	dir, err := os.MkdirTemp("", "ballast-mariadb-") // nobody must be able to reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m, err := InstallMariaDB(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Stop() })
	owner := m.Root()
	owner.User, owner.Passwd, owner.DBName = "ballast", "not a secret", "ballast"
	m.Exec(t, "CREATE DATABASE ballast", "CREATE USER ballast@'%' IDENTIFIED BY 'not a secret'", "GRANT ALL ON ballast.* TO ballast@'%'")
	return m, owner
}

// Exec executes statements as root.
func (m *MariaDB) Exec(t testing.TB, statements ...string) {
	t.Helper()
	db, err := m.open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

type quiet struct{}

func (quiet) Print(...any) {}
