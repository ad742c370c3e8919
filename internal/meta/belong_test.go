package meta_test

import (
	"slices"
	"testing"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// tablesWith lists which tables have a column.
func tablesWith(t *testing.T, db *meta.DB, column string) (tables []string) {
	t.Helper()
	rows, err := db.SQL().Query("SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = ? ORDER BY m.name", column)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	return tables
}

// TestNewTables: a table that holds something of a run must go with it, and
// one that names an object must be known to the backup, the deep check and the
// collector. Whoever adds one adds it there: ofRun in purge.go, EachNamed in
// inventory.go, objectNamed in object.go.
func TestNewTables(t *testing.T) {
	db := metatest.Open(t)
	apart := []string{"hist", "run_manifest_due", "moved"} // reset by the purge; has the manifest removed; names a run by its name
	for _, table := range tablesWith(t, db, "run") {
		if !slices.Contains(meta.PurgedTables(), table) && !slices.Contains(apart, table) {
			t.Errorf("rows of table %s stay when their run is purged", table)
		}
	}
	known := []string{"segment", "console_block", "file", "content", "artifact_manifest", "aside", "history_export",
		"upload"} // promised, not there
	for _, table := range tablesWith(t, db, "object") {
		if !slices.Contains(known, table) {
			t.Errorf("objects that table %s names are not backed up, not checked, and may be collected", table)
		}
	}
}
