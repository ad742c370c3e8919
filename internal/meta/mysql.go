package meta

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

// openMySQL opens a pool on MySQL, MariaDB or Aurora MySQL.
func openMySQL(ctx context.Context, o Options) (*DB, error) {
	cfg, err := mysql.ParseDSN(o.MySQL)
	if err != nil {
		// The driver's error may quote the DSN, and with it the password.
		return nil, fmt.Errorf("the setting database (BALLAST_DATABASE) is not of the form user:password@tcp(host:port)/database")
	}
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true
	cfg.Collation = "utf8mb4_bin"
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	// The isolation is named by each transaction: its variable has another name
	// on MariaDB 10.11 than on MySQL 8.
	cfg.Params["sql_mode"] = "'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	conn, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
	}
	db := sql.OpenDB(conn)
	db.SetMaxOpenConns(32)
	db.SetMaxIdleConns(8)
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("opening MySQL at %s: %w", cfg.Addr, err)
	}
	return &DB{reader: db, writer: db, dialect: &mysqlDialect, log: o.Log}, nil
}

// writeMySQL runs fn in a READ COMMITTED transaction, again after a deadlock,
// a lock wait, or a connection that was lost before the commit.
func (db *DB) writeMySQL(ctx context.Context, what string, fn func(*Tx) error) error {
	var err error
	for attempt := range 6 {
		var again bool
		if again, err = db.tryMySQL(ctx, fn); err == nil || !again {
			break
		}
		select {
		case <-time.After(time.Duration(1<<attempt) * 5 * time.Millisecond):
		case <-ctx.Done():
			return db.dialect.fault(err, what)
		}
	}
	if err != nil {
		return db.dialect.fault(err, what)
	}
	return nil
}

// tryMySQL runs fn once. again says that running it once more may help and
// cannot store it twice: after a connection lost in the commit nobody knows.
func (db *DB) tryMySQL(ctx context.Context, fn func(*Tx) error) (again bool, err error) {
	tx, err := db.writer.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return lost(err), err
	}
	defer tx.Rollback()
	if err := fn(&Tx{ctx: ctx, tx: tx, dialect: db.dialect}); err != nil {
		return db.dialect.again(err) || lost(err), err
	}
	err = tx.Commit()
	return err != nil && db.dialect.retry(err), err
}

func lost(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn)
}
