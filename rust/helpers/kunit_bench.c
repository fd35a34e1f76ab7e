// SPDX-License-Identifier: GPL-2.0
/*
 * Where instructions go. Two instructions that do nothing mark where something
 * begins and ends; scripts/machine/count_by_place.c, a part of QEMU while it
 * runs, knows them by their bytes, and counts what is executed between them.
 */
#include <linux/irqflags.h>

#include "bindings_helper.h"

#if defined(CONFIG_X86_64)
/* A no-op of eight bytes; the last four are an offset that nobody uses. */
#define RUST_VMA_KUNIT_MARK(number)	".byte 0x0f, 0x1f, 0x84, 0x00; .long " #number
#define RUST_VMA_KUNIT_BEGIN		RUST_VMA_KUNIT_MARK(0x616d7642)
#define RUST_VMA_KUNIT_END		RUST_VMA_KUNIT_MARK(0x616d7645)
#elif defined(CONFIG_ARM64)
/* A number that goes to the register which is always zero. */
#define RUST_VMA_KUNIT_MARK(number)	"movz xzr, #" #number
#define RUST_VMA_KUNIT_BEGIN		RUST_VMA_KUNIT_MARK(0x7642)
#define RUST_VMA_KUNIT_END		RUST_VMA_KUNIT_MARK(0x7645)
#endif

/*
 * Without interrupts, which would be counted too. A compiler that knew act could
 * put it into this function.
 */
void rust_vma_kunit_profile(void (*act)(void *subject), void *subject)
{
	unsigned long flags;

	OPTIMIZER_HIDE_VAR(act);
	local_irq_save(flags);
	asm volatile(RUST_VMA_KUNIT_BEGIN ::: "memory");
	act(subject);
	asm volatile(RUST_VMA_KUNIT_END ::: "memory");
	local_irq_restore(flags);
}
