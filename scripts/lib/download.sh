# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Downloads and installations: their output goes to a log, and a failure is one sentence.

LOG=$CACHE/setup.log

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

NO_NETWORK='Temporary failure (resolving|in name resolution)|Could not (resolve|connect)'
NO_NETWORK+='|Name or service not known|Network is unreachable|Cannot initiate the connection'
NO_NETWORK+='|Failed to establish a new connection|[Cc]onnection (failed|refused|timed out)'

# get WHAT COMMAND...: runs the command that downloads or installs WHAT.
get()
{
	local what=$1
	shift
	"$@" >>"$LOG" 2>&1 </dev/null && return
	if grep -qE "$NO_NETWORK" "$LOG"; then
		die "cannot get $what: no network, and nothing cached (log: $LOG)"
	fi
	die "cannot get $what (log: $LOG)"
}

# Prints the codename of this machine's Debian release: bookworm, trixie, ...
codename()
{
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

# Prints the addresses from which the system's own apt gets Debian. Third-party archives may use the
# same suite name; they are listed too, but apt rejects them because Debian's key has not signed
# them.
archive_addresses()
{
	apt-get update --print-uris |
		sed -nE "s,^'(.*)/dists/($(codename)|stable|oldstable|testing)/InRelease'.*,\1,p" | sort -u
}

# make_apt_root ARCHITECTURE FOLDER SUITE...: makes a private apt root, which leaves the system's
# apt configuration alone, and can have another architecture and suite. apt checks the archive's
# signature as usual. No package counts as installed, so apt always takes a version from the
# archive.
make_apt_root()
{
	local architecture=$1 root=$2 address suite
	shift 2
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	: >"$root/status"
	for address in $(archive_addresses); do
		for suite; do
			echo "deb [signed-by=$DEBIAN_KEYRING] $address $suite main"
		done
	done >"$root/sources.list"
	cat >"$root/apt.conf" <<-END
		Dir::Etc::SourceList "$root/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State::Lists "$root/lists";
		Dir::State::Status "$root/status";
		Dir::Cache "$root/cache";
		APT::Architecture "$architecture";
		APT::Architectures { "$architecture"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
}

# use_apt_root ARCHITECTURE [NAME SUITE...]: makes apt use a private root from here on: the root of
# the architecture, with the suites of this machine and of the kernel's source, or the root NAME.
# Its lists are fetched once a run. An archive that fails does not matter if the package is found
# elsewhere.
use_apt_root()
{
	local architecture=$1 root=$CACHE/apt/${2:-$1}
	[ "${APT_CONFIG:-}" = "$root/apt.conf" ] && return
	shift $(($# > 1 ? 2 : 1))
	[ $# -gt 0 ] || set -- "$(codename)" "$KERNEL_SUITE"
	unset APT_CONFIG
	make_apt_root "$architecture" "$root" "$@"
	export APT_CONFIG=$root/apt.conf
	apt-get update >>"$LOG" 2>&1 </dev/null || true
}

# add_backports: makes apt, which installs on this machine, use Debian's backports as well from here
# on. Its lists of packages are private, so that the system's lists stay unchanged.
add_backports()
{
	local root=$CACHE/apt/backports address
	mkdir -p "$root/lists/partial"
	{
		cat /etc/apt/sources.list 2>/dev/null || true
		for address in $(archive_addresses); do
			echo "deb [signed-by=$DEBIAN_KEYRING] $address $(codename)-backports main"
		done
	} >"$root/sources.list"
	cat >"$root/apt.conf" <<-END
		Dir::Etc::SourceList "$root/sources.list";
		Dir::State::Lists "$root/lists";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$root/apt.conf
	apt-get update >>"$LOG" 2>&1 </dev/null || true
}

# unpack_debian_package PACKAGE DIRECTORY: unpacks the package's files without installing it.
unpack_debian_package()
{
	local package=$1 directory=$2
	rm -rf "$directory"
	mkdir -p "$directory"
	get "Debian's package $package" env -C "$directory" apt-get download "$package"
	dpkg -x "$directory"/*.deb "$directory"
	rm "$directory"/*.deb
}

# unpack_with_dependencies PACKAGE DIRECTORY: also unpacks all packages that the package needs to
# run. Alternative dependencies are not fetched: shared libraries have no alternatives.
unpack_with_dependencies()
{
	local directory=$2 wanted=$1 found='' package
	while [ "$wanted" != "$found" ]; do
		found=$wanted
		# shellcheck disable=SC2086 # one package a word
		wanted=$( (printf '%s\n' $found && apt-cache depends $found |
			sed -nE 's/^  Depends: ([a-z0-9.+-]+)$/\1/p') | sort -u | xargs)
	done
	rm -rf "$directory"
	mkdir -p "$directory"
	# shellcheck disable=SC2086
	get "Debian's packages $wanted" env -C "$directory" apt-get download $wanted
	for package in "$directory"/*.deb; do
		dpkg -x "$package" "$directory"
	done
	rm "$directory"/*.deb
}
