// SPDX-License-Identifier: GPL-2.0
/* Accesses to memory that may be missing, made directly by the processor. */
#include "storm.h"
#include <setjmp.h>
#include <signal.h>

static __thread sigjmp_buf escape;
static __thread atomic_bool touching;

static void refuse(int number)
{
	/* A fault elsewhere is a bug: it occurs again, and kills the process. */
	if (!touching)
		signal(number, SIG_DFL);
	else
		siglongjmp(escape, 1);
}

/* Installs the handler. The jump does not restore the signal mask, so the mask must not change. */
void catch_faults(void)
{
	struct sigaction action = { .sa_handler = refuse, .sa_flags = SA_NODEFER };

	if (sigaction(SIGSEGV, &action, NULL) || sigaction(SIGBUS, &action, NULL))
		wrong("cannot catch faults: %s", strerror(errno));
}

/* Loads a byte. Returns whether that was possible. */
bool load(const unsigned char *address, unsigned char *value)
{
	bool possible = !sigsetjmp(escape, 0);

	if (possible) {
		touching = true;
		*value = __atomic_load_n(address, __ATOMIC_RELAXED);
	}
	touching = false;
	return possible;
}

bool store(unsigned char *address, unsigned char value)
{
	bool possible = !sigsetjmp(escape, 0);

	if (possible) {
		touching = true;
		__atomic_store_n(address, value, __ATOMIC_RELAXED);
	}
	touching = false;
	return possible;
}
