// SPDX-License-Identifier: GPL-2.0
/* The entry point of libFuzzer, which supplies histories as bytes. */
#include "history.h"

#include <string.h>

/* The name by which libFuzzer calls the function. */
int fuzz_history(const unsigned char *bytes, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

int fuzz_history(const unsigned char *bytes, size_t size)
{
	static struct progress own;
	size_t steps = min(size / STEP_BYTES, (size_t)HISTORY_STEPS);

	progress = &own;
	history_init();
	if (!history_run(bytes, steps)) {
		fprintf(stderr, "Difference: %s\n", progress->why);
		abort();
	}
	return 0;
}
