// SPDX-License-Identifier: Apache-2.0

//go:build peers && bench

package peers

import "time"

const soak = time.Hour
