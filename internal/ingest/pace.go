package ingest

import (
	"context"
	"io"
	"time"
)

// pacing bounds what a merge takes of the machine: bytes a second, and half
// the time of one processor, so that requests go on as before (ENGINE section 5).
type pacing struct {
	ctx  context.Context
	in   *Ingest
	to   io.Writer
	rate int64
	wake time.Time // when the merge went on after its last rest
	owed time.Duration
}

// restFrom is the shortest rest worth taking.
const restFrom = 5 * time.Millisecond

func (in *Ingest) paced(ctx context.Context, to io.Writer) io.Writer {
	return &pacing{ctx: ctx, in: in, to: to, rate: in.opt.MergeRate, wake: time.Now()}
}

// Write implements io.Writer.
func (p *pacing) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	if err != nil {
		return n, err
	}
	worked := time.Since(p.wake)
	p.owed += max(worked, time.Duration(n)*time.Second/time.Duration(p.rate)-worked)
	if p.wake = time.Now(); p.owed < restFrom {
		return n, nil
	}
	select {
	case <-time.After(p.owed):
	case <-p.ctx.Done():
		return n, p.ctx.Err()
	}
	p.in.pause(p.ctx)
	p.owed, p.wake = 0, time.Now()
	return n, nil
}
