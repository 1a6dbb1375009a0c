package jump

// highest moves the n slots with the highest scores to the front, in no order,
// and returns them (quickselect).
func highest(slots []int32, score []float32, n int) []int32 {
	lo, hi := 0, len(slots)
	for hi-lo > 1 && n > lo && n < hi {
		pivot := score[slots[(lo+hi)/2]]
		i, j := lo, hi-1
		for i <= j {
			for score[slots[i]] > pivot {
				i++
			}
			for score[slots[j]] < pivot {
				j--
			}
			if i <= j {
				slots[i], slots[j] = slots[j], slots[i]
				i++
				j--
			}
		}
		switch {
		case n <= j+1:
			hi = j + 1
		case n >= i:
			lo = i
		default:
			lo = hi // what lies between equals the pivot
		}
	}
	return slots[:min(n, len(slots))]
}
