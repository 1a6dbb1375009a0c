# Two commands do all the set-up: `make run` and `make test`.
# Everything that is fetched or made stays in .cache/, bin/ and ignored folders.

SHELL       := /bin/bash
.DEFAULT_GOAL := build
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
CACHE       := $(CURDIR)/.cache
LINT        := $(CACHE)/bin/golangci-lint
LINT_VERSION := v2.5.0
WASM        := gateway/audio/opus/libopus.wasm
PAGE        := gateway/web/dist/index.html
PAGE_SOURCES := $(shell find gateway/web/src gateway/web/index.html gateway/web/package-lock.json gateway/web/vite.config.ts 2>/dev/null)
FUZZTIME    ?= 20s
RUN         ?= demo
DEBIAN_TEST_PACKAGES := gcc libc6-dev ffmpeg chromium avahi-daemon avahi-utils dbus \
	python3-zeroconf python3-venv iproute2 fonts-noto-cjk nginx-light ngtcp2-client cmake pkg-config libmbedtls-dev libopus-dev \
	gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav

DEBIAN_BENCH_PACKAGES := snapserver snapclient sox iptables pulseaudio pulseaudio-utils libasound2-plugins alsa-utils

SDK_PACKAGES := gcc libc6-dev cmake make flac ffmpeg gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm \
	gcc-riscv64-unknown-elf libcmocka-dev libopus-dev libasound2-dev libmbedtls-dev clang libclang-rt-14-dev clang-tidy cppcheck gcovr pkg-config python3

.PHONY: sdk sdk-size build run test test-go test-page test-e2e test-peers screenshot lint fuzz bench opus page clean need-go need-node setup-test help

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## Build everything and play the demo library (RUN="serve --music DIR" for one's own)
	@exec bin/jumpgate $(RUN)

build: need-go page opus ## Build bin/jumpgate with the page and the Opus encoder inside
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/jumpgate ./cmd/jumpgate

