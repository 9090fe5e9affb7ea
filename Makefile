# Two commands do everything on a fresh Debian or Ubuntu with Rust installed: `make run` and `make test`.

# What the build needs, and what the tests start: real servers, voices and a browser.
BUILD_PACKAGES = ca-certificates gcc libasound2-dev libjack-jackd2-dev make pkg-config
# Another echo canceller to compare with, a broker, a database server, and a counter of instructions.
BENCH_PACKAGES = libspeexdsp-dev mosquitto postgresql valgrind
TEST_PACKAGES = chromium curl espeak-ng jackd2 mosquitto mosquitto-clients nats-server postgresql procps pulseaudio pulseaudio-utils sox sqlite3 tinyproxy

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300
NEXTEST = $(if $(shell command -v cargo-nextest),cargo nextest run,cargo test)
SOAK = $(if $(shell command -v cargo-nextest),cargo nextest run --run-ignored only --no-capture,cargo test --no-fail-fast)
SOAK_ONLY = $(if $(shell command -v cargo-nextest),,-- --ignored --nocapture --test-threads 1)
# RealtimeSanitizer is in the stable compiler behind a switch.
SANITIZED = RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=realtime --cfg realtime_sanitizer"
HOST = $(shell rustc -vV | sed -n 's/^host: //p')

.PHONY: run test test-realtime soak bench lint audit install-build install-bench install-test

run: install-build
	cargo run --locked --release --bin habitatd -- demo

test: install-build install-test
	cargo build --locked --workspace --bins
	$(NEXTEST) --locked --workspace
	cargo test --locked --workspace --doc
	$(MAKE) test-realtime

# Engine and devices under RealtimeSanitizer: an allocation, lock or blocking call on the engine thread or in a callback aborts the test.
test-realtime: install-test
	$(SANITIZED) $(NEXTEST) --locked -p habitat-engine -p habitat-devices --target $(HOST) --target-dir target/realtime

# Hours of sound and minutes of crashes, which no test run has time for.
soak: install-build install-test
	cargo build --locked --workspace --bins
	$(SOAK) --locked -p habitatd --test jack --test fire $(SOAK_ONLY)
	$(SOAK) --locked -p habitat-tenant --test tenant $(SOAK_ONLY)

bench: install-build install-bench
	cargo bench --locked -p habitat-benches --features speex

lint:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

audit:
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources

install-build:
	@dpkg -s $(BUILD_PACKAGES) >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(BUILD_PACKAGES); }
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs and try again"; exit 1; }

install-bench:
	@dpkg -s $(BENCH_PACKAGES) >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(BENCH_PACKAGES); }

install-test:
	@dpkg -s $(TEST_PACKAGES) >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(TEST_PACKAGES); }
