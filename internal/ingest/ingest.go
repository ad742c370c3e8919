// Package ingest is the write path: requests become durable rows (Append),
// rows become immutable objects (Seal), small objects become large ones
// (Compact), and the states of runs follow their heartbeats.
//
// A request waits in the open pool until the commit before it is done; then
// the whole pool is stored in one transaction and every waiting request is
// answered. There is no timer: the previous commit is the wait.
package ingest
