# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The numbers of checks of a script that passed and failed: they are its last line and, for
# scripts/test, which adds up several scripts, a line "PASSED FAILED" in the file that --counts
# names.

# counts_from_arguments [--counts FILE]: sets COUNTS.
counts_from_arguments()
{
	COUNTS=
	case $# in
	0) return ;;
	2) [ "$1" != --counts ] || { COUNTS=$2 && return; } ;;
	esac
	die "usage: scripts/${0##*/} [--counts FILE]"
}

# report_counts PASSED FAILED: reports the counts at the end of the script. A script without any
# checks has failed.
report_counts()
{
	local passed=$1 failed=$2
	[ -z "$COUNTS" ] || echo "$passed $failed" >>"$COUNTS"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
