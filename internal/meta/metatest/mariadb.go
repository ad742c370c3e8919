package metatest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
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
	stop    func()
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
	server.admin, err = sql.Open("mysql", dsnFor(""))
	if err != nil {
		return err
	}
	server.admin.SetMaxOpenConns(2)
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(30 * time.Millisecond) {
		if err = server.admin.Ping(); err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("does not answer: %w%s", err, serverLog())
		}
	}
}

// startMariaDB makes a data folder and starts a server on it. mariadbd refuses
// to run as root, so root starts it as nobody.
func startMariaDB() error {
	mysql.SetLogger(quiet{}) // refused connections while it starts are no news
	for _, bin := range []string{"mariadb-install-db", "mariadbd"} {
		if _, err := exec.LookPath(bin); err != nil {
			return fmt.Errorf("%s is not installed: apt-get install -y --no-install-recommends mariadb-server, "+
				"or set BALLAST_TEST_MYSQL to a server's DSN, or BALLAST_TEST_SKIP_MYSQL=1 to leave these tests out", bin)
		}
	}
	dir, err := os.MkdirTemp("", "ballast-mariadb-")
	if err != nil {
		return err
	}
	server.dir = dir
	as, err := ownDir(dir)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	// A server clears its folder of temporary tables when it starts, so two must
	// not share one.
	data, temp := filepath.Join(dir, "data"), "--tmpdir="+dir
	install := exec.Command("mariadb-install-db", "--no-defaults", "--datadir="+data, temp,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M")
	install.SysProcAttr, install.Dir = as, dir
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	cmd := exec.Command("mariadbd", "--no-defaults", "--datadir="+data, temp, "--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--skip-name-resolve",
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=2", "--max-allowed-packet=64M",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--transaction-isolation=READ-COMMITTED",
		"--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO")
	cmd.SysProcAttr, cmd.Dir = as, dir
	if err := startAttached(cmd); err != nil {
		return err
	}
	server.dsn = mysql.NewConfig()
	server.dsn.User, server.dsn.Net, server.dsn.Addr = "root", "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return nil
}

// ownDir gives the folder to the user that MariaDB will run as.
func ownDir(dir string) (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{}
	if os.Geteuid() != 0 {
		return as, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return as, errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, uid, gid))
}

// startAttached starts a command that ends with this process, also when a
// test's time-out kills it before Main can stop the server. The signal comes
// when the starting thread ends, so that thread is kept.
func startAttached(cmd *exec.Cmd) error {
	log, err := os.Create(filepath.Join(server.dir, "log"))
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	dieWithParent(cmd)
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		log.Close()
	}()
	server.stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	}
	return <-started
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
	if server.stop != nil {
		server.stop()
	}
	if server.dir != "" {
		os.RemoveAll(server.dir)
	}
}

func serverLog() string {
	text, err := os.ReadFile(filepath.Join(server.dir, "log"))
	if err != nil {
		return ""
	}
	if lines := bytes.Split(text, []byte("\n")); len(lines) > 15 {
		text = bytes.Join(lines[len(lines)-15:], []byte("\n"))
	}
	return "\n" + string(text)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

type quiet struct{}

func (quiet) Print(...any) {}
