# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Functions that build the modules for a built kernel tree.

# kernel_config KDIR SYMBOL: succeeds if the kernel that was built there has SYMBOL=y.
kernel_config()
{
	grep -qx "$2=y" "$1/include/config/auto.conf" 2>/dev/null
}

# kernel_arch KDIR: prints the architecture of the kernel built there, as its make spells it.
kernel_arch()
{
	if kernel_config "$1" CONFIG_ARM64; then
		echo arm64
	else
		echo x86_64
	fi
}

# make_modules KDIR OUTPUT LOG TARGET...: runs the kernel's make for the modules. If it fails, the
# compiler's errors go to stderr.
make_modules()
{
	local kdir=$1 output=$2 log=$3
	shift 3
	mkdir -p "$output"
	kernel_make -C "$kdir" "ARCH=$(kernel_arch "$kdir")" "M=$TOP" "MO=$output" "$@" >"$log" 2>&1 && return
	grep -E -A 12 '^(error|ERROR)|error:' "$log" | head -n 60 >&2
	return 1
}

# sign_modules KDIR FOLDER SIGNED: copies the modules of FOLDER to SIGNED, without debug
# information, and with signatures that the kernel accepts. The build of the kernel makes the key.
sign_modules()
{
	local kdir=$1 folder=$2 signed=$3 module
	mkdir -p "$signed"
	for module in "$folder"/*.ko; do
		llvm-strip --strip-debug -o "$signed/${module##*/}" "$module"
		"$kdir/scripts/sign-file" sha512 "$kdir/certs/signing_key.pem" "$kdir/certs/signing_key.x509" \
			"$signed/${module##*/}"
	done
}
