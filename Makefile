# Builds, demonstrates, tests and measures Credence. Every target first makes sure that the system libraries are there.

SWIFT ?= swift
# Tests need -enable-testing in release mode, so they have a build folder of their own.
TEST_BUILD := .build-test
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path $(TEST_BUILD)
DEMO_DATA := Examples/Data/fashion-mnist-mini
DEMO_OUTPUT := out/demo

PREFIX ?= /usr/local

.PHONY: all build install uninstall demo test test-mpi fuzz bench bench-peers study release notebooks documentation install-dependencies clean

all: build

install-dependencies:
	@Scripts/install-dependencies.sh

build: install-dependencies
	$(SWIFT) build -c release

# The program, its manual pages and its shell completions. Builds only where nothing is built yet, so that
# 'make && sudo make install' compiles nothing as root. PREFIX=~/.local needs no sudo; packagers set DESTDIR.
install:
	@[ -x .build/release/credence ] || $(MAKE) build
	@DESTDIR="$(DESTDIR)" Scripts/install .build/release/credence "$(PREFIX)"

uninstall:
	@DESTDIR="$(DESTDIR)" Scripts/install --uninstall .build/release/credence "$(PREFIX)"

# Learns five tasks from real image features, then classifies the test rows with the model that was written.
demo: build
	.build/release/credence benchmark --data $(DEMO_DATA) --method clap --tasks 5 --output $(DEMO_OUTPUT)
	.build/release/credence classify --model $(DEMO_OUTPUT)/model.safetensors \
		--features $(DEMO_DATA)/test.safetensors --output $(DEMO_OUTPUT)/predictions.csv
	@head -n 6 $(DEMO_OUTPUT)/predictions.csv

test: install-dependencies
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	$(SWIFT) test $(TEST_FLAGS) --skip-build
	Scripts/run-notebooks --build $(TEST_BUILD)
	Scripts/documentation --build $(TEST_BUILD) --check
	@echo "Not tested here: the build with MPI on several processes (make test-mpi)."

# Learns, classifies and measures on 1, 2 and 4 ranks, and ends some of them on the way. A second build of everything, with
# the package trait MPI: needs Open MPI (libopenmpi-dev, openmpi-bin).
test-mpi: install-dependencies
	Scripts/test-mpi

# Ten thousand damaged requests and files of each kind (`make test` runs 150); FUZZ_SEED=2 damages them otherwise.
fuzz: install-dependencies
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	FUZZ_ROUNDS=$${FUZZ_ROUNDS:-10000} $(SWIFT) test $(TEST_FLAGS) --skip-build --filter FuzzTests

notebooks: install-dependencies
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	Scripts/run-notebooks --build $(TEST_BUILD)

bench: install-dependencies
	Benchmarks/run

bench-peers: install-dependencies
	Benchmarks/run-peers

# Methods by data sets by seeds by class orders: the tables of Benchmarks/README.md, in out/study. Runs that are there
# already are not repeated. Options: STUDY="--methods default linear --seeds 1".
study: install-dependencies
	Benchmarks/study $(STUDY)

# The articles and the reference of every module as a site of static pages, in out/documentation.
documentation: install-dependencies
	Scripts/documentation

# A binary that needs no Swift installation: the standard library is linked statically, GSL and OpenBLAS are not.
release: install-dependencies
	$(SWIFT) build -c release --static-swift-stdlib --product credence --scratch-path .build-release
	@mkdir -p out/release
	cp .build-release/release/credence out/release/credence
	strip out/release/credence
	out/release/credence --version

clean:
	rm -rf .build .build-* out
