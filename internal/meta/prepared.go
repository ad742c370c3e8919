package meta

import (
	"context"
	"database/sql"
)

// prepared keeps statements of SQLite's one writing connection, since parsing
// the text of a statement of many rows costs a quarter of a small commit. Only
// the writer's goroutine uses it.
//
// A statement cannot be prepared for later use while a transaction holds the
// connection, so what is missed is noted and prepared before the next one.
type prepared struct {
	known  map[string]*sql.Stmt
	wanted []string
}

// maxPrepared bounds how many statements are kept.
const maxPrepared = 64

// fill prepares what the transaction before missed.
func (p *prepared) fill(ctx context.Context, db *sql.DB) {
	for _, text := range p.wanted {
		if p.known == nil {
			p.known = map[string]*sql.Stmt{}
		}
		if _, twice := p.known[text]; twice || len(p.known) >= maxPrepared {
			continue
		}
		if stmt, err := db.PrepareContext(ctx, text); err == nil { // else it fails where it is used
			p.known[text] = stmt
		}
	}
	p.wanted = p.wanted[:0]
}

// exec runs a statement that comes again and again.
func (p *prepared) exec(t *Tx, text string, args []any) error {
	stmt := p.known[text]
	if stmt == nil {
		p.wanted = append(p.wanted, text)
		_, err := t.exec(text, args...)
		return err
	}
	_, err := t.tx.StmtContext(t.ctx, stmt).ExecContext(t.ctx, args...)
	return err
}

func (p *prepared) close() {
	for _, stmt := range p.known {
		stmt.Close()
	}
	p.known = nil
}

// rowSteps are the numbers of rows of a prepared INSERT: few, so that few
// statements are kept.
var rowSteps = [...]int{256, 64, 16, 4, 1}
