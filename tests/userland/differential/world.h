/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world: address spaces and everything that their VMAs may refer to. Two
 * worlds exist at a time. The same things happen in both, executed by two
 * engines. Their objects have numbers, so that they can be compared.
 */
#ifndef RUST_VMA_USERLAND_WORLD_H
#define RUST_VMA_USERLAND_WORLD_H

#include "record.h"

#define SPACES		3
#define FILES		7
#define MAPPINGS	5
#define CONTEXTS	3

/*
 * The place of all VMAs. The page below it stays free, and so does everything
 * above it.
 */
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

/* The header in front of each VMA. */
struct vma_extra {
	unsigned long number;
	/*
	 * The mapping whose tree the VMA is in, and the offsets with which it
	 * was inserted.
	 */
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

	/*
	 * The number of the fallible call that fails in this step, counted from
	 * 1, and the number of calls so far.
	 */
	unsigned int fails_at, fallible;

	unsigned int sequence;
	struct record record;
};

/* The current world. */
extern struct world *world;

struct world *world_create(const char *name, bool engine);
void world_destroy(struct world *old);
/*
 * Begin and end a step. The end frees everything that waits for a grace period.
 */
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
/* Returns the number of a VMA that may have been freed. */
unsigned long vma_seen(const struct vm_area_struct *vma);
void rcu_flush(void);

/* The numbers of objects in events; 0 is none. */
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
