// Package meta is the metadata store: accounts, projects, runs, the tails of
// their streams, segment lists, files and jobs, in SQL.
//
// It speaks one small dialect of SQL that SQLite, MariaDB 10.11, MySQL 8.0 and
// Aurora MySQL 3 all understand; what differs is in dialect.go. The same
// conformance suite runs on SQLite and on a real MariaDB.
//
// Every change goes through [DB.Write], every snapshot through [DB.Read]. The
// nouns' statements are methods of [Tx], so that a room composes several into
// one transaction. Times at rest are microseconds since 1970 in UTC, 0 for
// "not".
package meta

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/ballast-ml/ballast"
)

// Options says which database to open.
type Options struct {
	// SQLite is the path of the database file. Empty means MySQL.
	SQLite string
	// MySQL is a go-sql-driver DSN, "user:password@tcp(host:port)/database".
	MySQL string
	// Password, when set, is asked for MySQL's password before each new
	// connection, in the place of the DSN's.
	Password func(context.Context) (string, error)
	// Migrate says whether Open brings the schema up to date. Without it, an
	// old schema is an error.
	Migrate bool
	Log     *slog.Logger
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	reader  *sql.DB
	writer  *sql.DB
	dialect *dialect
	queue   *writeQueue // SQLite only: the one writer of the process
	log     *slog.Logger
}

// Open opens the store and, when asked, brings its schema up to date.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Migrate {
		err = db.migrate(ctx, allMigrations)
	} else {
		err = db.checkSchema(ctx)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// connect opens the connections without looking at the schema.
func connect(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SQLite != "" {
		return openSQLite(ctx, o)
	}
	return openMySQL(ctx, o)
}

// Close waits for the writes under way and closes the store.
func (db *DB) Close() error {
	if db.queue != nil {
		db.queue.close()
	}
	err := db.reader.Close()
	if db.writer != db.reader {
		if e := db.writer.Close(); err == nil {
			err = e
		}
	}
	return err
}

// Ping reports whether the store answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "the metadata store does not answer")
	}
	return nil
}

// Read runs fn in one snapshot. Keep it short, and fetch no object inside it:
// an open snapshot lets SQLite's write-ahead log grow.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	tx, err := db.reader.BeginTx(ctx, db.dialect.readOptions)
	if err != nil {
		return db.dialect.fault(err, "opening a snapshot")
	}
	defer tx.Rollback()
	if err := fn(&Tx{ctx: ctx, tx: tx, dialect: db.dialect, readOnly: true}); err != nil {
		return db.dialect.fault(err, "reading")
	}
	return nil
}

// Write runs fn in one transaction that is durable when Write returns nil. An
// error of fn undoes what it did and is returned. fn may be called more than
// once (deadlock, lost connection), so it must not keep what it computed from
// an earlier call; what names the write in errors, "create run" for instance.
func (db *DB) Write(ctx context.Context, what string, fn func(*Tx) error) error {
	if db.queue != nil {
		return db.queue.do(ctx, what, fn)
	}
	return db.writeMySQL(ctx, what, fn)
}

// Tx is a transaction: the nouns' statements are its methods.
type Tx struct {
	ctx      context.Context
	tx       *sql.Tx
	dialect  *dialect
	readOnly bool
	later    *later // MySQL's writer only
}

// forUpdate is what ends a SELECT whose rows the transaction is about to
// change; nothing in a snapshot.
func (t *Tx) forUpdate() string {
	if t.readOnly {
		return ""
	}
	return t.dialect.forUpdate
}

func (t *Tx) exec(query string, args ...any) (sql.Result, error) {
	if err := t.sendLater(); err != nil {
		return nil, err
	}
	return t.tx.ExecContext(t.ctx, query, args...)
}

func (t *Tx) query(query string, args ...any) (*sql.Rows, error) {
	if err := t.sendLater(); err != nil {
		return nil, err
	}
	return t.tx.QueryContext(t.ctx, query, args...)
}

func (t *Tx) row(query string, args ...any) *sql.Row {
	if err := t.sendLater(); err != nil {
		t.later.fault = err // what is asked now would fail too: the transaction does
	}
	return t.tx.QueryRowContext(t.ctx, query, args...)
}

// insert runs an INSERT and returns the id of the new row.
func (t *Tx) insert(query string, args ...any) (int64, error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// micros is a time as stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is a stored time; 0 is the zero time.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// placeholders returns "?,?,?" for n values.
func placeholders(n int) string {
	b := make([]byte, 0, 2*n)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '?')
	}
	return string(b)
}

func notFound(format string, args ...any) error {
	return &ballast.Error{Kind: ballast.NotFound, Text: fmt.Sprintf(format, args...)}
}
