# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A kernel's configuration: tinyconfig and the fragments, and a check that Kconfig accepted every
# line.

fragments()
{
	local arch=$1 kernel=$2 name
	local -a names=(common "$arch")
	case $kernel in
	debug | hardened | without-* | pages-*) names+=(base "base-$arch") ;;
	plain) names+=(bench) ;;
	esac
	for name in "${names[@]}" "$kernel" "$kernel-$arch"; do
		[ ! -e "$TOP/kernel/configs/$name.config" ] || echo "$TOP/kernel/configs/$name.config"
	done
}

# Kconfig silently drops options that it does not know or that lack a dependency. Prints each such
# line and fails. The later of two lines about one option counts, as for Kconfig.
check_config()
{
	local config=$1
	shift
	awk -v top="$TOP/" '
		function symbol_of(line) { sub(/^# /, "", line); sub(/[ =].*/, "", line); return line }
		function is_off(line) { return line == "" || line ~ /^# / || line ~ /=n$/ }
		function complain(place, line, why) {
			sub(top, "", place)
			print "  " place ": " line " (" why ")"
			failed = 1
		}
		{ is_option = /^CONFIG_[A-Za-z0-9_]+=/ || /^# CONFIG_[A-Za-z0-9_]+ is not set$/ }
		FILENAME == ARGV[ARGC - 1] { if (is_option) final[symbol_of($0)] = $0; next }
		is_option {
			symbol = symbol_of($0)
			if (!(symbol in wanted)) order[++count] = symbol
			wanted[symbol] = $0
			place[symbol] = FILENAME ":" FNR
			next
		}
		!/^#/ && !/^[ \t]*$/ { complain(FILENAME ":" FNR, $0, "not a line that Kconfig reads") }
		END {
			for (i = 1; i <= count; i++) {
				symbol = order[i]
				want = wanted[symbol]
				have = final[symbol]
				if (want == have || is_off(want) && is_off(have)) continue
				complain(place[symbol], want, "Kconfig has " (have ? have : "no " symbol))
			}
			exit failed
		}' "$@" "$config" >&2
}

configure()
{
	local source=$1 directory=$2 arch=$3 kernel=$4 log=$2/config.log
	local -a files
	mapfile -t files < <(fragments "$arch" "$kernel")
	kernel_make -C "$source" "O=$directory" "ARCH=$arch" tinyconfig >"$log" 2>&1 ||
		die "cannot configure the kernel (log: $log)"
	cat "${files[@]}" >>"$directory/.config"
	kernel_make -C "$source" "O=$directory" "ARCH=$arch" olddefconfig >>"$log" 2>&1 ||
		die "cannot configure the kernel (log: $log)"
	check_config "$directory/.config" "${files[@]}" ||
		die "Kconfig did not take the lines above"
}
