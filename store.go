package ballast

import "time"

// Store is a place where objects are. Each reference to an object carries the
// id of its store, so that a new bucket takes new objects while the former
// ones stay readable. Id 0 is the folder beside the server, which has no row.
type Store struct {
	ID      int
	Place   string // "s3://bucket/prefix", with the endpoint of a compatible server; never a secret
	Created time.Time
}
