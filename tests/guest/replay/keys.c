// SPDX-License-Identifier: GPL-2.0
/* Protection keys and shadow stacks. A processor may lack both. */
#include "replay.h"

/* One key allows every access, and the other forbids writing. */
static int keys[2];
static bool has_keys;

#ifdef __x86_64__

/* The thread's rights, which are not restored by a jump out of a signal handler. */
static unsigned int rights;

static void save_rights(void)
{
	unsigned int high;

	asm volatile("rdpkru" : "=a"(rights), "=d"(high) : "c"(0));
}

void restore_rights(void)
{
	if (has_keys)
		asm volatile("wrpkru" : : "a"(rights), "c"(0), "d"(0) : "memory");
}

#else

static void save_rights(void)
{
}

void restore_rights(void)
{
}

#endif

bool set_up_keys(void)
{
	keys[0] = syscall(SYS_pkey_alloc, 0, 0);
	keys[1] = syscall(SYS_pkey_alloc, 0, PKEY_DISABLE_WRITE);
	has_keys = keys[0] > 0 && keys[1] > 0;
	if (has_keys)
		save_rights();
	return has_keys;
}

long protect_with(int key, int protection)
{
	if (!has_keys)
		return call(SYS_mprotect, start, pages * page, protection);
	return call(SYS_pkey_mprotect, start, pages * page, protection, key);
}

long do_pkey_mprotect(void)
{
	int which = below(3), key = which ? keys[which - 1] : 0;
	int protection = one_in(4) ? PROT_READ : PROT_READ | PROT_WRITE;

	choose();
	say_range("pkey_mprotect");
	say(" key %d, %x", which, protection);
	if (!has_keys)
		return 0;
	return protect_with(key, protection);
}

bool has_shadow_stacks(void)
{
	long made = call(SYS_map_shadow_stack, NULL, page, 0);

	if (made < 0)
		return false;
	munmap((void *)made, page);
	return true;
}

/* Maps a shadow stack. The kernel takes the address as a hint, or the call fails. */
long do_shadow_stack(void)
{
	choose_hole();
	say_range("map_shadow_stack");
	return placed(call(SYS_map_shadow_stack, start, pages * page, 0), pages * page);
}
