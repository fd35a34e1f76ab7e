// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel call each hooked helper, once or more. The file engine tells which
 * engine has executed the calls.
 */
#include "harness.h"
#include "helpers.h"

int main(void)
{
	page = sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++) {
		if (!call_helper(i)) {
			perror(helpers[i].helper);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
