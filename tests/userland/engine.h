/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine in Rust, as C sees it in userland: the entries of
 * rust/hook/sys/entry.rs, and those of sys/whole_requests.rs.
 */
#ifndef RUST_VMA_USERLAND_ENGINE_H
#define RUST_VMA_USERLAND_ENGINE_H

/* The entries of the hook, with the signatures of their helpers. */
struct vm_area_struct *
rust_vma_modify_flags(struct vma_iterator *vmi, struct vm_area_struct *prev,
		      struct vm_area_struct *vma, unsigned long start, unsigned long end,
		      vma_flags_t *flags);
struct vm_area_struct *
rust_vma_modify_name(struct vma_iterator *vmi, struct vm_area_struct *prev,
		     struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     struct anon_vma_name *name);
struct vm_area_struct *
rust_vma_modify_policy(struct vma_iterator *vmi, struct vm_area_struct *prev,
		       struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       struct mempolicy *policy);
struct vm_area_struct *
rust_vma_modify_flags_uffd(struct vma_iterator *vmi, struct vm_area_struct *prev,
			   struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, const vma_flags_t *flags,
			   struct vm_userfaultfd_ctx ctx, bool give_up_on_oom);
struct vm_area_struct *rust_vma_merge_new_range(struct vma_merge_struct *vmg);
struct vm_area_struct *rust_vma_merge_copied_range(struct vma_merge_struct *vmg);
struct vm_area_struct *
rust_vma_merge_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
		      unsigned long delta);
int rust_vma_split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma,
		       unsigned long addr, int new_below);
int rust_vma_split_vma_past_limit(struct vma_iterator *vmi, struct vm_area_struct *vma,
				  unsigned long addr, int new_below);
int rust_vma_expand(struct vma_merge_struct *vmg);
int rust_vma_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma,
		    unsigned long end);

/*
 * The functions of mm/vma.c behind the hooked helpers, which are not hooked
 * themselves.
 */
struct vm_area_struct *rust_vma_modify(struct vma_merge_struct *vmg);
struct vm_area_struct *rust_vma_merge_existing_range(struct vma_merge_struct *vmg);
/* vma_modify_flags_name() of Linux 6.7: flags and name at once. */
struct vm_area_struct *
rust_vma_modify_flags_name(struct vma_iterator *vmi, struct vm_area_struct *prev,
			   struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, vma_flags_t *flags,
			   struct anon_vma_name *name);

/* The engine as an implementation of the hooked helpers. */
extern const struct vma_hook_ops rust_vma_ops;

/*
 * Calls show() for each thing that the engine may do ("entry:
 * vma_modify_flags", "blocker: Flags", "plan: PrevPart", ...) with the number
 * of times that it happened since the last rust_vma_tally_reset(), which may be
 * 0.
 */
void rust_vma_tally(void (*show)(void *data, const char *name, unsigned long count),
		    void *data);
void rust_vma_tally_reset(void);

#endif /* RUST_VMA_USERLAND_ENGINE_H */
