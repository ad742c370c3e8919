package ingest

import (
	"sync/atomic"
	"time"

	"github.com/ballast-ml/ballast"
)

// Strain says why requests of runs are put off.
type Strain string

// The reasons to put requests off, the gravest first.
const (
	NoStrain Strain = ""
	Failing  Strain = "failing" // the metadata store refuses writes
	Full     Strain = "full"    // the budget for bodies is used up: the store is slower than what comes
	Slow     Strain = "slow"    // requests are stored, but late
)

const (
	strainLasts = 10 * time.Second // how long a fault counts: clients come back within it
	slowCommit  = 2 * time.Second
)

// strain notes when requests were put off last. Times are in nanoseconds.
type strain struct{ failed, refused, late atomic.Int64 }

// Strain is why requests are being put off now, or were within the last ten
// seconds.
func (in *Ingest) Strain() Strain {
	now, s := in.now(), &in.strain
	lately := func(at *atomic.Int64) bool { return now.Sub(time.Unix(0, at.Load())) < strainLasts }
	switch {
	case lately(&s.failed):
		return Failing
	case lately(&s.refused):
		return Full
	case lately(&s.late):
		return Slow
	}
	for _, p := range in.pools {
		if began := p.began.Load(); began != 0 && now.Sub(time.Unix(0, began)) > slowCommit {
			return Slow
		}
	}
	return NoStrain
}

// stored notes how storing a pool went that began at a time.
func (s *strain) stored(batch []*waiting, began, now time.Time) {
	if now.Sub(began) > slowCommit {
		s.late.Store(now.UnixNano())
	}
	for _, w := range batch {
		switch ballast.KindOf(w.err) {
		case ballast.Busy, ballast.Unavailable:
			s.failed.Store(now.UnixNano())
		}
	}
}
