package ballast

import "time"

// Invite is a link that makes whoever opens it first a member of a team.
type Invite struct {
	ID       int64
	EntityID int64
	Role     Role
	Creator  string // the user's name, "" when deleted
	Created  time.Time
	Expires  time.Time

	CreatorID int64
}
