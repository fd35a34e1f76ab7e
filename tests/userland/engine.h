/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine in Rust, as C sees it in userland. The functions stand in
 * rust/sys/hook.rs and tests/userland/sys/entries.rs.
 */
#ifndef RUST_VMA_USERLAND_ENGINE_H
#define RUST_VMA_USERLAND_ENGINE_H

/* What the dispatchers of the hooked functions call. */
struct vm_area_struct *rust_vma_hook_modify(struct vma_merge_struct *vmg);
struct vm_area_struct *rust_vma_hook_merge_existing_range(struct vma_merge_struct *vmg);
struct vm_area_struct *rust_vma_hook_merge_new_range(struct vma_merge_struct *vmg);
int rust_vma_hook_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
			unsigned long addr, int new_below);
int rust_vma_hook_expand(struct vma_merge_struct *vmg);
int rust_vma_hook_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma,
			 unsigned long end);

/* The helpers of the series, with the signatures of those in mm/vma.c. */
struct vm_area_struct *rust_vma_modify_flags(struct vma_iterator *vmi,
					     struct vm_area_struct *prev,
					     struct vm_area_struct *vma,
					     unsigned long start, unsigned long end,
					     vma_flags_t *flags);
struct vm_area_struct *rust_vma_modify_name(struct vma_iterator *vmi,
					    struct vm_area_struct *prev,
					    struct vm_area_struct *vma,
					    unsigned long start, unsigned long end,
					    struct anon_vma_name *name);
/* vma_modify_flags_name() of 2023: flags and name at once. */
struct vm_area_struct *rust_vma_modify_flags_name(struct vma_iterator *vmi,
						  struct vm_area_struct *prev,
						  struct vm_area_struct *vma,
						  unsigned long start, unsigned long end,
						  vma_flags_t *flags,
						  struct anon_vma_name *name);
struct vm_area_struct *rust_vma_modify_policy(struct vma_iterator *vmi,
					      struct vm_area_struct *prev,
					      struct vm_area_struct *vma,
					      unsigned long start, unsigned long end,
					      struct mempolicy *policy);
struct vm_area_struct *rust_vma_modify_uffd(struct vma_iterator *vmi,
					    struct vm_area_struct *prev,
					    struct vm_area_struct *vma,
					    unsigned long start, unsigned long end,
					    const vma_flags_t *flags,
					    void *ctx,
					    bool give_up_on_oom);
struct vm_area_struct *rust_vma_merge_extend(struct vma_iterator *vmi,
					     struct vm_area_struct *vma,
					     unsigned long delta);
/* keep_source: that of copy_vma(), which the engine heeds itself. */
struct vm_area_struct *rust_vma_merge_copied_range(struct vma_merge_struct *vmg,
						   bool keep_source);
int rust_vma_split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma,
		       unsigned long addr, int new_below);

/*
 * What the engine has done so far: calls show() for each thing that it may do
 * ("entry: modify", "blocker: Flags", "plan: LeftPart", ...) with how often it
 * did it since the last rust_vma_tally_reset(). Every thing is shown, those
 * that never happened too.
 */
void rust_vma_tally(void (*show)(void *data, const char *name, unsigned long count),
		    void *data);
void rust_vma_tally_reset(void);

#endif /* RUST_VMA_USERLAND_ENGINE_H */
