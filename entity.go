package ballast

import "time"

// EntityKind says what sort of owner an entity is.
type EntityKind string

// The kinds of entity.
const (
	Personal     EntityKind = "user" // one person's own, named as the person is
	Team         EntityKind = "team"
	Organization EntityKind = "org" // holds teams; owns no runs
)

// Entity is a name that owns projects: the first segment of every address.
// Names are unique over all kinds, compared without case.
type Entity struct {
	ID      int64
	Name    string
	Kind    EntityKind
	OrgID   int64 // a team's organization; 0 when it has none
	Created time.Time
}

// Role is what a member may do in a team or an organization.
type Role string

// The roles, from the least to the most. NoRole is no membership.
const (
	NoRole Role = ""
	Viewer Role = "viewer" // reads
	Member Role = "member" // reads and writes
	Admin  Role = "admin"  // also manages members and other people's runs
)

// AtLeast reports whether r includes what other allows.
func (r Role) AtLeast(other Role) bool { return roleRank[r] >= roleRank[other] }

// Valid reports whether r is a role that a member can have.
func (r Role) Valid() bool { return roleRank[r] > 0 }

var roleRank = map[Role]int{Viewer: 1, Member: 2, Admin: 3}

// Membership is a user's role in a team or an organization.
type Membership struct {
	Entity  Entity
	User    User
	Role    Role
	Created time.Time
}
