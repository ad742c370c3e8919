package meta

// ConsoleChunk is one request's console lines at rest.
type ConsoleChunk struct {
	Seq   int64
	Line0 int64
	Lines int
	Data  []byte
}

// ConsoleBlock is a sealed part of a run's console: lines [Line0, Line0+Lines)
// as they stood when versions below Seq were known.
type ConsoleBlock struct {
	Line0   int64
	Lines   int
	Seq     int64
	Store   int
	Object  string
	Off     int64
	Len     int64
	Levels  uint64 // bit set of the levels that occur
	TimeMin int64  // microseconds, 0: no line has a time
	TimeMax int64
}

// ConsoleView is everything that is known of a run's console at one moment.
type ConsoleView struct {
	Lines  int64 // the number of lines
	Blocks []ConsoleBlock
	Chunks []ConsoleChunk // in order of Seq; of two versions of a line the later wins
}

// ConsoleView returns a run's console lines [from, to); to < 0 is the end.
func (t *Tx) ConsoleView(runID, from, to int64) (ConsoleView, error) {
	panic("TODO")
}
