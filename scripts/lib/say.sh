# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The messages of the scripts: lines on stderr that begin with the script's name. Stdout is for
# results.

say()
{
	echo "${0##*/}: $*" >&2
}

die()
{
	say "$@"
	exit 1
}

# take_lock FILE: takes a lock, waiting if necessary, which is released when the script ends.
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
