package ballast

// Stream is one of the row streams of a run.
type Stream uint8

// The streams of a run, as stored (never renumber).
const (
	History Stream = 0 // wandb-history.jsonl: what the training script logged
	Events  Stream = 1 // wandb-events.jsonl: system metrics
	Output  Stream = 2 // output.log: console lines
)

func (s Stream) String() string { return [...]string{"history", "events", "output"}[s] }
