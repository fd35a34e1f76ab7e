// SPDX-License-Identifier: GPL-2.0
/*
 * How long something takes, by the processor's own counter. In a guest of which
 * scripts/vm counts the instructions, that goes on by one with each of them.
 */
#include <linux/irqflags.h>
#include <linux/timex.h>

#include "bindings_helper.h"

u64 rust_vma_kunit_ticks(void (*act)(void *subject), void *subject,
			 unsigned int times)
{
	unsigned long flags;
	u64 ticks;

	local_irq_save(flags);
	ticks = get_cycles();
	for (unsigned int i = 0; i < times; i++)
		act(subject);
	ticks = get_cycles() - ticks;
	local_irq_restore(flags);
	return ticks;
}

void rust_vma_kunit_no_instructions(void)
{
	asm volatile("");
}

void rust_vma_kunit_thousand_instructions(void)
{
	asm volatile(".rept 1000; nop; .endr");
}
