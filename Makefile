# SPDX-License-Identifier: GPL-2.0
#
# The targets for people; `make help` lists them. The kernel build reads Kbuild.

ARCH ?= x86_64
KERNEL ?= base
SECONDS ?= 60
MINUTES ?= 30
SEEDS ?= 10

.PHONY: help setup run vma-explain deb stock test test-userland fuzz soak kunit guest-tests selftests replay shadow storm \
	debian bench shell modules modules_install port lint rustdoc htmldocs rust-analyzer clean
help:
	@echo 'make run                  build it all, boot it, and show it at work'
	@echo 'make test                 everything that CI runs'
	@echo
	@echo 'make vma-explain          build/vma-explain, a command for the kernel that is running'
	@echo 'make deb                  a Debian package of it, build/vma-explain_VERSION_ARCHITECTURE.deb'
	@echo "make stock                vma-explain on Debian's own kernels, in guests"
	@echo 'make setup                install what the others need, and nothing else'
	@echo 'make shell                a shell in a guest, with the module loaded'
	@echo 'make test-userland        the engine as a program on this machine: a minute'
	@echo 'make fuzz SECONDS=60      libFuzzer: looks for a history after which Rust and C differ'
	@echo 'make soak MINUTES=30      the long tests: mutants, failing allocations, the debug kernels, a storm'
	@echo 'make kunit                the KUnit suites, in a guest'
	@echo 'make guest-tests          the tests that need a real process, in a guest'
	@echo "make selftests            the kernel's own tests of memory management, with C and with Rust"
	@echo 'make replay SEEDS=10      random histories of system calls, with C and with Rust, in guests'
	@echo 'make shadow               a million decisions by C, each compared with what Rust would decide'
	@echo 'make storm SECONDS=60     everything at once, on the debug kernel, with changing engines'
	@echo 'make debian               a whole Debian and ordinary programs, on C, on Rust and on the shadow'
	@echo 'make bench                how many instructions Rust takes, and C'
	@echo 'make port KSRC=...        which C functions that Rust answers to have changed in that tree'
	@echo 'make lint                 formatting and lints'
	@echo 'make rustdoc              the documentation in the sources, for a browser'
	@echo 'make modules KDIR=...     the modules for a built, patched kernel tree of your own'
	@echo 'make modules_install KDIR=...'
	@echo 'make htmldocs             Documentation/, for a browser'
	@echo 'make rust-analyzer        rust-project.json for editors'
	@echo 'make clean                remove build/ (kernels stay in the cache)'
	@echo
	@echo 'ARCH=x86_64 (default) or arm64; KERNEL=base (default), bench, debug or hardened;'
	@echo 'KSRC=... uses a kernel source tree that you have already.'

setup:
	@scripts/setup --python

run:
	@scripts/demo --arch $(ARCH) --kernel $(KERNEL)

vma-explain:
	@scripts/vma-explain --arch $(ARCH)

deb:
	@scripts/deb

stock:
	@scripts/stock

test:
	@scripts/test $(if $(filter-out base,$(KERNEL)),--arch $(ARCH) --kernel $(KERNEL))

test-userland:
	@scripts/test-userland

soak:
	@scripts/soak $(MINUTES)

fuzz:
	@scripts/fuzz --seconds $(SECONDS)

kunit:
	@scripts/kunit --arch $(ARCH) --kernel $(KERNEL)

guest-tests:
	@scripts/guest-tests --arch $(ARCH) --kernel $(KERNEL)

selftests:
	@scripts/selftests --arch $(ARCH) --kernel $(KERNEL)

replay:
	@scripts/replay --arch $(ARCH) --kernel $(KERNEL) --seeds $(SEEDS)

shadow:
	@scripts/shadow --arch $(ARCH)

storm:
	@scripts/storm --arch $(ARCH) --seconds $(SECONDS)

debian:
	@scripts/debian

bench:
	@scripts/bench --arch $(ARCH)

shell:
	@scripts/vm --arch $(ARCH) --kernel $(KERNEL)

# Without KDIR, for one of our own kernels.
modules:
	@$(if $(KDIR),scripts/module-for $(KDIR) modules,scripts/module --arch $(ARCH) --kernel $(KERNEL))

modules_install:
	@$(if $(KDIR),scripts/module-for $(KDIR) modules_install,\
		echo 'make modules_install needs KDIR=, the kernel tree of this machine' >&2; exit 1)

port:
	@scripts/port

lint:
	@scripts/lint

rustdoc:
	@scripts/rustdoc --arch $(ARCH) --kernel $(KERNEL)

htmldocs:
	@scripts/htmldocs

rust-analyzer:
	@scripts/rust-analyzer --arch $(ARCH) --kernel $(KERNEL)

clean:
	rm -rf build
