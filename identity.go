package ballast

// Identity is what an identity provider says of a person who signed in there.
// Issuer and Subject together are who it is; all else may change.
type Identity struct {
	Issuer, Subject string
	Email           string
	EmailVerified   bool
	Name            string   // what the person is called there: the login name
	FullName        string   // for eyes
	Groups          []string // as the provider names them
	GroupsSaid      bool     // false: the provider says nothing of groups, which is not being in none
}

// Grant is a role in a team.
type Grant struct {
	Team string
	Role Role
}
