package ballast

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is, so that one table can decide
// the HTTP status. The zero Kind is Internal.
type Kind uint8

// The kinds of failure. A transient fault must be Unavailable or Busy: the
// wandb SDK gives a run up for good on 400, 401, 403, 404, 409, 410, 413, 422
// and 501, and retries 429 and 5xx (PROTOCOL section 1.5).
const (
	Internal    Kind = iota // a fault of ours; shown as "internal error", logged in full
	Invalid                 // the request is wrong and stays wrong: names the field and the limit
	Unsigned                // nobody is signed in, or the key is unknown, expired or revoked
	Denied                  // signed in, but not allowed
	NotFound                // does not exist, or may not be seen
	Conflict                // loses against the present state
	Gone                    // was deleted; its name cannot be used again
	TooLarge                // past a size limit
	Busy                    // too many requests: retry later
	Unavailable             // a dependency does not answer: retry later
	Damaged                 // stored bytes are not those that were written: says what of it cannot be read
	Unsupported             // a content type that is not understood, a subject that this server does not have
)

var kindNames = [...]string{"internal", "invalid", "unsigned", "denied", "not found", "conflict", "gone", "too large", "busy", "unavailable", "damaged", "unsupported"}

func (k Kind) String() string { return kindNames[k] }

// Error is a failure with a kind and a text that may be shown to the client.
type Error struct {
	Kind  Kind
	Text  string // what was being done, to what, and what to do about it
	Cause error  // logged, never shown
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Text + ": " + e.Cause.Error()
	}
	return e.Text
}

func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an Error of a kind. A %w operand becomes part of the shown
// text; use [Wrap] to keep a cause out of what the client sees.
func Errorf(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Text: err.Error()}
}

// Wrap returns an Error of a kind whose cause is logged but not shown.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...), Cause: cause}
}

// KindOf returns the kind of the outermost *Error in err's chain, Internal
// when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
