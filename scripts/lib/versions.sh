# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the scripts that source this use what it sets
# All versions that this project requires, in one place.

# The kernel: the newest release of this series that the suite offers. When the suite has dropped
# the series, name another suite here, or provide a tree with KSRC=.
KERNEL_SERIES=7.3
KERNEL_PACKAGE=linux-source-7.3
KERNEL_SUITE=trixie-backports

# Debian's own kernels that vma-explain is tested on, and the suites that have them.
declare -A STOCK_SUITES=([6.1]=bookworm [6.12]=trixie [7.3]=trixie-backports)

# The minimum versions of the kernel's scripts/min-tool-version.sh.
RUSTC_MINIMUM=1.85.0
BINDGEN_MINIMUM=0.71.1
LLVM_MINIMUM=17

# The versions that are installed where Debian has nothing new enough.
BINDGEN_VERSION=0.72.1
CARGO_MUTANTS_VERSION=27.1.0
CARGO_FUZZ_VERSION=0.13.2
# (Packages for Python: tools/requirements.in.)

# Debian's Rust packages, used when there is no new enough rustc in PATH, and the LLVM they are built
# on. Debian 12 keeps a current compiler (for its web browsers) beside its old one.
case $(. /etc/os-release && echo "${ID:-}-${VERSION_ID:-}") in
debian-12)
	COMPILER_PACKAGES=(rustc-web cargo-web)
	RUST_PACKAGES=(rust-web-src rustfmt-web rust-web-clippy)
	CARGO_PACKAGE=cargo-web
	BINDGEN_PACKAGE=
	RUST_PACKAGES_LLVM=22
	;;
*)
	COMPILER_PACKAGES=(rustc cargo)
	RUST_PACKAGES=(rust-src rustfmt rust-clippy)
	CARGO_PACKAGE=cargo
	BINDGEN_PACKAGE=bindgen
	RUST_PACKAGES_LLVM=19
	;;
esac
