package ballast

import "time"

// Share is a public link that lets anybody who has it read one project, or one
// run of it, and nothing else.
type Share struct {
	ID        int64
	ProjectID int64
	RunID     int64 // 0: the whole project
	ViewID    int64 // the saved view that the project is shown in; 0: none
	CreatorID int64
	Creator   string // the user's name, "" when deleted
	Created   time.Time
	Expires   time.Time // zero: never
}
