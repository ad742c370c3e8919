package system

import (
	"testing"

	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestMain(m *testing.M) { metatest.Main(m) }
