package meta

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A migration is a numbered file NNNN_name.expand.sql or
// NNNN_name.contract.sql. An expand step only adds, so that the release before
// it goes on working beside it; a contract step removes what no live release
// reads any more and is run when the operator says so.
type migration struct {
	version    int
	name       string
	contract   bool
	statements []string
}

// allMigrations asks migrate for every version there is.
const allMigrations = 1 << 30

var migrationName = regexp.MustCompile(`^(\d{4})_(\w+)\.(expand|contract)\.sql$`)

// loadMigrations reads the embedded files, checked to be numbered without a
// hole from 1.
func loadMigrations(d *dialect) ([]migration, error) {
	files, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, f := range files {
		m := migrationName.FindStringSubmatch(f.Name())
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_name.expand.sql or NNNN_name.contract.sql", f.Name())
		}
		text, err := fs.ReadFile(migrationFiles, "migrations/"+f.Name())
		if err != nil {
			return nil, err
		}
		v, _ := strconv.Atoi(m[1])
		all = append(all, migration{version: v, name: m[2], contract: m[3] == "contract", statements: statements(d.types.Replace(string(text)))})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].version < all[j].version })
	for i, m := range all {
		if m.version != i+1 {
			return nil, fmt.Errorf("migration %04d_%s: version %d is missing or doubled", m.version, m.name, i+1)
		}
	}
	return all, nil
}

// statements splits a file at lines that end with a semicolon, dropping
// comments.
func statements(text string) []string {
	var all []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			all = append(all, strings.TrimSuffix(strings.TrimSpace(b.String()), ";"))
			b.Reset()
		}
	}
	return all
}

// migrate applies the steps up to a version, under a lock that two replicas
// cannot hold at once. On SQLite all of it is one transaction. DDL commits at
// once on MySQL, so each statement is recorded on its own and a repeated one
// finds its result in place.
func (db *DB) migrate(ctx context.Context, upTo int) error {
	all, err := loadMigrations(db.dialect)
	if err != nil {
		return err
	}
	conn, unlock, err := db.lockSchema(ctx)
	if err != nil {
		return fmt.Errorf("locking the schema: %w", err)
	}
	err = db.apply(ctx, conn, all, upTo, func() error { return nil })
	if e := unlock(err == nil); err == nil && e != nil {
		err = fmt.Errorf("committing the schema: %w", e)
	}
	return err
}

// apply runs what is not done yet of the steps up to a version. It calls pause
// wherever a test may want the process to die: after each statement, and after
// its record.
func (db *DB) apply(ctx context.Context, conn *sql.Conn, all []migration, upTo int, pause func() error) error {
	const book = `CREATE TABLE IF NOT EXISTS migration (version INT NOT NULL, statement INT NOT NULL,
		name VARCHAR(200) NOT NULL, applied BIGINT NOT NULL, PRIMARY KEY (version, statement)){{table}}`
	if _, err := conn.ExecContext(ctx, db.dialect.types.Replace(book)); err != nil {
		return fmt.Errorf("creating the table of migrations: %w", err)
	}
	done, err := appliedStatements(ctx, conn)
	if err != nil {
		return err
	}
	if v := newestApplied(done); v > len(all) {
		return fmt.Errorf("the store has schema %d, this binary knows up to %d: run the newer release, or restore the backup made before the upgrade", v, len(all))
	}
	for _, m := range all {
		if m.version > upTo {
			break
		}
		for i, s := range m.statements {
			if done[[2]int{m.version, i}] {
				continue
			}
			if _, err := conn.ExecContext(ctx, s); err != nil && !db.dialect.exists(err) {
				return fmt.Errorf("migration %04d_%s, statement %d: %w", m.version, m.name, i+1, err)
			}
			if err := pause(); err != nil {
				return err
			}
			if _, err := conn.ExecContext(ctx, "INSERT INTO migration (version, statement, name, applied) VALUES (?,?,?,?)",
				m.version, i, m.name, time.Now().UnixMicro()); err != nil {
				return fmt.Errorf("migration %04d_%s, recording statement %d: %w", m.version, m.name, i+1, err)
			}
			if err := pause(); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSchema fails when the schema is not the one this binary was built for.
func (db *DB) checkSchema(ctx context.Context) error {
	all, err := loadMigrations(db.dialect)
	if err != nil {
		return err
	}
	have, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	switch {
	case have < len(all):
		return fmt.Errorf("the store has schema %d, this binary needs %d: start once with BALLAST_MIGRATE=auto", have, len(all))
	case have > len(all):
		return fmt.Errorf("the store has schema %d, this binary knows up to %d: run the newer release", have, len(all))
	}
	return nil
}

// SchemaVersion returns the newest version that is completely applied, 0 for
// an empty store; a version that this binary does not know also when it is not
// complete.
func (db *DB) SchemaVersion(ctx context.Context) (int, error) {
	all, err := loadMigrations(db.dialect)
	if err != nil {
		return 0, err
	}
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return 0, db.dialect.fault(err, "reading the schema version")
	}
	defer conn.Close()
	done, err := appliedStatements(ctx, conn)
	switch {
	case err != nil && db.dialect.noTable(err): // an empty store
		return 0, nil
	case err != nil:
		return 0, db.dialect.fault(err, "reading the schema version")
	}
	if newest := newestApplied(done); newest > len(all) {
		return newest, nil
	}
	version := 0
	for _, m := range all {
		for i := range m.statements {
			if !done[[2]int{m.version, i}] {
				return version, nil
			}
		}
		version = m.version
	}
	return version, nil
}

func newestApplied(done map[[2]int]bool) int {
	v := 0
	for k := range done {
		v = max(v, k[0])
	}
	return v
}

func appliedStatements(ctx context.Context, conn *sql.Conn) (map[[2]int]bool, error) {
	rows, err := conn.QueryContext(ctx, "SELECT version, statement FROM migration")
	if err != nil {
		return nil, fmt.Errorf("reading the table of migrations: %w", err)
	}
	defer rows.Close()
	done := map[[2]int]bool{}
	for rows.Next() {
		var k [2]int
		if err := rows.Scan(&k[0], &k[1]); err != nil {
			return nil, err
		}
		done[k] = true
	}
	return done, rows.Err()
}

// lockSchema takes the lock that migrations run under: a named lock on MySQL,
// the write lock on SQLite. The function it returns gives it back, and keeps or
// undoes what was done on SQLite.
func (db *DB) lockSchema(ctx context.Context) (*sql.Conn, func(keep bool) error, error) {
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	if db.dialect.name == "sqlite" {
		if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
			conn.Close()
			return nil, nil, err
		}
		return conn, func(keep bool) error {
			defer conn.Close()
			if !keep {
				_, err := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
				return err
			}
			_, err := conn.ExecContext(ctx, "COMMIT")
			if err != nil {
				conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			}
			return err
		}, nil
	}
	const name = "CONCAT('ballast.', MD5(DATABASE()))" // such locks are of the whole server
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+name+", ?)", int(schemaPatience.Seconds())).Scan(&got); err != nil || got.Int64 != 1 {
		conn.Close()
		return nil, nil, errors.Join(err, ballast.Errorf(ballast.Unavailable, "another replica has been migrating the schema for %s", schemaPatience))
	}
	return conn, func(bool) error {
		conn.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK("+name+")") // ends with the connection anyway
		return conn.Close()
	}, nil
}

// schemaPatience is how long a replica waits while another one migrates.
const schemaPatience = 60 * time.Second
