package meta

import (
	"context"
	"crypto/rand"
	"strings"
)

// Probe performs what a server and its upgrades do to the database, on a table
// of its own: step runs each operation and says whether to go on.
func (db *DB) Probe(ctx context.Context, step func(name string, do func() error) bool) {
	table := "ballast_probe_" + strings.ToLower(rand.Text()[:10])
	defer db.writer.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+table) // what a refusal left
	for _, one := range []struct{ name, statement string }{
		{"Read", "SELECT COUNT(*) FROM system_revision"},
		{"Make a table", "CREATE TABLE " + table + " (a BIGINT NOT NULL)"},
		{"Write", "INSERT INTO " + table + " (a) VALUES (1)"},
		{"Alter", "ALTER TABLE " + table + " ADD COLUMN b BIGINT NOT NULL DEFAULT 0"},
		{"Make an index", "CREATE INDEX " + table + "_a ON " + table + " (a)"},
		{"Delete", "DELETE FROM " + table},
		{"Drop", "DROP TABLE " + table},
	} {
		if !step(one.name, func() error { _, err := db.writer.ExecContext(ctx, one.statement); return err }) {
			return
		}
	}
}
