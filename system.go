package ballast

import "time"

// The states of a revision of settings.
const (
	SettingsOnTrial  = "trial"    // no replica has proven it yet
	SettingsKept     = "kept"     // a replica serves with it
	SettingsReverted = "reverted" // it did not work: what was before counts
)

// SettingRevision is one change of settings by one person.
type SettingRevision struct {
	ID      int64
	Actor   string // login name
	Made    time.Time
	State   string
	Reason  string // why it was reverted
	Changes []SettingChange
}

// SettingChange is one setting of a revision, as people may see it.
type SettingChange struct {
	Name     string
	Was, Now string // without secrets; "" when nothing was set
	Held     string // what is kept, secrets sealed; not read back
}

// Settings are the settings that are kept in the database, secrets sealed.
type Settings struct {
	Revision int64 // 0: none was ever changed
	State    string
	Made     time.Time
	Held     map[string]string
	Prior    map[string]string // Held, without what is on trial
}
