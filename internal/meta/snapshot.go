package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/ballast-ml/ballast"
)

// Snapshot writes the whole store, as it is at one moment, into a new SQLite
// file, durably. Writers go on meanwhile. From MySQL the rows are copied one by
// one out of one snapshot, so that a backup has one form.
func (db *DB) Snapshot(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return ballast.Errorf(ballast.Conflict, "a snapshot of the store cannot be written to %s: something is there", path)
	}
	if db.dialect.name == "sqlite" {
		if _, err := db.writer.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
			return ballast.Wrap(ballast.Unavailable, err, "writing a snapshot of the store to %s", path)
		}
		return syncFile(path)
	}
	to, err := Open(ctx, Options{SQLite: path, Migrate: true, Log: db.log})
	if err != nil {
		return err
	}
	err = db.CopyInto(ctx, to)
	if err == nil {
		_, err = to.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if e := to.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing a snapshot of the store to %s: %w", path, err)
	}
	return syncFile(path)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// copyRows is how many rows a transaction of a copy writes.
const copyRows = 500

// CopyInto copies every row, as it is at one moment, into a store of the same
// schema that has none.
func (db *DB) CopyInto(ctx context.Context, to *DB) error {
	from, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if have, err := to.SchemaVersion(ctx); err != nil || have != from {
		return fmt.Errorf("a store of schema %d is not copied into one of schema %d: use the same release for both (%w)", from, have, err)
	}
	return db.Read(ctx, func(tx *Tx) error {
		tables, err := tx.tables()
		if err != nil {
			return err
		}
		for _, table := range tables {
			if err := tx.copyTable(table, to); err != nil {
				return fmt.Errorf("copying table %s: %w", table, err)
			}
		}
		return nil
	})
}

// tables lists the tables that hold what people stored.
func (t *Tx) tables() ([]string, error) {
	query := "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%' ORDER BY name"
	if t.dialect.name != "sqlite" {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
	}
	var all []string
	err := t.each(query, nil, func(s scannable) error {
		var name string
		err := s.Scan(&name)
		if name != "migration" {
			all = append(all, name)
		}
		return err
	})
	return all, err
}

// Rows is how many rows the store has, all tables together.
func (db *DB) Rows(ctx context.Context) (total int64, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		tables, err := tx.tables()
		for _, table := range tables {
			var n int64
			if err == nil {
				err = tx.row("SELECT COUNT(*) FROM " + table).Scan(&n)
			}
			total += n
		}
		return err
	})
	return total, err
}

func (t *Tx) copyTable(table string, to *DB) error {
	rows, err := t.query("SELECT * FROM " + table)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	names := make([]string, len(types))
	for i, c := range types {
		names[i] = c.Name()
	}
	insert := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + placeholders(len(names)) + ")"
	var page [][]any
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		err := to.Write(t.ctx, "copying rows of "+table, func(tx *Tx) error {
			for _, row := range page {
				if _, err := tx.exec(insert, row...); err != nil {
					return err
				}
			}
			return nil
		})
		page = page[:0]
		return err
	}
	for rows.Next() {
		row := make([]any, len(types))
		dest := make([]any, len(types))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i := range row {
			row[i] = plain(row[i], types[i])
		}
		if page = append(page, row); len(page) == copyRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return flush()
}

// plain is a value as its column means it: MySQL's driver gives texts as
// bytes, which SQLite would store as bytes.
func plain(v any, column *sql.ColumnType) any {
	b, ok := v.([]byte)
	if !ok {
		return v
	}
	switch kind := column.DatabaseTypeName(); {
	case strings.Contains(kind, "BLOB"), strings.Contains(kind, "BINARY"):
		return b
	}
	return string(b)
}

// SnapshotChunk reads a tail chunk out of a snapshot's file, which is not
// changed by it; NotFound when it has none that begins at the row.
func SnapshotChunk(ctx context.Context, path string, run int64, stream ballast.Stream, row0 int64) (Chunk, error) {
	db, err := openKeeping("file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&immutable=1")
	if err != nil {
		return Chunk{}, sqliteUnopened(path, err)
	}
	defer db.Close()
	c := Chunk{Row0: row0}
	err = db.QueryRowContext(ctx, "SELECT nrow, data FROM tail WHERE run=? AND kind=? AND row0=?", run, int(stream), row0).Scan(&c.Rows, &c.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return Chunk{}, notFound("the snapshot has no chunk of run %d at row %d", run, row0)
	}
	if err != nil {
		return Chunk{}, fmt.Errorf("reading a chunk of run %d at row %d in %s: %w", run, row0, path, err)
	}
	return c, nil
}

// CheckStorage looks for damage in SQLite's own structures and says what it
// finds; nothing on MySQL, which looks after its own.
func (db *DB) CheckStorage(ctx context.Context) (wrong []string, err error) {
	if db.dialect.name != "sqlite" {
		return nil, nil
	}
	err = db.Read(ctx, func(tx *Tx) error {
		return tx.each("PRAGMA integrity_check(20)", nil, func(s scannable) error {
			var text string
			err := s.Scan(&text)
			if text != "ok" {
				wrong = append(wrong, text)
			}
			return err
		})
	})
	return wrong, err
}
