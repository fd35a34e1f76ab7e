# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel tree with the patch series applied. The tree that it is made from is never modified.

PATCHES=$TOP/kernel/patches/$KERNEL_SERIES

# The hash ignores the messages above the diffs, which do not change the kernel.
hash_patches()
{
	sed -s -n '/^diff --git /,/^-- $/p' "$PATCHES"/*.patch | sha256sum | cut -c 1-12
}

# A user's own tree may change at any time; the sizes and times of its files show a change.
hash_tree()
{
	(cd "$1" && find . -name '.?*' -prune -o -type f -not -name '*.o' -printf '%P %s %T@\n') |
		sort | sha256sum | cut -c 1-12
}

# Prints a key for the sources of a kernel made from this tree: its version, the patches, and the
# files of a user's own tree.
source_key()
{
	local pristine=$1
	kernel_version "$pristine" && printf -- '-' && hash_patches
	if [ -n "${KSRC:-}" ]; then
		hash_tree "$pristine"
	fi
}

# Applies strictly: no fuzz, nothing skipped as "already applied", no extra files left.
apply_patch()
{
	local tree=$1 patch=$2
	shift 2
	patch --directory="$tree" --strip=1 --fuzz=0 --force --no-backup-if-mismatch --reject-file=- \
		--input="$patch" "$@"
}

# Succeeds if all patches can be reverted in a copy of the files that they touch, which works only
# if all are applied.
series_is_applied()
{
	local tree=$1 copy patch result=0
	copy=$(mktemp -d)
	sed -nE 's,^(---|\+\+\+) [ab]/([^\t]*).*,\2,p' "$PATCHES"/*.patch | sort -u |
		(cd "$tree" && xargs -d '\n' cp --parents --target-directory="$copy") 2>/dev/null || true
	for patch in $(printf '%s\n' "$PATCHES"/*.patch | sort --reverse); do
		apply_patch "$copy" "$patch" --reverse >/dev/null 2>&1 || {
			result=1
			break
		}
	done
	rm -rf "$copy"
	return "$result"
}

apply_series()
{
	local tree=$1 name=$2 patch output
	for patch in "$PATCHES"/*.patch; do
		output=$(apply_patch "$tree" "$patch") || {
			say "${patch#"$TOP/"} does not apply to $name:"
			awk '/^patching file/ { file = $3 ": " } /FAILED at|ignored|find file/ { print "  " file $0 }' \
				<<<"$output" >&2
			return 1
		}
	done
}

# A tree that was built in place cannot be built in another folder before it is cleaned.
is_clean()
{
	[ ! -e "$1/.config" ] && [ ! -d "$1/include/config" ]
}

make_patched_source()
{
	local pristine=$1 copy=$2.partial arch
	say "making the patched source from $pristine"
	rm -rf "$copy"
	mkdir -p "$copy"
	tar -C "$pristine" --exclude=./.git --exclude='*.o' -cf - . | tar -C "$copy" -xf -
	if ! is_clean "$copy"; then
		for arch in x86_64 arm64; do
			kernel_make -s -C "$copy" "ARCH=$arch" mrproper >&2
		done
	fi
	series_is_applied "$copy" || apply_series "$copy" "$pristine" || {
		rm -rf "$copy"
		exit 1
	}
	mv "$copy" "$2"
}

# patched_source PRISTINE: prints the folder with the patched tree, and makes it if necessary.
patched_source()
{
	local pristine=$1 key patched
	if [ -n "${KSRC:-}" ] && is_clean "$pristine" && series_is_applied "$pristine"; then
		echo "$pristine"
		return
	fi
	key=$(source_key "$pristine" | tr -d '\n')
	patched=$CACHE/source/linux-$key
	[ -d "$patched" ] || make_patched_source "$pristine" "$patched"
	echo "$patched"
}
