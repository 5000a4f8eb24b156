# Bare `make` lists what there is: each line with ## is a line of that list.
#
# Bun is taken from PATH if it is the version that package.json names, else from npm into .tools;
# packages go into node_modules. Every target that needs them sees to both, and neither takes time
# once it is done.

BUN_VERSION := $(shell sed -n 's/.*"packageManager": *"bun@\([0-9.]*\)".*/\1/p' package.json)
OWN_BUN := .tools/bun-$(BUN_VERSION)/bun
FOUND_BUN := $(shell test "$$(bun --version 2>/dev/null)" = "$(BUN_VERSION)" && command -v bun)
BUN := $(or $(FOUND_BUN),$(OWN_BUN))
# What is on this machine is not for a proxy of the environment, nor is what the user says. The lower case
# counts, as to curl and Bun.
COMMA := ,
UNPROXIED := $(or $(no_proxy),$(NO_PROXY))
export NO_PROXY := $(if $(UNPROXIED),$(UNPROXIED)$(COMMA))localhost,127.0.0.1
export no_proxy := $(NO_PROXY)
# For scripts that call bun by its name.
export PATH := $(abspath $(dir $(BUN))):$(PATH)

PACKAGES := node_modules/.installed
SOURCES := $(shell find src sim -type f ! -name '*_test.ts' ! -name '*_bench.ts') package.json Makefile

# A binary that reads no .env or bunfig.toml of the directory it is started in. Not minified: it
# would be 2 % smaller, and its stack traces would name nothing.
COMPILE := build --compile --root=src --sourcemap=linked \
	--no-compile-autoload-dotenv --no-compile-autoload-bunfig
# Threads of their own, in the binary under their names below src: hence the root.
WORKERS := src/bun/raft_storage/worker.ts src/bun/history_storage/worker.ts
PLATFORMS := linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl darwin-arm64
RUNTIMES := .tools/runtimes-$(BUN_VERSION)

# By the environment, so that no shell reads it.
export SERVER ?= server1

.DEFAULT_GOAL := help
.PRECIOUS: $(RUNTIMES)/%/bun
.DELETE_ON_ERROR:
.PHONY: help run run-local get_metrics docker-compose-down build build-all test test-docker test-bare lint fmt \
	fmt-check types bundle bench bench-detectors sim soak fuzz page-picture flamegraph chaos check-history trace \
	mutants planted-bugs check

help: ## show this list
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / {printf "make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: dist/phi ## run ten simulated servers and three monitors, in Docker if it works; Ctrl-C ends all of it
	@exec $(BUN) sim/demo/run.ts

run-local: dist/phi ## the same as processes of this machine
	@exec $(BUN) sim/demo/run.ts --local

get_metrics: $(PACKAGES) ## show one target's series and who is suspected (SERVER=server1)
	@exec $(BUN) sim/demo/get_metrics.ts

docker-compose-down: $(PACKAGES) ## stop what `make run` started
	@exec $(BUN) sim/demo/down.ts

build: dist/phi ## compile dist/phi, one file with everything in it
	@echo "dist/phi is up to date"

build-all: $(PLATFORMS:%=dist/phi-%) ## compile for linux (x64, arm64; glibc, musl) and darwin arm64
	@echo "dist holds: $(PLATFORMS:%=phi-%)"

test: dist/phi ## run all tests but those with Docker, the compiled binary's too (TEST=path for some of them)
	$(BUN) run test $(TEST)

test-docker: dist/phi ## run the tests with real containers, which need a Docker daemon
	@docker/build.sh phi:test >/dev/null
	$(BUN) run test:docker

test-bare: dist/phi ## try both commands from a fresh clone in a bare Debian (as root, with debootstrap; TEST=path for less)
	TEST="$(TEST)" $(BUN) run test:bare

lint: $(PACKAGES) ## look for defects (oxlint, type-aware)
	$(BUN) run lint

fmt: $(PACKAGES) ## format all files (oxfmt)
	$(BUN) run fmt

fmt-check: $(PACKAGES) ## say which files are not formatted
	$(BUN) run fmt:check

types: $(PACKAGES) ## check the types (tsc)
	$(BUN) run types

bundle: $(PACKAGES) ## bundle the library and the edge receiver for the browser target
	$(BUN) build --target=browser --outdir=dist/browser src/mod.ts src/edge.ts

bench: dist/phi ## measure speed, memory and commits beside what else one might use (ONLY=raft)
	$(BUN) run bench $(ONLY)

bench-detectors: $(PACKAGES) ## judge all detectors on traces: the tables of docs/detectors.md (SVG=directory, ONLY=part)
	@exec $(BUN) sim/bench/detectors/main.ts $(if $(SVG),--svg $(SVG)) $(ONLY)

sim: $(PACKAGES) ## simulate clusters from fresh seeds (SEEDS=N or SECONDS=T, BASE=B), or tell one (SEED=S)
	@exec $(BUN) sim/world/main.ts $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(BASE),--base $(BASE))

