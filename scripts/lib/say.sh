# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How these scripts talk: a line on stderr that begins with the script's name. Stdout is for results.

say()
{
	echo "${0##*/}: $*" >&2
}

die()
{
	say "$@"
	exit 1
}

# take_lock FILE: one process at a time from here on; the lock goes when the script ends.
take_lock()
{
	exec {LOCK}>"$1"
	flock --nonblock "$LOCK" || {
		say "waiting for another run to finish (lock: $1)"
		flock "$LOCK"
	}
}

drop_lock()
{
	exec {LOCK}>&-
}
