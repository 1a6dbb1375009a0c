/* SPDX-License-Identifier: Apache-2.0 */
/* A player on an ESP32: one task, lwIP sockets, I2S with DMA. See README.md for
 * what this has and has not been tried on. */
#include "jumpgate_esp.h"

#include "jumpgate/jumpgate.h"

#include <driver/gpio.h>
#include <driver/i2s_std.h>
#include <esp_mac.h>
#include <esp_random.h>
#include <esp_timer.h>
#include <esp_wifi.h>
#include <fcntl.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <lwip/sockets.h>
#include <mdns.h>
#include <nvs.h>
#include <stdio.h>
#include <string.h>

enum { PORT = 8928, DMA_BUFFERS = 8, DMA_FRAMES = 240, TASK_STACK = 4096, FRAME_BYTES = 8 };

static struct jg_client client;
static uint8_t audio[CONFIG_JUMPGATE_AUDIO_BYTES];
static int32_t scratch[2 * 4608];
static i2s_chan_handle_t i2s;
static int sockets[JG_LINKS] = {-1, -1};
static char id[24];

/* From the DMA's interrupt: a buffer has been played. */
static bool IRAM_ATTR sent(i2s_chan_handle_t handle, i2s_event_data_t *event, void *user)
{
	(void)handle;
	(void)user;
	jg_audio_played(&client, event->size / FRAME_BYTES, esp_timer_get_time());
	return false;
}

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	size_t taken = 0;
	(void)user;
	(void)i2s_channel_write(i2s, samples, frames * FRAME_BYTES, &taken, 0);
	return taken / FRAME_BYTES;
}

static void on_enable(void *user, bool on)
{
	(void)user;
	if (CONFIG_JUMPGATE_ENABLE_PIN >= 0) {
		(void)gpio_set_level((gpio_num_t)CONFIG_JUMPGATE_ENABLE_PIN, on ? 1 : 0);
	}
	(void)(on ? i2s_channel_enable(i2s) : i2s_channel_disable(i2s));
	(void)esp_wifi_set_ps(on ? WIFI_PS_NONE : WIFI_PS_MIN_MODEM); /* an error without Wi-Fi, and no matter */
}

static void on_random(void *user, uint8_t *data, size_t size)
{
	(void)user;
	esp_fill_random(data, size);
}

static size_t on_load(void *user, enum jg_key key, void *data, size_t size)
{
	nvs_handle_t h;
	char name[8];
	(void)user;
	(void)snprintf(name, sizeof name, "jg%d", (int)key);
	if (nvs_open("jumpgate", NVS_READONLY, &h) != ESP_OK) {
		return 0;
	}
	const bool ok = nvs_get_blob(h, name, data, &size) == ESP_OK;
	nvs_close(h);
	return ok ? size : 0;
}

static void on_save(void *user, enum jg_key key, const void *data, size_t size)
{
	nvs_handle_t h;
	char name[8];
	(void)user;
	(void)snprintf(name, sizeof name, "jg%d", (int)key);
	if (nvs_open("jumpgate", NVS_READWRITE, &h) == ESP_OK) {
		(void)nvs_set_blob(h, name, data, size);
		(void)nvs_commit(h);
		nvs_close(h);
	}
}

static esp_err_t output_start(void)
{
	i2s_chan_config_t channel = I2S_CHANNEL_DEFAULT_CONFIG(I2S_NUM_AUTO, I2S_ROLE_MASTER);
	channel.dma_desc_num = DMA_BUFFERS;
	channel.dma_frame_num = DMA_FRAMES;
	channel.auto_clear = true; /* silence where nothing came */
	esp_err_t err = i2s_new_channel(&channel, &i2s, NULL);
	if (err != ESP_OK) {
		return err;
	}
	const i2s_std_config_t std = {
		.clk_cfg = I2S_STD_CLK_DEFAULT_CONFIG(CONFIG_JUMPGATE_RATE),
		.slot_cfg = I2S_STD_PHILIPS_SLOT_DEFAULT_CONFIG(I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_STEREO),
		.gpio_cfg = {.mclk = I2S_GPIO_UNUSED, .bclk = (gpio_num_t)CONFIG_JUMPGATE_I2S_BCLK, .ws = (gpio_num_t)CONFIG_JUMPGATE_I2S_WS,
	                 .dout = (gpio_num_t)CONFIG_JUMPGATE_I2S_DOUT, .din = I2S_GPIO_UNUSED}};
	const i2s_event_callbacks_t events = {.on_sent = sent};
	err = i2s_channel_init_std_mode(i2s, &std);
	return err == ESP_OK ? i2s_channel_register_event_callback(i2s, &events, NULL) : err;
}

