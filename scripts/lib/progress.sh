# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A line with the progress of a kernel's build: rewritten in place on a terminal, otherwise printed
# every 30 seconds.

count_objects()
{
	find "$1" -name '*.o' 2>/dev/null | wc -l
}

# Describes the last line of make's output: "CC mm/vma.o" is compiling mm/vma.o.
current_step()
{
	tail -n 100 "$1" | awk '
		/^  [A-Z0-9]+ / { tool = $1; file = $NF }
		END {
			if (tool ~ /^(CC|AS|RUSTC)$/) verb = "compiling "
			else if (tool == "LD") verb = "linking "
			else verb = "making "
			print (file == "" ? "starting" : verb file)
		}'
}

# watch_build LABEL DIRECTORY LOG TOTAL: shows the progress until killed, or the script has ended.
watch_build()
{
	local label=$1 directory=$2 log=$3 total=$4 interval=30 line
	local start=$SECONDS next=$SECONDS
	if [ -t 2 ]; then
		interval=2
	fi
	while sleep 1 && kill -0 $$ 2>/dev/null; do
		[ "$SECONDS" -lt "$next" ] && continue
		next=$((SECONDS + interval))
		line=$(printf '%s: %s  %d of about %d objects, %d:%02d' "$label" "$(current_step "$log")" \
			"$(count_objects "$directory")" "$total" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)))
		if [ -t 2 ]; then
			printf '\r\033[K%s' "${line:0:$(tput cols) - 1}" >&2
		else
			printf '%s\n' "$line" >&2
		fi
	done
}
