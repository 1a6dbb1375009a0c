/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JUMPGATE_ESP_H
#define JUMPGATE_ESP_H

#include "esp_err.h"

/* Starts the player's task; the network and NVS must be up. Call it once. */
esp_err_t jumpgate_start(void);

#endif
