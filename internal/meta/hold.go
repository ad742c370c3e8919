package meta

import (
	"fmt"
	"strconv"
	"time"
)

// holdSetting is until when no object is deleted, in microseconds.
const holdSetting = "objects.hold"

// HoldObjects keeps the collector from every object until a time: what a
// snapshot taken after this names stays until it was copied. A later hold
// stands.
func (t *Tx) HoldObjects(until time.Time) error {
	now, err := t.held()
	if err != nil || !until.After(now) {
		return err
	}
	return t.SetSetting(holdSetting, strconv.AppendInt(nil, micros(until), 10), -1)
}

// ObjectsHeld reports whether a hold lasts.
func (t *Tx) ObjectsHeld(now time.Time) (bool, error) {
	until, err := t.held()
	return until.After(now), err
}

func (t *Tx) held() (time.Time, error) {
	value, _, err := t.Setting(holdSetting)
	if err != nil || value == nil {
		return time.Time{}, err
	}
	us, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the setting %s is no time: %w", holdSetting, err)
	}
	return fromMicros(us), nil
}
