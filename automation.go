package ballast

// Scope is what an automation watches: a *Project, an *Entity, or a collection
// of artifacts.
type Scope any
