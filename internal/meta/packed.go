package meta

import (
	"fmt"

	"github.com/klauspost/compress/s2"
)

// maxPacked bounds what one compressed column may unfold to, in bytes.
const maxPacked = 256 << 20

// pack is JSON as stored in config and summary columns: s2 block format.
// Nothing and "{}" are stored as no bytes.
func pack(json []byte) []byte {
	if len(json) == 0 || string(json) == "{}" {
		return []byte{}
	}
	return s2.Encode(nil, json)
}

// unpack is the inverse of pack.
func unpack(stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return []byte("{}"), nil
	}
	n, err := s2.DecodedLen(stored)
	if err != nil || n > maxPacked {
		return nil, fmt.Errorf("a compressed column of %d bytes is damaged (unfolds to %d): %w", len(stored), n, err)
	}
	json, err := s2.Decode(nil, stored)
	if err != nil {
		return nil, fmt.Errorf("a compressed column of %d bytes is damaged: %w", len(stored), err)
	}
	return json, nil
}
