package blob

const (
	// ProbePrefix begins the names of objects that a test of settings stores.
	ProbePrefix = "probe/"
	// ProbeSeen ends the name of the trace that whoever reads the bucket's
	// notices leaves of such an object.
	ProbeSeen = ".seen"
)
