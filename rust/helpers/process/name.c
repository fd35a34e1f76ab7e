// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of prctl(PR_SET_VMA) besides merging and splitting, for rust/process/sys/name.rs. The
 * mmap lock is held for write.
 */
#include <linux/mm_inline.h>

#include "bindings_helper.h"

/*
 * Creates a name from a C string. Returns NULL if there is not enough memory, and without
 * CONFIG_ANON_VMA_NAME.
 */
struct anon_vma_name *rust_vma_name_new(const char *name)
{
#ifdef CONFIG_ANON_VMA_NAME
	return anon_vma_name_alloc(name);
#else
	return NULL;
#endif
}

void rust_vma_name_put(struct anon_vma_name *name)
{
	anon_vma_name_put(name);
}

bool rust_vma_may_have_name(struct vm_area_struct *vma)
{
	return !vma->vm_file || vma_is_anon_shmem(vma);
}

/* Gives the VMA its own reference to a name, or removes its name if name is NULL. */
void rust_vma_replace_name(struct vm_area_struct *vma, struct anon_vma_name *name)
{
#ifdef CONFIG_ANON_VMA_NAME
	struct anon_vma_name *old = anon_vma_name(vma);

	if (anon_vma_name_eq(old, name))
		return;
	vma->anon_name = name ? anon_vma_name_reuse(name) : NULL;
	anon_vma_name_put(old);
#endif
}
