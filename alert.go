package ballast

import "time"

// Alert is what a training script reported with run.alert.
type Alert struct {
	ID       int64
	RunID    int64
	Title    string
	Text     string
	Severity Severity
	Wait     time.Duration // in which the same title is not repeated
	Created  time.Time
}

// Severity says how much an alert matters.
type Severity string

// The severities of an alert, as stored and as on the wire.
const (
	SeverityInfo  Severity = "INFO"
	SeverityWarn  Severity = "WARN"
	SeverityError Severity = "ERROR"
)
