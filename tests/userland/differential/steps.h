/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of histories, and their choices. */
#ifndef RUST_VMA_USERLAND_STEPS_H
#define RUST_VMA_USERLAND_STEPS_H

#include "kernel.h"

/*
 * The bytes of a step: its kind, how it is executed, and its choices, one byte
 * each.
 */
#define STEP_BYTES	20

struct choice {
	const unsigned char *bytes;
	unsigned int at;
};

/* Returns a number below limit. */
unsigned int choose(struct choice *choice, unsigned int limit);

/* Describes what a step does, if there is a reader. */
void tell(const char *format, ...) __printf(1, 2);
extern FILE *story;

struct step_kind {
	const char *name;
	unsigned int weight;
	/* Returns false if the step found nothing to do. */
	bool (*run)(struct choice *choice);
};

extern const struct step_kind step_kinds[];
extern const unsigned int step_kinds_count;

/* The attributes of a VMA, without its place. */
struct kind_of_vma {
	vma_flags_t flags;
	struct file *file;
	const struct vm_operations_struct *ops;
	pgoff_t pgoff;
	unsigned int policy, name;
	struct userfaultfd_ctx *ctx;
};

/* choose.c */
struct vm_area_struct *choose_vma(struct choice *choice);
struct vm_area_struct *choose_vma_where(struct choice *choice,
					bool (*fits)(struct vm_area_struct *vma));
struct vm_area_struct *vma_before(struct vm_area_struct *vma);
struct vm_area_struct *vma_after(struct vm_area_struct *vma);
void choose_part(struct choice *choice, struct vm_area_struct *vma,
		 unsigned long *start, unsigned long *end);
bool choose_gap(struct choice *choice, unsigned long *start, unsigned long *end);
bool choose_destination(struct choice *choice, struct vm_area_struct *source,
			unsigned long from, unsigned long length,
			unsigned long *start, unsigned long *end);
void choose_iterator(struct choice *choice, struct vma_iterator *vmi,
		     struct vm_area_struct *vma, unsigned long start,
		     unsigned long end);
void choose_kind(struct choice *choice, unsigned long start, unsigned long end,
		 struct kind_of_vma *kind);
/*
 * Makes the kind that continues @model at @start, as if @model were at
 * @model_start.
 */
void kind_like(struct kind_of_vma *kind, struct vm_area_struct *model,
	       unsigned long model_start, unsigned long start);
vma_flags_t choose_flags(struct choice *choice, struct vm_area_struct *vma);
/* Chooses a neighbour as a model, or NULL. */
struct vm_area_struct *choose_model(struct choice *choice,
				    struct vm_area_struct *vma);
unsigned int policy_kind(const struct mempolicy *policy);
unsigned int name_kind(const struct anon_vma_name *name);
void tell_kind(unsigned long start, unsigned long end,
	       const struct kind_of_vma *kind);
struct vm_area_struct *map_vma(unsigned long start, unsigned long end,
			       const struct kind_of_vma *kind);
unsigned long page(unsigned long address);

/* outcome.c: the outcome of a step under test. */
void outcome_iterator(const struct vma_iterator *vmi);
void outcome_request(const struct vma_merge_struct *vmg);
void outcome_vma(const struct vm_area_struct *vma);
void outcome_error(int err);

/*
 * These functions enclose the call under test. If test_begin() returns true,
 * the step calls the engine directly; otherwise it calls the kernel's function,
 * whose dispatcher may lead to the engine.
 */
bool test_begin(struct choice *choice);
/*
 * For functions that are not hooked: returns true in the world of the engine.
 */
bool test_begin_unhooked(void);
void test_begin_caller(void);
void test_end(void);

/* The way to the engine: as each step chooses, or always through the hook. */
enum entrance {
	ENTRANCE_CHOSEN,
	ENTRANCE_HOOK,
};

extern enum entrance entrance;

/* Called when a call under test begins, and when it ends, if it is set. */
extern void (*test_watch)(bool begins);

bool step_map(struct choice *choice);
bool step_fault(struct choice *choice);
bool step_mark(struct choice *choice);
bool step_fork(struct choice *choice);
bool step_leave(struct choice *choice);
bool step_limit(struct choice *choice);
bool step_modify_flags(struct choice *choice);
bool step_modify_name(struct choice *choice);
bool step_modify_flags_name(struct choice *choice);
bool step_modify_policy(struct choice *choice);
bool step_modify_uffd(struct choice *choice);
bool step_modify(struct choice *choice);
bool step_merge_existing_range(struct choice *choice);
bool step_merge_extend(struct choice *choice);
bool step_merge_new_range(struct choice *choice);
bool step_just_expand(struct choice *choice);
bool step_merge_copied_range(struct choice *choice);
bool step_split_vma(struct choice *choice);
bool step_split(struct choice *choice);
bool step_expand(struct choice *choice);
bool step_shrink(struct choice *choice);
bool step_munmap(struct choice *choice);
bool step_brk(struct choice *choice);
bool step_copy_vma(struct choice *choice);
bool step_relocate(struct choice *choice);
bool step_mmap_region(struct choice *choice);

#endif /* RUST_VMA_USERLAND_STEPS_H */
