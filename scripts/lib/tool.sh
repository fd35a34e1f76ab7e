# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash source-path=SCRIPTDIR
# Sources everything that a script for one of tools/ needs.

set -euo pipefail

# shellcheck source=paths.sh
. "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
# shellcheck source=say.sh
. "$TOP/scripts/lib/say.sh"
# shellcheck source=python.sh
. "$TOP/scripts/lib/python.sh"