static void drop(int link)
{
	(void)close(sockets[link]);
	sockets[link] = -1;
	jg_closed(&client, link, esp_timer_get_time());
}

static void serve(int link, bool readable)
{
	static uint8_t data[1460];
	const uint8_t *out;
	size_t n;
	if (readable) {
		const int got = recv(sockets[link], data, sizeof data, 0);
		if (got <= 0) {
			drop(link);
			return;
		}
		(void)jg_received(&client, link, data, (size_t)got, esp_timer_get_time());
	}
	while ((n = jg_output(&client, link, &out)) > 0) {
		const int went = send(sockets[link], out, n, 0);
		if (went <= 0) {
			break;
		}
		jg_sent(&client, link, (size_t)went, esp_timer_get_time());
	}
	if (jg_want(&client, link, esp_timer_get_time()) == JG_WANT_CLOSE) {
		drop(link);
	}
}

static void turn(int listener, uint32_t wait_us)
{
	fd_set set;
	int most = listener;
	struct timeval wait = {0, (suseconds_t)wait_us};
	FD_ZERO(&set);
	if (jg_free_link(&client) >= 0) {
		FD_SET(listener, &set);
	}
	for (int i = 0; i < JG_LINKS; i++) {
		if (sockets[i] >= 0) {
			FD_SET(sockets[i], &set);
			most = sockets[i] > most ? sockets[i] : most;
		}
	}
	if (select(most + 1, &set, NULL, NULL, &wait) < 0) {
		FD_ZERO(&set);
	}
	for (int i = 0; i < JG_LINKS; i++) {
		if (sockets[i] >= 0) {
			serve(i, FD_ISSET(sockets[i], &set) != 0);
		}
	}
	const int link = jg_free_link(&client);
	if (link >= 0 && FD_ISSET(listener, &set)) {
		const int s = accept(listener, NULL, NULL), one = 1;
		if (s >= 0) {
			(void)fcntl(s, F_SETFL, O_NONBLOCK);
			(void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			sockets[link] = s;
			(void)jg_opened(&client, link, true, esp_timer_get_time());
		}
	}
}

static void task(void *unused)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	(void)unused;
	if (bind(listener, (const struct sockaddr *)&any, sizeof any) == 0 && listen(listener, 2) == 0) {
		for (uint32_t wait = 0;; wait = jg_poll(&client, esp_timer_get_time())) {
			turn(listener, wait);
		}
	}
	vTaskDelete(NULL);
}

esp_err_t jumpgate_start(void)
{
	static const struct jg_format formats[] = {{CONFIG_JUMPGATE_RATE, JG_FLAC, 2, 16}, {CONFIG_JUMPGATE_RATE, JG_PCM, 2, 16}};
	static const struct jg_callbacks callbacks = {.write = on_write, .output_enable = on_enable, .random = on_random, .load = on_load,
	                                              .save = on_save};
	static const struct jg_config config = {.client_id = id, .name = CONFIG_JUMPGATE_NAME, .product = "ESP32", .firmware = JG_VERSION_STRING,
	                                        .formats = formats, .format_count = 2, .audio = audio, .audio_bytes = sizeof audio,
	                                        .scratch = scratch, .scratch_samples = sizeof scratch / sizeof scratch[0], .volume = 50};
	uint8_t mac[6];
	esp_err_t err = esp_read_mac(mac, ESP_MAC_WIFI_STA);
	if (err == ESP_OK) {
		err = output_start();
	}
	if (err != ESP_OK) {
		return err;
	}
	(void)snprintf(id, sizeof id, "esp32-%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (CONFIG_JUMPGATE_ENABLE_PIN >= 0) {
		(void)gpio_set_direction((gpio_num_t)CONFIG_JUMPGATE_ENABLE_PIN, GPIO_MODE_OUTPUT);
	}
	if (jg_init(&client, &config, &callbacks, NULL, esp_timer_get_time()) < 0) {
		return ESP_ERR_INVALID_ARG;
	}
	mdns_txt_item_t text[] = {{"path", "/sendspin"}, {"name", CONFIG_JUMPGATE_NAME}};
	(void)mdns_init();
	(void)mdns_hostname_set(id);
	(void)mdns_service_add(NULL, "_sendspin", "_tcp", PORT, text, 2);
	return xTaskCreate(task, "jumpgate", TASK_STACK, NULL, 6, NULL) == pdPASS ? ESP_OK : ESP_ERR_NO_MEM;
}
