package query

// tables holds the run tables of projects, within a number of bytes.
type tables struct{ budget int64 }

func newTables(budget int64) *tables { return &tables{budget: budget} }
