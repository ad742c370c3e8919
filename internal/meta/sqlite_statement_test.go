package meta

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// openKept opens one connection on a file with a table of three numbers.
func openKept(t *testing.T) *keepingConn {
	t.Helper()
	db, err := openKeeping("file:" + filepath.Join(t.TempDir(), "kept.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{"CREATE TABLE number (n INTEGER)", "INSERT INTO number VALUES (1), (2), (3)"} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	var kept *keepingConn
	if err := c.Raw(func(raw any) error { kept = raw.(*keepingConn); return nil }); err != nil {
		t.Fatal(err)
	}
	return kept
}

// numbers reads what is left of rows and closes them.
func numbers(t *testing.T, rows driver.Rows) []int64 {
	t.Helper()
	var got []int64
	for dest := make([]driver.Value, 1); rows.Next(dest) == nil; {
		got = append(got, dest[0].(int64))
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOneTextTwiceAtOnce(t *testing.T) {
	c, ctx := openKept(t), context.Background()
	const text = "SELECT n FROM number WHERE n > ? ORDER BY n"
	above := func(n int64) driver.Rows {
		rows, err := c.QueryContext(ctx, text, []driver.NamedValue{{Ordinal: 1, Value: n}})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	outer := above(0)
	if err := outer.Next(make([]driver.Value, 1)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{3}, numbers(t, above(2))); diff != "" {
		t.Error("the inner rows:", diff)
	}
	if diff := cmp.Diff([]int64{2, 3}, numbers(t, outer)); diff != "" {
		t.Error("the outer rows went on with:", diff)
	}
	if s, ok := c.kept.Peek(text); !ok || s.busy || s.dropped {
		t.Errorf("the statement is kept for the next use: %v, %+v", ok, s)
	}
	if diff := cmp.Diff([]int64{2, 3}, numbers(t, above(1))); diff != "" {
		t.Error("the next use:", diff)
	}
}

func TestStatementDroppedWhileUsed(t *testing.T) {
	c, ctx := openKept(t), context.Background()
	rows, err := c.QueryContext(ctx, "SELECT n FROM number ORDER BY n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range keptStatements + 1 {
		if _, err := c.ExecContext(ctx, fmt.Sprintf("UPDATE number SET n = n + 0 WHERE n = %d", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.kept.Len(); n != keptStatements {
		t.Errorf("%d statements are kept, want %d", n, keptStatements)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, numbers(t, rows)); diff != "" {
		t.Error("rows whose statement was dropped:", diff)
	}
}

func TestKeptStatementSeesNewColumns(t *testing.T) {
	c, ctx := openKept(t), context.Background()
	const text = "SELECT * FROM number WHERE n = 1"
	columns := func() []string {
		rows, err := c.QueryContext(ctx, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		return rows.Columns()
	}
	columns()
	if _, err := c.ExecContext(ctx, "ALTER TABLE number ADD COLUMN word TEXT", nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"n", "word"}, columns()); diff != "" {
		t.Error(diff)
	}
}
