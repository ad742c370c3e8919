package ballast

import "time"

// User is a person or a service account.
type User struct {
	ID            int64
	Name          string // the login name, also the name of the personal entity
	EntityID      int64  // the personal entity; a service account has none (0)
	Email         string
	EmailProven   bool // an admin, or a provider that is trusted with it, says that Email is theirs
	FullName      string
	Admin         bool // of the whole instance
	Disabled      bool
	Service       bool  // a service account
	ServiceTeamID int64 // the team that a service account belongs to
	HasPassword   bool
	Created       time.Time
	LastSeen      time.Time // zero: never
}

// Key is an API key. The secret itself is never stored, only its HMAC.
type Key struct {
	ID       int64
	UserID   int64
	Name     string
	Hint     string // the last four characters, to tell keys apart
	Created  time.Time
	Expires  time.Time // zero: never
	Revoked  time.Time // zero: not
	LastUsed time.Time // to the minute; zero: never
}

// Session is a browser's signed-in session.
type Session struct {
	ID       int64
	UserID   int64
	Agent    string // the browser's User-Agent, cut to 200 characters
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time
}
