package ballast

import "time"

// Branch is a fork or a rewind: what a run began again with.
type Branch struct {
	ID      int64
	RunID   int64
	Source  int64     // the run it was taken from: RunID for a rewind
	Name    string    // of the source, "" when it is in another project now
	Display string    // of the source
	Gone    bool      // the source is deleted, or in another project now
	Step    int64     // the last step that was kept
	Rows    int64     // rows of history that were kept
	Created time.Time // when the server did it
}

// Rewind reports whether the run was taken back, not made of another.
func (b Branch) Rewind() bool { return b.Source == b.RunID }
