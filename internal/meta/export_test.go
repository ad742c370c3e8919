package meta

import (
	"context"
	"database/sql"
)

// Connect opens a store without looking at its schema.
func Connect(ctx context.Context, o Options) (*DB, error) { return connect(ctx, o) }

// MigrateTo brings the schema to a version.
func (db *DB) MigrateTo(ctx context.Context, version int) error { return db.migrate(ctx, version) }

// Versions is how many migrations there are.
func (db *DB) Versions() (int, error) {
	all, err := loadMigrations(db.dialect)
	return len(all), err
}

// MigrateUntil migrates and dies when it paused as often as given.
func (db *DB) MigrateUntil(ctx context.Context, pauses int, died error) error {
	all, err := loadMigrations(db.dialect)
	if err != nil {
		return err
	}
	conn, unlock, err := db.lockSchema(ctx)
	if err != nil {
		return err
	}
	err = db.apply(ctx, conn, all, allMigrations, func() error {
		if pauses--; pauses == 0 {
			return died
		}
		return nil
	})
	if e := unlock(err == nil); err == nil {
		err = e
	}
	return err
}

// LockSchema holds the lock of migrations until the function is called.
func (db *DB) LockSchema(ctx context.Context) (func(bool) error, error) {
	_, unlock, err := db.lockSchema(ctx)
	return unlock, err
}

// SQL is the pool of connections that write.
func (db *DB) SQL() *sql.DB { return db.writer }

// Transaction tells transactions of the database apart.
func (t *Tx) Transaction() any { return t.tx }

// PurgedTables are the tables whose rows go with a run.
func PurgedTables() (names []string) {
	for _, o := range ofRun {
		names = append(names, o.table)
	}
	return names
}
