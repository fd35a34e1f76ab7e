// SPDX-License-Identifier: GPL-2.0
/*
 * Selects the active mutant, or logs which mutants were reached. This file is only part
 * of the modules that scripts/mutants --guest builds. The guest sets
 * /proc/sys/kernel/domainname, which outlives a module, to the number of a mutant, or to
 * "reach" and a word. The latter logs each mutant that is reached from then on, and no
 * mutant is active.
 */
#include <linux/bitmap.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/utsname.h>

#define RUST_VMA_MUTANTS 2048

static DECLARE_BITMAP(rust_vma_reached, RUST_VMA_MUTANTS);
static char rust_vma_reached_since[__NEW_UTS_LEN + 1];

static void rust_vma_log_reached(unsigned int number, const char *since)
{
	if (strcmp(rust_vma_reached_since, since)) {
		strscpy(rust_vma_reached_since, since);
		bitmap_zero(rust_vma_reached, RUST_VMA_MUTANTS);
	}
	if (number < RUST_VMA_MUTANTS && !test_and_set_bit(number, rust_vma_reached))
		pr_info("mutant %u is reached\n", number);
}

bool rust_vma_mutant(unsigned int number)
{
	const char *said = init_uts_ns.name.domainname;
	unsigned int on;

	if (str_has_prefix(said, "reach")) {
		rust_vma_log_reached(number, said);
		return false;
	}
	return !kstrtouint(said, 10, &on) && on == number;
}
