package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Parse reads a line as the SDK sends it (PROTOCOL section 3):
//
//	[ERROR ]2023-04-05T10:15:30.000000 [label] text
//	{"level":"error","ts":"2023-04-05T10:15:30.000000","label":"…","content":"…"}
//
// Whatever is in neither form is a line of its own text.
func Parse(raw []byte) Line {
	if len(raw) > 0 && raw[0] == '{' {
		if l, ok := parseStructured(raw); ok {
			return l
		}
	}
	return parseText(string(bytes.ToValidUTF8(raw, []byte("\uFFFD"))))
}

func parseStructured(raw []byte) (Line, bool) {
	var s struct {
		Level   *string `json:"level"`
		TS      string  `json:"ts"`
		Label   string  `json:"label"`
		Content *string `json:"content"`
	}
	// A program may print JSON of its own: ours has a time and a content.
	if err := json.Unmarshal(raw, &s); err != nil || s.Content == nil {
		return Line{}, false
	}
	at, ok := parseTime(s.TS)
	if !ok {
		return Line{}, false
	}
	l := Line{Time: at, Label: s.Label, Text: *s.Content}
	if s.Level != nil {
		l.Level = LevelOf(*s.Level)
	}
	return l, true
}

// LevelOf is the level of a name, in any case.
func LevelOf(name string) Level {
	switch strings.ToLower(name) {
	case "":
		return NoLevel
	case "error", "fatal", "critical":
		return Error
	case "warn", "warning":
		return Warning
	case "info":
		return Info
	case "debug":
		return Debug
	}
	return Other
}

func parseText(text string) Line {
	l := Line{Text: text}
	rest, isError := strings.CutPrefix(text, "ERROR ")
	stamp, rest, found := strings.Cut(rest, " ")
	at, ok := parseTime(stamp)
	if !ok {
		return l
	}
	l.Time, l.Text = at, rest
	if !found {
		l.Text = ""
	}
	if isError {
		l.Level = Error
	}
	if label, after, ok := strings.Cut(l.Text, "] "); ok && len(label) > 1 && label[0] == '[' && labelLike(label[1:]) {
		l.Label, l.Text = label[1:], after
	}
	return l
}

// labelLike says whether text in brackets can be the label of a process: the
// same form begins many a program's own line ("[3/10] ", "[INFO] "), so only
// what has no blank, slash or percent sign counts, and no level does.
func labelLike(s string) bool {
	return len(s) <= 128 && utf8.ValidString(s) && !strings.ContainsAny(s, " /%[]:") && (LevelOf(s) == Other)
}

// parseTime reads an ISO time; without a zone it is UTC.
func parseTime(s string) (time.Time, bool) {
	if len(s) < 19 || s[4] != '-' || s[10] != 'T' {
		return time.Time{}, false
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05.999999999", time.RFC3339Nano} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 1970 && at.Year() < 2200 {
			return at.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}
