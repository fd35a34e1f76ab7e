# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A run of several parts, in order, or some of them in parallel with the others. The last line has
# the numbers of checks that passed and failed, added up over the parts. A part that counted nothing
# has failed.

# A scratch folder: the file totals with a line "PASSED FAILED SECONDS NAME" for each part, and the
# output of parallel parts.
parts_folder=$(mktemp -d)
# The process groups of parallel parts.
parts_beside=()
trap end_parts EXIT

end_parts()
{
	local group
	for group in "${parts_beside[@]}"; do
		kill -- "-$group" 2>/dev/null || true
	done
	rm -rf "$parts_folder"
}

# part NAME COMMAND...: runs a script of ours that takes --counts.
part()
{
	local name=$1 status=0 passed=0 failed=0 started=$SECONDS counts
	shift
	counts=$(mktemp -p "$parts_folder")
	echo "== $name"
	"$@" --counts "$counts" || status=$?
	read -r passed failed <"$counts" || passed=0 failed=0
	if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
		say "$name ended with $status and counted no failure"
		failed=1
	elif [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
		say "$name counted nothing"
		failed=1
	fi
	echo "$passed $failed $((SECONDS - started)) $name" >>"$parts_folder/totals"
}

# command_part NAME COMMAND...: runs any command, which counts as one check.
command_part()
{
	local name=$1 passed=1 failed=0 started=$SECONDS
	shift
	echo "== $name"
	"$@" || {
		say "$name failed"
		passed=0
		failed=1
	}
	echo "$passed $failed $((SECONDS - started)) $name" >>"$parts_folder/totals"
}

# beside COMMAND...: runs a function with parts, in parallel with the parts that follow. Its output
# is printed at the end.
beside()
{
	# In its own process group, so that all its processes can be ended with this script.
	set -m
	"$@" >"$parts_folder/beside-${#parts_beside[@]}" 2>&1 &
	set +m
	parts_beside+=("$!")
}

# report_parts: reports the counts at the end of the script. If COUNTS is set, that file gets a line
# "PASSED FAILED".
report_parts()
{
	local number passed failed seconds name all_passed=0 all_failed=0
	for number in "${!parts_beside[@]}"; do
		if ! wait "${parts_beside[number]}"; then
			say "not all of the parallel parts have run"
			echo "0 1 0 the parallel parts" >>"$parts_folder/totals"
		fi
		cat "$parts_folder/beside-$number"
	done
	while read -r passed failed seconds name; do
		printf '%6d s  %s: %d passed, %d failed\n' "$seconds" "$name" "$passed" "$failed"
		all_passed=$((all_passed + passed))
		all_failed=$((all_failed + failed))
	done <"$parts_folder/totals"
	[ -z "${COUNTS:-}" ] || echo "$all_passed $all_failed" >>"$COUNTS"
	echo "$all_passed passed, $all_failed failed"
	[ "$all_failed" -eq 0 ]
}
