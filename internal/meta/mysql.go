package meta

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// openMySQL opens a pool on MySQL, MariaDB or Aurora MySQL.
func openMySQL(ctx context.Context, o Options) (*DB, error) {
	cfg, err := mysql.ParseDSN(o.MySQL)
	if err != nil {
		// The driver's error may quote the DSN, and with it the password.
		return nil, fmt.Errorf("the setting database (BALLAST_DATABASE) is not of the form user:password@tcp(host:port)/database")
	}
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true
	cfg.Collation = "utf8mb4_bin"
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["sql_mode"] = "'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if err := secure(cfg); err != nil {
		return nil, err
	}
	if o.Password != nil {
		if err := cfg.Apply(mysql.BeforeConnect(current(o.Password))); err != nil {
			return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
		}
	}
	conn, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
	}
	many := cfg.Clone()
	many.MultiStatements = true // only where later needs it
	many.RejectReadOnly = true  // after a fail-over, connections to the demoted writer are dropped
	far, err := mysql.NewConnector(many)
	if err != nil {
		return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
	}
	reader, writer := mysqlPool(conn, 24), mysqlPool(committed{far}, 16)
	if err := reader.PingContext(ctx); err != nil {
		reader.Close()
		writer.Close()
		return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
	}
	return &DB{reader: reader, writer: writer, dialect: &mysqlDialect, log: o.Log}, nil
}

// secure takes the parameter "ca", which names a PEM file of who signs the
// server's certificate, out of the DSN. Without it the driver's own "tls"
// decides.
func secure(cfg *mysql.Config) error {
	path, ok := cfg.Params["ca"]
	if !ok {
		return nil
	}
	delete(cfg.Params, "ca")
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the certificate authority of MySQL (ca in the setting database): %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("the file %s (ca in the setting database) holds no certificate in PEM form", path)
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return fmt.Errorf("the address of MySQL: %w", err)
	}
	cfg.TLS = &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12}
	return nil
}

// current asks for the password before each new connection, so that one that
// rotates, or a token that expires, needs no restart.
func current(password func(context.Context) (string, error)) func(context.Context, *mysql.Config) error {
	return func(ctx context.Context, c *mysql.Config) (err error) {
		if c.Passwd, err = password(ctx); err != nil {
			return fmt.Errorf("finding the password of MySQL: %w", err)
		}
		return nil
	}
}

func mysqlPool(c driver.Connector, most int) *sql.DB {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(8)
	db.SetConnMaxLifetime(30 * time.Minute)
	return db
}

// committed makes connections whose transactions are READ COMMITTED, so that
// not each has to say so: that would be a round trip.
type committed struct{ driver.Connector }

func (c committed) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	const isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, isolation, nil); err != nil {
		conn.Close()
		return nil, fmt.Errorf("setting the isolation of a connection to MySQL: %w", err)
	}
	return conn, nil
}

// later are statements without a result that wait to be sent together: round
// trips decide how fast small requests are stored (ENGINE section 5).
type later struct {
	text  strings.Builder
	args  []any
	bytes int
	fault error
}

// execLater executes a statement, on MySQL with the next one at the latest, or
// at the commit. bytes is what its blobs have.
func (t *Tx) execLater(bytes int, query string, args []any) error {
	l := t.later
	if l == nil {
		_, err := t.exec(query, args...)
		return err
	}
	if l.bytes+bytes > maxStatement {
		if err := t.sendLater(); err != nil {
			return err
		}
	}
	if l.text.Len() > 0 {
		l.text.WriteString(";")
	}
	l.text.WriteString(query)
	l.args, l.bytes = append(l.args, args...), l.bytes+bytes
	return nil
}

// sendLater sends what waits.
func (t *Tx) sendLater() error {
	l := t.later
	if l == nil || l.fault != nil || l.text.Len() == 0 {
		return l.failed()
	}
	text, args := l.text.String(), l.args
	l.text.Reset()
	l.args, l.bytes = nil, 0
	_, l.fault = t.tx.ExecContext(t.ctx, text, args...)
	return l.fault
}

func (l *later) failed() error {
	if l == nil {
		return nil
	}
	return l.fault
}

// writeMySQL runs fn in a READ COMMITTED transaction, again after a deadlock,
// a lock wait, or a connection that was lost before the commit.
func (db *DB) writeMySQL(ctx context.Context, what string, fn func(*Tx) error) error {
	var err error
	for attempt := range 6 {
		var again bool
		if again, err = db.tryMySQL(ctx, fn); err == nil || !again {
			break
		}
		select {
		case <-time.After(time.Duration(1<<attempt) * 5 * time.Millisecond):
		case <-ctx.Done():
			return db.dialect.fault(err, what)
		}
	}
	if err != nil {
		return db.dialect.fault(err, what)
	}
	return nil
}

// tryMySQL runs fn once. again says that running it once more may help and
// cannot store it twice: after a connection lost in the commit nobody knows.
func (db *DB) tryMySQL(ctx context.Context, fn func(*Tx) error) (again bool, err error) {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return lost(err), err
	}
	defer tx.Rollback()
	t := &Tx{ctx: ctx, tx: tx, dialect: db.dialect, later: new(later)}
	if err = fn(t); err == nil {
		err = t.sendLater()
	}
	if err != nil {
		return db.dialect.again(err) || lost(err), err
	}
	err = tx.Commit()
	return err != nil && db.dialect.retry(err), err
}

func lost(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn)
}