soak: dist/phi ## watch thousands of targets for an hour while things go wrong (MINUTES=60, TARGETS=5000)
	@exec $(BUN) sim/soak/main.ts $(if $(MINUTES),--minutes $(MINUTES)) $(if $(TARGETS),--targets $(TARGETS))

fuzz: dist/phi ## attack the API, the peer port and the prober (ONLY=api, COUNT=N, SECONDS=T, BASE=B; SEED=S again)
	@exec $(BUN) sim/fuzz/main.ts $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED)) \
		$(if $(COUNT),--count $(COUNT)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(BASE),--base $(BASE))

page-picture: dist/phi ## take the README's picture of the page again (needs Chromium; some two minutes)
	PHI_PAGE_PICTURE=docs/page.png $(BUN) run test test/e2e/page_test.ts

flamegraph: dist/phi ## draw what a monitor spends its time on (SECONDS=10, WITH=perf or cpu-prof, OUT=file)
	@exec $(BUN) sim/flamegraph/main.ts $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(WITH),--with $(WITH)) $(if $(OUT),--out $(OUT))

chaos: dist/phi ## break real containers on purpose, see what is detected, in one table (NAME=leader-kill for one, RUNNER=processes, ARGS=list)
	@$(if $(filter processes list,$(RUNNER) $(ARGS)),,docker/build.sh >/dev/null && )exec $(BUN) sim/chaos/main.ts \
		$(or $(ARGS),run $(if $(RUNNER),--runner $(RUNNER)) $(NAME))

check-history: $(PACKAGES) ## judge whether recorded histories are linearizable (FILES="a.json b.json")
	@exec $(BUN) sim/world/linearizability/check_history.ts $(FILES)

trace: $(PACKAGES) ## write a generated heartbeat trace to stdout (ARGS="wan --seed 1 --count 1000")
	@exec $(BUN) sim/trace/main.ts $(ARGS)

mutants: $(PACKAGES) ## change the Raft core in a thousand small ways and see the tests notice (takes an hour; RESUME=1 goes on; ONLY=log for one file)
	@exec $(BUN) sim/mutants/main.ts $(if $(RESUME),--resume) $(ONLY)

planted-bugs: $(PACKAGES) ## plant each known bug in the Raft and see that what looks for it finds it
	@exec $(BUN) sim/world/planted/main.ts

check: lint fmt-check types bundle test ## everything that has to pass before a commit

dist/phi: $(SOURCES) $(PACKAGES)
	$(call compile,$@,)

dist/phi-%: $(RUNTIMES)/%/bun $(SOURCES) $(PACKAGES)
	$(call compile,$@,--target=bun-$* --compile-executable-path=$<)

# $(1) is the file to make, $(2) further flags. The map of the sources is in the binary as well, so
# the file that Bun writes beside it goes. The binary comes into place whole: one that runs goes on.
define compile
	@echo "Compiling $(1)"
	@mkdir -p dist && work=$$(mktemp -d dist/new.XXXXXX) && trap 'rm -rf "$$work"' EXIT && \
	$(BUN) $(COMPILE) $(2) --outfile="$$work/phi" src/main.ts $(WORKERS) >/dev/null && \
	mv -f "$$work/phi" $(1)
endef

$(PACKAGES): package.json bun.lock | $(if $(FOUND_BUN),,$(OWN_BUN))
	$(BUN) install --frozen-lockfile
	@touch $@

# npm's install script would pick the runtime that works here; where such scripts are not allowed
# to run, somebody has to. The rename at the end lets two of these run at once.
$(OWN_BUN):
	@echo "Setting up bun $(BUN_VERSION) in .tools"
	@mkdir -p $(@D) && work=$$(mktemp -d .tools/new.XXXXXX) && trap 'rm -rf "$$work"' EXIT && \
	npm install --prefix "$$work" --no-save --no-package-lock --ignore-scripts --include=optional \
		--no-audit --no-fund --loglevel=error bun@$(BUN_VERSION) && \
	for bun in "$$work"/node_modules/@oven/*/bin/bun; do \
		if [ "$$("$$bun" --version 2>/dev/null)" = "$(BUN_VERSION)" ]; then \
			mv -f "$$bun" $@; exit; \
		fi; \
	done; \
	echo "make: npm gave no bun $(BUN_VERSION) for this machine; put one on PATH" >&2; exit 1

# Bun's own names for the platforms are those of the processors' makers.
$(RUNTIMES)/%/bun:
	@echo "Getting the runtime for $*"
	@mkdir -p $(@D) && work=$$(mktemp -d .tools/new.XXXXXX) && trap 'rm -rf "$$work"' EXIT && \
	npm pack --silent --pack-destination "$$work" \
		@oven/bun-$(subst arm64,aarch64,$*)@$(BUN_VERSION) >/dev/null && \
	tar -xzf "$$work"/*.tgz -C "$$work" && mv -f "$$work/package/bin/bun" $@
