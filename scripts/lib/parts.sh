# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A run of several parts, one after the other. The last line says how many things passed and how many
# failed, added up from what each part counted; a part that counted nothing has failed.

parts_counts=$(mktemp)
trap 'rm -f "$parts_counts"' EXIT
parts_passed=0
parts_failed=0

# part NAME COMMAND...: a script of ours that takes --counts.
part()
{
	local name=$1 status=0 passed=0 failed=0
	shift
	echo "== $name"
	: >"$parts_counts"
	"$@" --counts "$parts_counts" || status=$?
	read -r passed failed <"$parts_counts" || true
	if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
		say "$name ended with $status and counted no failure"
		failed=1
	elif [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
		say "$name counted nothing"
		failed=1
	fi
	parts_passed=$((parts_passed + passed))
	parts_failed=$((parts_failed + failed))
}

# command_part NAME COMMAND...: anything that succeeds or fails, and counts as one thing.
command_part()
{
	local name=$1
	shift
	echo "== $name"
	if "$@"; then
		parts_passed=$((parts_passed + 1))
	else
		say "$name failed"
		parts_failed=$((parts_failed + 1))
	fi
}

# report_parts: the end of the script.
report_parts()
{
	echo "$parts_passed passed, $parts_failed failed"
	[ "$parts_failed" -eq 0 ]
}
