# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel tree: its path, its version, and the call of its make.

# Drops an outer make's settings (its ARCH=, O=, -n), which are not meant for the kernel's make.
kernel_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u KBUILD_OUTPUT -u O -u CROSS_COMPILE \
		make LLVM=1 "$@" </dev/null
}

kernel_version()
{
	awk '$1 ~ /^(VERSION|PATCHLEVEL|SUBLEVEL)$/ && $2 == "=" { printf "%s%s", dot, $3; dot = "." }
		/^NAME/ { exit }' "$1/Makefile"
}

# Prints the unpatched tree: the user's own, or the newest one in the cache; nothing if there is
# none.
pristine_source()
{
	if [ -n "${KSRC:-}" ]; then
		realpath "$KSRC"
	else
		[ ! -d "$CACHE/source" ] || find "$CACHE/source" -maxdepth 1 -name "linux-$KERNEL_SERIES*" |
			sed -n '\,/linux-[0-9.]*$,p' | sort -V | tail -n 1
	fi
}

# Prints the versions of all tools that a kernel depends on. A new version makes another kernel.
toolchain_versions()
{
	clang --version | sed -n 1p
	rustc --version
	bindgen --version
}
