# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How many things a script tried passed and failed: its last line, and, for scripts/test, which adds
# several up, a line "PASSED FAILED" in the file that --counts names.

# counts_from_arguments [--counts FILE]
counts_from_arguments()
{
	COUNTS=
	case $# in
	0) return ;;
	2) [ "$1" != --counts ] || { COUNTS=$2 && return; } ;;
	esac
	die "usage: scripts/${0##*/} [--counts FILE]"
}

# report_counts PASSED FAILED: the end of the script. That nothing was tried is a failure.
report_counts()
{
	local passed=$1 failed=$2
	[ -z "$COUNTS" ] || echo "$passed $failed" >>"$COUNTS"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
