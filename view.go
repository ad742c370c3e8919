package ballast

import "time"

// View is a stored document about a project: how its workspace looks
// (ViewWorkspace), or a report.
type View struct {
	ID          int64
	ProjectID   int64
	UserID      int64  // who made it
	EditorID    int64  // who stored it last
	Type        string // ViewWorkspace, ViewReport, ViewDraft, or what a client calls it
	Name        string // in addresses: "nw-x1y2z3-v"; unique for the type in the project
	DisplayName string
	Description string
	Spec        string // a JSON object, docs/design/081
	Rev         int64  // grows by one with each change
	Created     time.Time
	Updated     time.Time
}

// Types of views.
const (
	ViewWorkspace = "project-view"
	ViewReport    = "runs"
	ViewDraft     = "runs/draft"
)

// PersonalView is the name of a user's own view of a workspace.
func PersonalView(user string) string { return "nw-nwuser" + user + "-v" }
