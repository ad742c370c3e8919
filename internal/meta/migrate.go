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
// it goes on working beside it, and may be started again; a contract step
// removes what no live release reads any more (docs/design/005).
type migration struct {
	version    int
	name       string // "first.expand": recorded, so that an older binary knows the sort of a step
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
		if m[3] == "contract" {
			return nil, fmt.Errorf("migration %s: nothing makes a contract step wait for the last older replica yet (docs/design/005)", f.Name())
		}
		v, _ := strconv.Atoi(m[1])
		all = append(all, migration{version: v, name: m[2] + "." + m[3], statements: statements(d.types.Replace(string(text)))})
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
	if err := tooNew(done, len(all)); err != nil {
		return err
	}
	for _, m := range all {
		if m.version > upTo {
			break
		}
		for i, s := range m.statements {
			if _, ok := done[[2]int{m.version, i}]; ok {
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

// checkSchema fails when this binary cannot work on the schema as it is.
func (db *DB) checkSchema(ctx context.Context) error {
	all, done, err := db.schema(ctx)
	if err != nil {
		return err
	}
	if err := tooNew(done, len(all)); err != nil {
		return err
	}
	if have := complete(all, done); have < len(all) {
		return fmt.Errorf("the store has schema %d, this binary needs %d: start once with BALLAST_MIGRATE=auto", have, len(all))
	}
	return nil
}

// tooNew fails when a step that this binary does not know took something away.
// Steps that only added are fine: a release before them goes on working.
func tooNew(done steps, known int) error {
	for k, name := range done {
		if k[0] > known && !strings.HasSuffix(name, ".expand") {
			return fmt.Errorf("the store has schema %d, which took away what this binary (schema %d) needs: run the newer release, or restore the backup made before the upgrade", k[0], known)
		}
	}
	return nil
}

// SchemaVersion returns the newest version that is completely applied, 0 for
// an empty store; a version that this binary does not know also when it is not
// complete.
func (db *DB) SchemaVersion(ctx context.Context) (int, error) {
	all, done, err := db.schema(ctx)
	if err != nil {
		return 0, err
	}
	version := complete(all, done)
	for k := range done {
		if k[0] > len(all) {
			version = max(version, k[0])
		}
	}
	return version, nil
}

// schema returns the steps there are and those that were applied.
func (db *DB) schema(ctx context.Context) (all []migration, done steps, err error) {
	if all, err = loadMigrations(db.dialect); err != nil {
		return nil, nil, err
	}
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return nil, nil, db.dialect.fault(err, "reading the schema version")
	}
	defer conn.Close()
	done, err = appliedStatements(ctx, conn)
	switch {
	case err != nil && db.dialect.noTable(err): // an empty store
		return all, steps{}, nil
	case err != nil:
		return nil, nil, db.dialect.fault(err, "reading the schema version")
	}
	return all, done, nil
}

// steps are the applied statements, by version and number, each with the name
// of its migration.
type steps map[[2]int]string

// complete is the newest known version of which every statement was applied,
// and of those before it.
func complete(all []migration, done steps) (version int) {
	for _, m := range all {
		for i := range m.statements {
			if _, ok := done[[2]int{m.version, i}]; !ok {
				return version
			}
		}
		version = m.version
	}
	return version
}

func appliedStatements(ctx context.Context, conn *sql.Conn) (steps, error) {
	rows, err := conn.QueryContext(ctx, "SELECT version, statement, name FROM migration")
	if err != nil {
		return nil, fmt.Errorf("reading the table of migrations: %w", err)
	}
	defer rows.Close()
	done := steps{}
	for rows.Next() {
		var k [2]int
		var name string
		if err := rows.Scan(&k[0], &k[1], &name); err != nil {
			return nil, err
		}
		done[k] = name
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
