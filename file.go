package ballast

import "time"

// File is a file of a run, whose bytes are in a store.
type File struct {
	ID       int64
	RunID    int64
	Name     string // a relative path with forward slashes
	Store    int    // the store that holds the object
	Object   string // the object's name in the store, a new one for each upload
	Bytes    int64
	MD5      []byte // 16 bytes
	MimeType string
	Updated  time.Time
}
