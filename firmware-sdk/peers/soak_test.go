// SPDX-License-Identifier: Apache-2.0

//go:build peers && !bench

package peers

import "time"

const soak = 4 * time.Minute // an hour with the build tag bench
