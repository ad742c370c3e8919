package meta

import "time"

// DropLapsed forgets invitations and public links that ended before a time.
func (t *Tx) DropLapsed(before time.Time) error {
	if _, err := t.exec("DELETE FROM invite WHERE expires < ?", micros(before)); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM share WHERE expires > 0 AND expires < ?", micros(before))
	return err
}
