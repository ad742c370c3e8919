package ballast

import "time"

// Project is a named collection of runs of one entity.
type Project struct {
	ID          int64
	EntityID    int64
	Entity      string // the entity's name
	Name        string
	Description string
	CreatorID   int64
	Created     time.Time
	Updated     time.Time
	RunCount    int64 // runs ever created; the next run's ordinal
}
