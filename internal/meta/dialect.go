package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/go-sql-driver/mysql"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the two databases; everything else is SQL
// that both understand.
type dialect struct {
	name        string
	readOptions *sql.TxOptions
	forUpdate   string            // appended to a SELECT that locks its rows
	insertSkip  string            // INSERT that skips a row whose key exists
	textOf      string            // bytes as text that compares with case, of a column %s
	types       *strings.Replacer // {{…}} in migrations
	duplicate   func(error) bool  // a unique key exists already
	exists      func(error) bool  // the table, column or index exists already
	retry       func(error) bool  // deadlock or lock wait: run the transaction again
	noTable     func(error) bool  // the table does not exist
	tooLong     func(error) bool  // a value does not fit its column

	keepsStatements bool // parsed ones, by their text: texts should be few
}

var sqliteDialect = dialect{
	name: "sqlite",

	keepsStatements: true,

	forUpdate:  "",
	insertSkip: "INSERT OR IGNORE",
	textOf:     "CAST(%s AS TEXT)",
	types: strings.NewReplacer("{{serial}}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"{{table}}", "", "{{bytes}}", "BLOB"),
	duplicate: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	},
	exists: func(err error) bool {
		return strings.Contains(err.Error(), "already exists") || strings.Contains(err.Error(), "duplicate column")
	},
	retry: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
	},
	noTable: func(err error) bool { return strings.Contains(err.Error(), "no such table") },
	tooLong: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_TOOBIG
	},
}

var mysqlDialect = dialect{
	name:        "mysql",
	readOptions: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	forUpdate:   " FOR UPDATE",
	insertSkip:  "INSERT IGNORE",
	textOf:      "CONVERT(%s USING utf8mb4) COLLATE utf8mb4_bin",
	types: strings.NewReplacer("{{serial}}", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
		"{{table}}", " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin", "{{bytes}}", "VARBINARY"),
	duplicate: func(err error) bool { return mysqlCode(err) == 1062 },
	exists: func(err error) bool {
		switch mysqlCode(err) {
		case 1050, 1060, 1061: // table, column, index exists
			return true
		}
		return false
	},
	retry: func(err error) bool {
		switch mysqlCode(err) {
		case 1205, 1213, 3572: // lock wait, deadlock, nowait
			return true
		}
		return false
	},
	noTable: func(err error) bool { return mysqlCode(err) == 1146 },
	tooLong: func(err error) bool {
		switch mysqlCode(err) {
		case 1153, 1264, 1406: // packet, number, text
			return true
		}
		return errors.Is(err, mysql.ErrPktTooLarge)
	},
}

// text is a column of bytes as text.
func (d *dialect) text(column string) string { return fmt.Sprintf(d.textOf, column) }

func mysqlCode(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// errStale says that a row read in this transaction has changed since: the
// transaction runs again.
var errStale = errors.New("the row was changed meanwhile")

// again reports whether running the transaction once more may help.
func (d *dialect) again(err error) bool { return errors.Is(err, errStale) || d.retry(err) }

// upsert is the tail of an INSERT that changes the columns of set when the
// key columns exist.
func (d *dialect) upsert(key string, set ...string) string {
	var b strings.Builder
	if d.name == "sqlite" {
		b.WriteString(" ON CONFLICT(" + key + ") DO UPDATE SET ")
	} else {
		b.WriteString(" ON DUPLICATE KEY UPDATE ")
	}
	for i, col := range set {
		if i > 0 {
			b.WriteString(", ")
		}
		if d.name == "sqlite" {
			b.WriteString(col + "=excluded." + col)
		} else {
			b.WriteString(col + "=VALUES(" + col + ")")
		}
	}
	return b.String()
}

// duplicateOf reports whether an INSERT or UPDATE met a unique key.
func (d *dialect) duplicateOf(err error) bool { return err != nil && d.duplicate(err) }

// fault gives a database error its kind; an error that has one is left alone.
func (d *dialect) fault(err error, what string) error {
	var e *ballast.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return ballast.Wrap(ballast.NotFound, err, "%s: not found", what)
	case d.duplicate(err):
		return ballast.Wrap(ballast.Conflict, err, "%s: it exists already", what)
	case d.tooLong(err):
		return ballast.Wrap(ballast.TooLarge, err, "%s: a value is longer than the metadata store takes", what)
	case errors.Is(err, errStale):
		return ballast.Wrap(ballast.Unavailable, err, "%s: it is being changed by others: try again", what)
	default:
		return ballast.Wrap(ballast.Unavailable, err, "%s: the metadata store failed", what)
	}
}
