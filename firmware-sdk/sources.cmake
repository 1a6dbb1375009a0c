# SPDX-License-Identifier: Apache-2.0
# The one list of sources: CMakeLists.txt, the ESP-IDF component and the size
# table all take it from here. Nothing in the core needs more than a C99
# compiler and memcpy, memset and memcmp.
set(JG_CORE_SOURCES
  src/activate.c
  src/choose.c
  src/client.c
  src/clock.c
  src/cpace.c
  src/error.c
  src/flac.c
  src/flac_bits.c
  src/flac_crc.c
  src/flac_predict.c
  src/handshake.c
  src/http.c
  src/identity.c
  src/json.c
  src/link.c
  src/message.c
  src/noise.c
  src/on_message.c
  src/output.c
  src/pair.c
  src/pcm.c
  src/picture.c
  src/playout.c
  src/receive.c
  src/ring.c
  src/secure.c
  src/send.c
  src/settings.c
  src/stream.c
  src/text.c
  src/write.c
  src/ws.c)
set(JG_INCLUDE_DIRS include)
