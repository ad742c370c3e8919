package sqlqueue_test

import (
	"os"
	"testing"

	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/queuetest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

func TestMain(m *testing.M) { metatest.Main(m) }

func TestSQLite(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queue.Queue { return sqlqueue.New(metatest.Open(t)) })
}

func TestMySQL(t *testing.T) {
	if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
		t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
	}
	queuetest.Run(t, func(t *testing.T) queue.Queue { return sqlqueue.New(metatest.OpenMySQL(t)) })
}
