package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ballast-ml/ballast"
)

// sqliteUnopened is why a file could not be opened, and what to do.
func sqliteUnopened(path string, err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_NOTADB || e.Code()&0xff == sqlite3.SQLITE_CORRUPT) {
		return fmt.Errorf("opening %s: it is damaged, or no database of SQLite (%w): restore it from the backup", path, err)
	}
	return fmt.Errorf("opening %s: %w", path, err)
}

// openSQLite opens a file with one connection that writes and several that
// read snapshots. synchronous=FULL makes a commit durable before it is
// answered; the checkpoint stays inline at its default, which was faster than
// every background checkpointer tried (ENGINE section 4).
func openSQLite(ctx context.Context, o Options) (*DB, error) {
	dsn := func(pragmas ...string) string {
		q := url.Values{"_pragma": append(pragmas, "busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)", "temp_store(MEMORY)", "cache_size(-8000)",
			"case_sensitive_like(1)")} // as MySQL compares bytes
		return "file:" + (&url.URL{Path: o.SQLite}).EscapedPath() + "?" + q.Encode()
	}
	writer, err := openKeeping(dsn() + "&_txlock=immediate")
	if err != nil {
		return nil, sqliteUnopened(o.SQLite, err)
	}
	writer.SetMaxOpenConns(1)
	if err := pingNew(ctx, writer); err != nil {
		writer.Close()
		return nil, sqliteUnopened(o.SQLite, err)
	}
	reader, err := openKeeping(dsn("query_only(1)"))
	if err != nil {
		writer.Close()
		return nil, sqliteUnopened(o.SQLite, err)
	}
	reader.SetMaxOpenConns(8)
	reader.SetMaxIdleConns(4)
	reader.SetConnMaxIdleTime(time.Minute) // gives the page caches back
	db := &DB{reader: reader, writer: writer, dialect: &sqliteDialect, log: o.Log}
	db.queue = newWriteQueue(writer, db.dialect)
	return db, nil
}

// pingNew opens the first connection. Turning a new file to WAL takes a lock for
// which SQLite does not wait, so that one who opens it at the same time is
// refused for a moment.
func pingNew(ctx context.Context, db *sql.DB) error {
	const tries = 50
	for i := 1; ; i++ {
		err := db.PingContext(ctx)
		if err == nil || i == tries || !sqliteDialect.retry(err) {
			return err
		}
		time.Sleep(time.Duration(i) * 4 * time.Millisecond)
	}
}

// writeQueue is the one writer of the process. It commits whatever is queued
// in one transaction, each member behind its own savepoint: while one commit
// waits for the disk the next one fills. There is no timer (ENGINE section 5).
type writeQueue struct {
	db      *sql.DB
	dialect *dialect
	in      chan *write
	closing sync.Once
	done    chan struct{}
	quit    chan struct{}
}

type write struct {
	ctx  context.Context // the caller's without its end
	gone context.Context // the caller's
	what string
	fn   func(*Tx) error
	err  error
	done chan struct{}
}

// maxWrites bounds how many writes share a transaction.
const maxWrites = 512

func newWriteQueue(db *sql.DB, d *dialect) *writeQueue {
	q := &writeQueue{db: db, dialect: d, in: make(chan *write, maxWrites), done: make(chan struct{}), quit: make(chan struct{})}
	go q.run()
	return q
}

// do queues fn and waits until it is durable. It waits for the outcome even
// when ctx ends meanwhile: an answer must never contradict what is stored.
func (q *writeQueue) do(ctx context.Context, what string, fn func(*Tx) error) error {
	w := &write{ctx: context.WithoutCancel(ctx), gone: ctx, what: what, fn: fn, done: make(chan struct{})}
	select {
	case q.in <- w:
	case <-ctx.Done():
		return ballast.Wrap(ballast.Unavailable, ctx.Err(), "%s: gave up waiting for the metadata store", what)
	case <-q.quit:
		return ballast.Errorf(ballast.Unavailable, "%s: the store is closed", what)
	}
	select {
	case <-w.done:
		return w.err
	case <-q.done:
		select {
		case <-w.done: // answered in the last round
			return w.err
		default:
			return ballast.Errorf(ballast.Unavailable, "%s: the store is closed", what)
		}
	}
}

func (q *writeQueue) close() {
	q.closing.Do(func() { close(q.quit) })
	<-q.done
}

func (q *writeQueue) run() {
	defer close(q.done)
	for {
		var batch []*write
		select {
		case w := <-q.in:
			batch = append(batch, w)
		case <-q.quit:
			for len(q.in) > 0 {
				batch = append(batch, <-q.in)
			}
			q.commit(batch)
			return
		}
		for len(q.in) > 0 && len(batch) < maxWrites {
			batch = append(batch, <-q.in)
		}
		q.commit(batch)
	}
}

// commit runs the batch in one transaction and answers every member.
func (q *writeQueue) commit(batch []*write) {
	if len(batch) == 0 {
		return
	}
	var err error
	for attempt := range 5 {
		if err = q.try(batch); err == nil || !q.dialect.retry(err) {
			break
		}
		time.Sleep(time.Duration(attempt+1) * 20 * time.Millisecond)
	}
	for _, w := range batch {
		if err != nil { // nothing of the batch is stored, and what a member saw of the others never was
			w.err = q.dialect.fault(err, w.what)
		}
		close(w.done)
	}
}

// try runs the batch once. An error means that nothing was stored; what a
// member's own function returned is in its err.
func (q *writeQueue) try(batch []*write) error {
	ctx := context.Background()
	tx, err := q.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, w := range batch {
		w.err = nil
		if len(batch) == 1 {
			if w.err = runGuarded(w, &Tx{ctx: w.ctx, tx: tx, dialect: q.dialect}); w.err != nil {
				if q.dialect.retry(w.err) {
					return w.err
				}
				w.err = q.dialect.fault(w.err, w.what)
				return nil // the deferred rollback undoes it
			}
			break
		}
		if _, err := tx.ExecContext(ctx, "SAVEPOINT w"); err != nil {
			return err
		}
		if w.err = runGuarded(w, &Tx{ctx: w.ctx, tx: tx, dialect: q.dialect}); w.err != nil {
			if q.dialect.retry(w.err) { // another process is in the way: of all of them
				return w.err
			}
			w.err = q.dialect.fault(w.err, w.what)
			if _, err := tx.ExecContext(ctx, "ROLLBACK TO w"); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "RELEASE w"); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// runGuarded turns a panic of one member into its own error, so that it does
// not take the writer, and every other request with it, down.
func runGuarded(w *write, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = ballast.Wrap(ballast.Internal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "%s: internal error", w.what)
		}
	}()
	if w.gone.Err() != nil {
		return ballast.Wrap(ballast.Unavailable, w.gone.Err(), "%s: gave up waiting for the metadata store", w.what)
	}
	return w.fn(tx)
}
