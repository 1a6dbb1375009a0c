// SPDX-License-Identifier: Apache-2.0

// Package peers tests the firmware SDK's player, jumpgate-device, against
// servers that are not written in C: Jumpgate's own (build tag peers) and
// aiosendspin's (build tag peers312). It has no code but tests.
package peers
