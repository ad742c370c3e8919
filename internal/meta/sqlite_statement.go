package meta

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	sqlite "modernc.org/sqlite"
)

// A connection to SQLite keeps the statements it has parsed, by their text:
// parsing cost a third of the processor time of a run's start and a quarter of
// a small commit. It is done below database/sql, since there a statement is
// bound to a transaction and cannot be prepared while one holds the connection.

const (
	// keptStatements bounds the parsed statements of one connection. Each
	// holds some kilobytes.
	keptStatements = 64
	// maxKeptText is the longest statement that is kept, in bytes: lists of
	// any length in a text make it one that never comes again.
	maxKeptText = 16 << 10
)

// openKeeping opens a pool of such connections.
func openKeeping(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeping{c}), nil
}

// keeping opens connections that keep their statements.
type keeping struct{ driver.Connector }

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := simplelru.NewLRU(keptStatements, func(_ string, s *keptStatement) { s.drop() })
	if err != nil {
		return nil, err
	}
	return &keepingConn{sqliteConn: c.(sqliteConn), kept: kept}, nil
}

// sqliteConn is what the driver's connection can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// sqliteStatement is what the driver's statement can do.
type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keepingConn is a connection with its parsed statements. database/sql lets
// one goroutine at a time use a connection and the rows that it answered.
type keepingConn struct {
	sqliteConn
	kept *simplelru.LRU[string, *keptStatement]
}

// Unwrap gives the driver its own connection.
func (c *keepingConn) Unwrap() driver.Conn { return c.sqliteConn }

// Close closes the statements, then the connection.
func (c *keepingConn) Close() error {
	c.kept.Purge()
	return c.sqliteConn.Close()
}

// take returns a statement for the text, which is the caller's until it is
// released. One text used twice at once is two statements, one of them kept.
func (c *keepingConn) take(ctx context.Context, text string) (*keptStatement, error) {
	kept, ok := c.kept.Get(text)
	if ok && !kept.busy {
		kept.busy = true
		return kept, nil
	}
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &keptStatement{sqliteStatement: stmt.(sqliteStatement), busy: true, dropped: true}
	if !ok && len(text) <= maxKeptText {
		s.dropped = false
		c.kept.Add(text, s)
	}
	return s, nil
}

func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	defer s.release()
	return s.ExecContext(ctx, args)
}

func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		s.release()
		return nil, err
	}
	return &keptRows{Rows: rows, statement: s}, nil
}

// keptStatement is a parsed statement, busy while somebody uses it, dropped
// when it is closed after that use.
type keptStatement struct {
	sqliteStatement
	busy, dropped bool
}

func (s *keptStatement) release() {
	s.busy = false
	if s.dropped {
		s.Close()
	}
}

// drop closes the statement as soon as nobody uses it.
func (s *keptStatement) drop() {
	s.dropped = true
	if !s.busy {
		s.Close()
	}
}

// keptRows release their statement when they are closed.
type keptRows struct {
	driver.Rows
	statement *keptStatement // nil: released
}

func (r *keptRows) Close() error {
	err := r.Rows.Close()
	if r.statement != nil {
		r.statement.release()
		r.statement = nil
	}
	return err
}
