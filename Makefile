# SPDX-License-Identifier: Apache-2.0
# Everything is built in one configuration, release: one build serves tests, interop, apps and demo.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

CONFIGURATION := -c release
SWIFT_FOLDERS := Modules Tests Examples Benchmarks Package.swift
FILE_SHARE := $(CURDIR)/.build/release/file-share
MEASURE := $(CURDIR)/Benchmarks/.build/release/measure
VENV := .work/venv
PYTHON := $(VENV)/bin/python
PACKAGES := libssl-dev libsodium-dev zlib1g-dev pkg-config
INTEROP_PACKAGES := python3 python3-venv $(shell grep -v '^\#' Tests/Interop/apt.txt)

# The parameters of a run; set them on the command line, as in `make sim SEED=7`.
SEED ?=
SIM_FIRST ?= 1
SIM_SEEDS ?= 1000
DHT_NODES ?= 100000
FUZZ_SECONDS ?= 60
FUZZ_ONLY ?=
INTEROP_FLAGS ?=
HOSTILE_FLAGS ?=
CRASH_FLAGS ?=
BENCH_FLAGS ?=
PROFILE_FLAGS ?=
SCHEDULING_FLAGS ?=

.PHONY: help
help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

.PHONY: setup
setup: ## Install the libraries needed to build (Debian)
	@.ci/install-packages $(PACKAGES)

.PHONY: setup-interop
setup-interop: setup ## Install the other clients and the Python environment of the interop tests
	@.ci/install-packages $(INTEROP_PACKAGES)
	@$(MAKE) --no-print-directory $(VENV)/installed

$(VENV)/installed: Tests/Interop/requirements.txt
	@echo "installing the Python packages of the interop tests"
	@python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: build
build: ## Build the libraries and apps
	@.ci/watch build .ci/build

.PHONY: demo
demo: ## Share a folder between a seed and three peers on this machine
	@echo "Building file-share, then sharing a folder. The first build takes some 10 minutes on two cores, the demo one."
	@$(MAKE) --no-print-directory setup
	@NEXT="the demo" .ci/watch build swift build $(CONFIGURATION) --product file-share
	@Examples/demo.sh $(FILE_SHARE)

.PHONY: test
test: ## Run everything that must pass before a change is merged
	@echo "Running all tests. The first time this takes some 25 minutes on two cores, 8 of them to build; later some 15."
	@$(MAKE) --no-print-directory setup-interop
	@.ci/test lint unit interop hostile crash

.PHONY: unit
unit: ## Run the Swift tests: units, conformance, simulations, tidiness
	@.ci/watch unit .ci/unit

.PHONY: sim
sim: ## Replay one simulation: make sim SEED=7
	@SIM_SEED=$(SEED) .ci/unit --filter SimulationTests

.PHONY: sim-long
sim-long: ## Run the large simulation with a thousand seeds: make sim-long SIM_FIRST=1 SIM_SEEDS=1000
	@SIM_FIRST=$(SIM_FIRST) SIM_SEEDS=$(SIM_SEEDS) .ci/watch sim-long .ci/unit --filter LargeSwarmTests

.PHONY: sim-dht
sim-dht: ## Simulate a DHT of 100,000 nodes: make sim-dht DHT_NODES=100000
	@DHT_SIM_NODES=$(DHT_NODES) .ci/watch sim-dht .ci/unit --filter LookupSimulationTests.storedItemsAreFoundSoon

.PHONY: interop
interop: setup-interop $(FILE_SHARE) ## Exchange torrents with libtorrent, transmission and aria2
	@$(PYTHON) Tests/Interop/run.py --binary $(FILE_SHARE) $(INTEROP_FLAGS)

.PHONY: hostile
hostile: setup-interop $(FILE_SHARE) ## Download among hostile peers
	@$(PYTHON) Tests/Interop/hostile.py --binary $(FILE_SHARE) $(HOSTILE_FLAGS)

.PHONY: crash
crash: setup-interop $(FILE_SHARE) ## Kill a download at random moments
	@$(PYTHON) Tests/Interop/crash.py --binary $(FILE_SHARE) $(CRASH_FLAGS)

# PREBUILT: use the app that the unit tests have just built, without checking the sources.
ifndef PREBUILT
.PHONY: $(FILE_SHARE)
endif
$(FILE_SHARE):
	@.ci/watch build .ci/build --product file-share

.PHONY: fuzz
fuzz: setup ## Fuzz every parser for FUZZ_SECONDS, or one: make fuzz FUZZ_ONLY=bencode
	@Tests/Fuzz/run --seconds $(FUZZ_SECONDS) $(FUZZ_ONLY)

.PHONY: bench
bench: setup-interop measured-file-share $(MEASURE) ## Compare with libtorrent and the machine: BENCH_FLAGS='--only codecs'
	@$(PYTHON) Benchmarks/Comparisons/run.py --binary $(FILE_SHARE) --measure $(MEASURE) $(BENCH_FLAGS)

# Without what tests need, as users build it.
.PHONY: measured-file-share
measured-file-share:
	@.ci/watch build swift build $(CONFIGURATION) --product file-share

.PHONY: $(MEASURE)
$(MEASURE):
	@.ci/watch build-measure swift build $(CONFIGURATION) --package-path Benchmarks --product measure
	@.ci/watch build-cores swift build $(CONFIGURATION) --package-path Benchmarks --product cores

.PHONY: profile
profile: setup ## Run the suites of the benchmark package: make profile PROFILE_FLAGS='--target Picking'
	@swift package --package-path Benchmarks --disable-sandbox benchmark $(PROFILE_FLAGS)

.PHONY: scheduling
scheduling: setup ## Simulate crowds and compare them with the fluid bound
	@swift run $(CONFIGURATION) --package-path Benchmarks/Scheduling scheduling \
		--charts docs/performance/scheduling $(SCHEDULING_FLAGS)

.PHONY: public-api
public-api: ## Update the lists of public declarations in docs/public-api
	@.ci/public-api --renew

.PHONY: format
format: ## Format the Swift sources
	@swift format format --in-place --parallel --recursive $(wildcard $(SWIFT_FOLDERS))

.PHONY: lint
lint: ## Check the format of the Swift sources
	@swift format lint --strict --parallel --recursive $(wildcard $(SWIFT_FOLDERS))

.PHONY: clean
clean: ## Remove everything built and installed here
	rm -rf .build .work Tests/Fuzz/.build Benchmarks/.build Benchmarks/Scheduling/.build
