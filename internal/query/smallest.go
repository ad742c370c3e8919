package query

import "slices"

// smallest returns the n smallest items, in order, and uses items for it: a
// page of a long list need not sort all of it.
func smallest(items []int32, n int, compare func(a, b int32) int) []int32 {
	if n < len(items) {
		heap := items[:n] // the largest first
		for i := n/2 - 1; i >= 0; i-- {
			sink(heap, i, compare)
		}
		for _, item := range items[n:] {
			if n > 0 && compare(item, heap[0]) < 0 {
				heap[0] = item
				sink(heap, 0, compare)
			}
		}
		items = heap
	}
	slices.SortFunc(items, compare)
	return items
}

// sink moves item i down to its place in a heap.
func sink(heap []int32, i int, compare func(a, b int32) int) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && compare(heap[child+1], heap[child]) > 0 {
			child++
		}
		if compare(heap[child], heap[i]) <= 0 {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
