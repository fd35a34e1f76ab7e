/* SPDX-License-Identifier: GPL-2.0 */
/* The steps that histories are made of, and what they choose from. */
#ifndef RUST_VMA_USERLAND_STEPS_H
#define RUST_VMA_USERLAND_STEPS_H

#include "kernel.h"

/* One step: which it is, how it is done, and what it chooses, byte by byte. */
#define STEP_BYTES	20

struct choice {
	const unsigned char *bytes;
	unsigned int at;
};

/* A number below limit. */
unsigned int choose(struct choice *choice, unsigned int limit);

/* Says what a step does, if somebody wants to read it. */
void tell(const char *format, ...) __printf(1, 2);
extern FILE *story;

struct step_kind {
	const char *name;
	unsigned int weight;
	/* Returns false if there was nothing that it could have been done to. */
	bool (*run)(struct choice *choice);
};

extern const struct step_kind step_kinds[];
extern const unsigned int step_kinds_count;

/* What a VMA is, but for where it is. */
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
/* As @model, were that at @model_start. */
void kind_like(struct kind_of_vma *kind, struct vm_area_struct *model,
	       unsigned long model_start, unsigned long start);
vma_flags_t choose_flags(struct choice *choice, struct vm_area_struct *vma);
/* A neighbour, or a VMA that serves as a model. */
struct vm_area_struct *choose_model(struct choice *choice,
				    struct vm_area_struct *vma);
unsigned int policy_kind(const struct mempolicy *policy);
unsigned int name_kind(const struct anon_vma_name *name);
void tell_kind(unsigned long start, unsigned long end,
	       const struct kind_of_vma *kind);
struct vm_area_struct *map_vma(unsigned long start, unsigned long end,
			       const struct kind_of_vma *kind);
unsigned long page(unsigned long address);

/* outcome.c: what a step under test has come to. */
void outcome_iterator(const struct vma_iterator *vmi);
void outcome_request(const struct vma_merge_struct *vmg);
void outcome_vma(const struct vm_area_struct *vma);
void outcome_error(int err);

/*
 * The call under test stands between these. Where test_begin() returns true, it
 * is to be that of the engine; otherwise that of the kernel, behind whose
 * dispatchers the engine may be.
 */
bool test_begin(struct choice *choice);
/* For what is not hooked: true in the world of the engine. */
bool test_begin_unhooked(void);
void test_begin_caller(void);
void test_end(void);

/* How the engine is entered: as each step chooses, or always by the hook. */
enum entrance {
	ENTRANCE_CHOSEN,
	ENTRANCE_HOOK,
};

extern enum entrance entrance;

/* Told when a call under test begins, and when it is over, if somebody wants to know. */
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
