/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world: address spaces and all that their VMAs may refer to. There are two of
 * them at a time. What happens in them is the same, done by two engines; their
 * objects have numbers, so that they can be compared.
 */
#ifndef RUST_VMA_USERLAND_WORLD_H
#define RUST_VMA_USERLAND_WORLD_H

#include "record.h"

#define SPACES		3
#define FILES		7
#define MAPPINGS	5
#define CONTEXTS	3

/* Where all VMAs are. The page below it stays free, and all after it. */
#define WINDOW_START	0x10000000UL
#define WINDOW_PAGES	64
#define WINDOW_END	(WINDOW_START + WINDOW_PAGES * PAGE_SIZE)

/* Objects that are counted while they live. */
enum object {
	OBJECT_VMA,
	OBJECT_NODE,
	OBJECT_SHEAF,
	OBJECT_ANON_VMA,
	OBJECT_CHAIN,
	OBJECT_POLICY,
	OBJECT_NAME,
	OBJECTS,
};

/* Stands in front of each VMA. */
struct vma_extra {
	unsigned long number;
	/* The mapping whose tree it is in, and its offsets when it went there. */
	struct address_space *mapping;
	pgoff_t first, last;
} __aligned(16);

struct shim_policy {
	struct mempolicy policy;
	unsigned long number;
	int references;
	unsigned int mode, nodes;
};

struct shim_name {
	unsigned long number;
	struct anon_vma_name name;
};

struct userfaultfd_ctx {
	unsigned long number;
	bool event_remap;
};

struct shim_mapping {
	struct address_space mapping;
	unsigned long number;
	unsigned long vmas;
	bool locked, flush_locked;
};

struct shim_file {
	struct file file;
	unsigned long number;
	long references;
	const struct vm_operations_struct *usual_ops;
};

struct shim_anon_vma {
	struct anon_vma anon_vma;
	struct shim_anon_vma *parent;
	struct list_head all;
	unsigned long number;
	long references, children, active_vmas, chains;
	bool locked;
};

struct shim_chain {
	struct anon_vma_chain chain;
	struct vm_area_struct *vma;
	bool in_tree;
	pgoff_t first, last;
};

struct seen_vma {
	const struct vm_area_struct *vma;
	unsigned long number;
};

struct world {
	const char *name;
	bool engine;
	struct mm_struct *mm;
	struct mm_struct spaces[SPACES];
	bool lives[SPACES];
	struct task_struct task;
	int map_count_limit;

	struct shim_file files[FILES];
	struct shim_mapping mappings[MAPPINGS];
	struct userfaultfd_ctx contexts[CONTEXTS];
	struct list_head anon_vmas;

	unsigned long numbers[OBJECTS];
	long alive[OBJECTS];
	struct seen_vma *seen;
	size_t seen_count, seen_room;

	/* Which fallible call of this step fails: the first is 1. */
	unsigned int fails_at, fallible;

	unsigned int sequence;
	struct record record;
};

/* The world in which things happen now. */
extern struct world *world;

struct world *world_create(const char *name, bool engine);
void world_destroy(struct world *old);
/* A step begins, and is over: what waits for a grace period goes. */
void world_step_begin(unsigned int fails_at);
void world_step_end(void);

struct mm_struct *space_create(void);
void space_destroy(struct mm_struct *mm);
int space_fork(struct mm_struct *child, struct mm_struct *mm);
void space_count_pages(struct mm_struct *mm);
unsigned long space_number(const struct mm_struct *mm);

/* objects.c */
void *object_alloc(enum object kind, size_t size);
void object_free(enum object kind, void *object);
bool leaf_fails(void);
struct vma_extra *vma_extra(const struct vm_area_struct *vma);
/* The number of a VMA that may be gone. */
unsigned long vma_seen(const struct vm_area_struct *vma);
void rcu_flush(void);

/* What events call things; 0 is none. */
unsigned long vma_number(const struct vm_area_struct *vma);
unsigned long file_number(const struct file *file);
unsigned long anon_vma_number(const struct anon_vma *anon_vma);

/* attributes.c */
struct mempolicy *policy_create(unsigned int content);
struct mempolicy *policy_dup(struct mempolicy *policy);
unsigned long policy_number(const struct mempolicy *policy);
unsigned long policy_content(const struct mempolicy *policy);
struct anon_vma_name *name_create(unsigned int content);
void name_get(struct anon_vma_name *name);
void name_put(struct anon_vma_name *name);
unsigned long name_number(const struct anon_vma_name *name);
unsigned long context_number(const struct userfaultfd_ctx *ctx);

/* files.c */
void files_create(void);
extern const struct vm_operations_struct *const all_ops[];
extern const unsigned int all_ops_count;
unsigned long ops_number(const struct vm_operations_struct *ops);
unsigned long mapping_number(const struct address_space *mapping);
struct shim_mapping *shim_mapping(const struct address_space *mapping);
struct shim_file *shim_file(const struct file *file);
bool file_locks_held(void);

/* anon_vma.c */
struct shim_anon_vma *shim_anon_vma(const struct anon_vma *anon_vma);
int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *parent);
int anon_vma_prepare_fresh(struct vm_area_struct *vma);
int anon_vma_prepare_like(struct vm_area_struct *vma, struct vm_area_struct *other);
bool anon_vma_locks_held(void);

#endif /* RUST_VMA_USERLAND_WORLD_H */
