/* SPDX-License-Identifier: Apache-2.0 */
/* What a program with a player links of the core: the functions that it calls,
 * and nothing of its own. Without JG_SIZE_CORE it is the empty main that is
 * taken off. */
#include "jumpgate/jumpgate.h"

typedef void function(void);

#ifdef JG_SIZE_CORE
static function *const volatile used[] = {
	(function *)jg_init,        (function *)jg_free_link, (function *)jg_opened, (function *)jg_received,
	(function *)jg_output,      (function *)jg_sent,      (function *)jg_closed, (function *)jg_want,
	(function *)jg_poll,        (function *)jg_audio_played, (function *)jg_set_volume, (function *)jg_press,
#if JG_CRYPTO
	(function *)jg_allow_pairing,
#endif
};
#else
static function *const volatile used[] = {NULL};
#endif

int main(void)
{
	return used[0] == NULL;
}