need-go:
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or later (https://go.dev/doc/install), then run this again." >&2; exit 1; }

need-node:
	@command -v npm >/dev/null || { echo "Node.js is missing: install Node.js 20 or later with npm (https://nodejs.org), then run this again." >&2; exit 1; }

page: $(PAGE) ## Build the web page that the binary carries
$(PAGE): $(PAGE_SOURCES) | need-node
	cd gateway/web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

opus: $(WASM) ## Put the Opus encoder in place
$(WASM): gateway/audio/opus/fetch.sh | need-node
	bash gateway/audio/opus/fetch.sh
	@touch $@

setup-test: ## Install what the tests need (Debian, Ubuntu)
	@bash docs/setup-test.sh $(DEBIAN_TEST_PACKAGES)

test: build setup-test lint test-go test-page test-e2e sdk ## Run every test that npm and Debian carry
	@echo "make test: all passed"

PEER_MODULES := devices/sendspin/testdata/peer-js/node_modules cast/testdata/peer/node_modules
$(PEER_MODULES): %/node_modules: %/package-lock.json | need-node
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

PEER_PYTHON := cast/testdata/peer-py/.venv hls/testdata/peer-py/.venv
$(PEER_PYTHON): %/.venv: %/requirements.txt | setup-test
	rm -rf $@ && python3 -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check -r $< || { rm -rf $@; exit 1; }
	@touch $@

# The race detector's look at unsafe pointers is of no use in SQLite's translated C,
# and takes a tenth of the time there.
GO_RACE := go test -race -gcflags=modernc.org/sqlite/lib=-d=checkptr=0 -tags peers -timeout 15m
# They start no goroutine, and take ten times as long under the race detector.
ONE_GOROUTINE := ./gateway/jump/... ./gateway/audio/sound

test-go: opus page $(PEER_MODULES) $(PEER_PYTHON)
	go test -tags peers -timeout 15m $(ONE_GOROUTINE)
	$(GO_RACE) $$(go list ./... | grep -vxF -e "$$(go list $(ONE_GOROUTINE) ./hls)")
	$(GO_RACE) ./hls # alone: hls.js plays in real time there

test-page: need-node page
	cd gateway/web && npm run --silent check && npm run --silent test

test-e2e: build $(PEER_MODULES)
	go test -tags e2e -count=1 -parallel 3 -timeout 20m ./cmd/...

screenshot: build ## Make docs/screenshot.png from the page's own scenarios
	JUMPGATE_SHOTS=$(CACHE)/shots go test -tags e2e -count=1 -run TestPageOnTheRealGateway -timeout 15m ./cmd/...
	ffmpeg -v error -y -i $(CACHE)/shots/albums-desktop-light.png -i $(CACHE)/shots/playing-phone-dark.png \
	  -filter_complex '[0]scale=-1:720[d];[1]scale=-1:720[p];[d][p]hstack,palettegen[u];[0]scale=-1:720[e];[1]scale=-1:720[q];[e][q]hstack[v];[v][u]paletteuse' \
	  -frames:v 1 docs/screenshot.png

PEER312 := $(CACHE)/peer312
test-peers: build ## Run the tests against peers that need Python 3.12 (a Debian trixie is made for them where it is missing) or Rust
	bash docs/setup-test.sh debootstrap gcc libc6-dev cmake libmbedtls-dev pkg-config libasound2-dev libasound2-plugins pulseaudio pulseaudio-utils
	JUMPGATE_PYTHON312=$$(bash devices/sendspin/testdata/peer-aiosendspin/setup.sh $(PEER312)) \
	JUMPGATE_PYTHON312_NOW=$$(bash devices/sendspin/testdata/peer-aiosendspin/setup.sh $(PEER312) now) \
	  go test -count=1 -timeout 20m -tags peers312 ./devices/sendspin/... ./gateway/player/... ./firmware-sdk/peers
	JUMPGATE_SENDSPIN_RS=$$(bash devices/sendspin/testdata/peer-rust/setup.sh $(CACHE)/peer-rust) \
	  go test -count=1 -tags peersound -run PeerSendspinRust -v ./gateway/member

sdk: ## Build the firmware SDK and run its tests, on the host and on an emulated Cortex-M4
	@bash docs/setup-test.sh $(SDK_PACKAGES)
	bash firmware-sdk/check.sh $(CACHE)/sdk

sdk-size: ## Print the firmware SDK's size table (after `make sdk`)
	@bash docs/setup-test.sh $(SDK_PACKAGES)
	@bash firmware-sdk/tools/size.sh $(CACHE)/sdk/m4

lint: $(LINT)
	$(LINT) run ./...
$(LINT):
	GOBIN=$(CACHE)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

fuzz: ## Fuzz every parser of outside bytes, $(FUZZTIME) each
	@# Go's engine ends at times with "context deadline exceeded" and no finding. What it does find is kept as a seed, and fails again.
	@set -e; grep -roE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sort | while IFS=: read -r file target; do \
	  echo "fuzz $$(dirname $$file) $${target#func }"; \
	  fuzz="go test -run ^$$ -fuzz ^$${target#func }$$ -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$(dirname $$file)"; \
	  $$fuzz || $$fuzz; \
	done

bench: build cast/testdata/peer/node_modules ## Print the tables of docs/benchmarks.md
	go test -run '^$$' -bench . -benchtime 2s ./...
	go test -tags bench -run DecodedHour -count=1 -timeout 15m -v ./gateway/zone
	go test -tags "bench peers" -run HourBitExact -count=1 -timeout 15m -v ./firmware-sdk/peers
	@bash docs/setup-test.sh $(DEBIAN_BENCH_PACKAGES)
	go test -tags "bench peers" -run 'Load|BehindLive|Lossy' -count=1 -timeout 15m -v ./hls
	go test -tags "bench peers" -run BehindPushed -count=1 -timeout 10m -v ./gateway
	go test -tags bench -run 'Synchrony|PressToSound|ManyPlayers' -count=1 -timeout 75m -v ./gateway/member
	go test -tags peersound -run SnapcastOnASoundServer -count=1 -timeout 10m -v ./gateway/member
	go test -tags bench -run ResamplerQuality -count=1 -v ./gateway/audio
	go test -tags bench -run CastSoak -count=1 -timeout 20m -v ./gateway

clean: ## Remove what was made
	rm -rf bin .cache gateway/web/node_modules
	find gateway/web/dist -mindepth 1 ! -name .placeholder -delete
	rm -f $(WASM)
