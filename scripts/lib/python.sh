# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The tools in Python (tools/), and the packages that they and make lint use:
# tools/requirements.txt, installed in a separate environment, once for each version of that file
# and of Python.

PYTHON_PACKAGES=$TOP/tools/requirements.txt
PYTHON_ENVIRONMENT=$CACHE/toolchain/python-$({ readlink -f /usr/bin/python3 && cat "$PYTHON_PACKAGES"; } |
	sha256sum | cut -c 1-12)
export PYTHONPATH=$TOP/tools/vm:$TOP/tools/bench:$TOP/tools/mutants:$TOP/tools/source:$TOP/tools/port:$TOP/tools/documentation:$TOP/tools/vma-report

# Installs the packages with the hashes in the file. No package is built here.
install_python_packages()
{
	(
		take_lock "$PYTHON_ENVIRONMENT.lock"
		[ ! -e "$PYTHON_ENVIRONMENT/complete" ] || exit 0
		say "installing Python packages (tools/requirements.in)"
		{
			rm -rf "$PYTHON_ENVIRONMENT" &&
				/usr/bin/python3 -m venv "$PYTHON_ENVIRONMENT" &&
				"$PYTHON_ENVIRONMENT/bin/pip" install --require-hashes --only-binary :all: \
					--requirement "$PYTHON_PACKAGES" &&
				touch "$PYTHON_ENVIRONMENT/complete"
		} >"$PYTHON_ENVIRONMENT.log" 2>&1 </dev/null
	) || {
		say "cannot install the Python packages (Debian's python3-venv is needed; log: $PYTHON_ENVIRONMENT.log)"
		return 1
	}
}

# need_python_packages: installs the packages if they are missing.
need_python_packages()
{
	[ -e "$PYTHON_ENVIRONMENT/complete" ] || {
		mkdir -p "${PYTHON_ENVIRONMENT%/*}"
		install_python_packages || exit 1
	}
}

# run_tool MODULE ARGUMENT...: runs one of tools/ that uses packages, in place of the script.
run_tool()
{
	need_python_packages
	exec "$PYTHON_ENVIRONMENT/bin/python" -P -m "$@"
}

# run_plain_tool MODULE ARGUMENT...: runs one of tools/ that uses no packages.
run_plain_tool()
{
	exec python3 -P -m "$@"
}

# run_tests TEST... [OPTION...]: runs tests of tools/ with pytest; the last line is "N passed, N
# failed". Options are pytest's, and those of tools/conftest.py: --counts FILE, --without-browser,
# --without-guests.
run_tests()
{
	run_tool pytest --config-file "$TOP/tools/pyproject.toml" "$@"
}
