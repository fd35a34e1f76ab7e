// SPDX-License-Identifier: GPL-2.0
/*
 * Single causes and pairs of causes, in memory of each kind, with and without holes.
 * explain has to name exactly these causes, together if they act together, and otherwise
 * one by one. The numbers of VMAs that it predicts are checked: the same memory is made
 * again without some of the causes, and its VMAs are counted.
 */
#include "harness.h"
#include <limits.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#define JSON "/sys/kernel/debug/rust_vma/explain.jsonl"

#define RW (PROT_READ | PROT_WRITE)
#ifndef PROT_BTI
#define PROT_BTI 0x10
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* The number of units of the memory. Every second one differs from those beside it. */
#define UNITS 8

/*
 * The sizes of a unit and of a hole, in pages. If a unit may have huge pages, they are
 * multiples of a huge page.
 */
static size_t unit_pages, hole_pages;

#define HUGE_PAGE (2UL * 1024 * 1024)

/*
 * The mount point of a separate file system for files, because /tmp is of the same kind
 * as a memfd.
 */
#define FOLDER "/tmp/causes"

/* The place of the memory, and the place from which memory is moved. */
#define PLACE OURS
#define SOURCE TWIN

#define check(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("  %s: line %d: not so: %s: %m\n", scene, __LINE__, #condition);    \
			_exit(2);                                                                  \
		}                                                                                  \
	} while (0)

/* The name of the current scene, for complaints. */
static char scene[256];

enum kind { PRIVATE, SHARED, MEMFD, PRIVATE_FILE, SHARED_FILE, KINDS };

#define BIT(number) (1U << (number))
#define ALL_KINDS (BIT(KINDS) - 1)
#define ANONYMOUS (BIT(PRIVATE) | BIT(SHARED))
#define NOT_SHARED (BIT(PRIVATE) | BIT(PRIVATE_FILE))
#define OF_FILES (BIT(MEMFD) | BIT(PRIVATE_FILE) | BIT(SHARED_FILE))
#define OF_SHMEM (BIT(PRIVATE) | BIT(SHARED) | BIT(MEMFD))

static const char *const kind_names[KINDS] = {
	"private memory", "shared memory", "a memfd", "a private file", "a shared file",
};

static enum kind kind;

/* Causes, in the order in which they are brought about. */
enum cause {
	NORESERVE, GROWSDOWN, DROPPABLE, HUGE_TLB, SHARING, FILES, OPENED_ANEW, POSSIBLE_RIGHTS,
	OFFSETS, FORK, MOVED, ANON_VMAS, HOLES,
	DONTFORK, DONTDUMP, WIPEONFORK, READ_AHEAD, HUGE_PAGES, MERGEABLE, LOCKED, USERFAULTFD,
	NAMES, POLICIES, KEYS, BRANCH_TARGETS, RIGHTS, SEALED,
	CAUSES
};

static void advise(char *unit, size_t size, int advice)
{
	check(!madvise(unit, size, advice));
}

/* Locks the unit without faulting in a page, because pages bring anon_vmas. */
static void lock_unit(char *unit, size_t size)
{
	check(!syscall(SYS_mlock2, unit, size, MLOCK_ONFAULT));
}

static int userfaultfd;

static void register_unit(char *unit, size_t size)
{
	struct uffdio_register request = {
		.range = { .start = (unsigned long)unit, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	check(!ioctl(userfaultfd, UFFDIO_REGISTER, &request));
}

static void name_unit(char *unit, size_t size)
{
	check(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, unit, size, "unit"));
}

static void bind_unit(char *unit, size_t size)
{
	unsigned long nodes = 1;

	check(!syscall(SYS_mbind, unit, size, MPOL_BIND, &nodes, 64UL, 0));
}

/* The rights of all memory before units differ. */
static int rights;
static int key;

static void give_key(char *unit, size_t size)
{
	check(!syscall(SYS_pkey_mprotect, unit, size, rights, key));
}

static void guard_branches(char *unit, size_t size)
{
	check(!mprotect(unit, size, rights | PROT_BTI));
}

static void take_rights(char *unit, size_t size)
{
	check(!mprotect(unit, size, PROT_NONE));
}

static void seal(char *unit, size_t size)
{
	check(!syscall(SYS_mseal, unit, size, 0UL));
}

static const struct {
	/* The name by which explain calls the cause. */
	const char *name;
	/* The kinds of memory that can have the cause. */
	unsigned int kinds;
	/*
	 * The function or the advice that gives a mapped unit the cause; neither if mapping
	 * the unit does so.
	 */
	void (*mark)(char *unit, size_t size);
	int advice;
} causes[CAUSES] = {
	[NORESERVE] = { "MAP_NORESERVE", BIT(PRIVATE) | OF_FILES },
	[GROWSDOWN] = { "MAP_GROWSDOWN", BIT(PRIVATE) },
	[DROPPABLE] = { "MAP_DROPPABLE", BIT(PRIVATE) },
	[HUGE_TLB] = { "MAP_HUGETLB", BIT(PRIVATE) },
	[SHARING] = { "MAP_SHARED beside MAP_PRIVATE", OF_FILES },
	[FILES] = { "files", ALL_KINDS },
	[OPENED_ANEW] = { "one file, opened anew", OF_FILES },
	[POSSIBLE_RIGHTS] = { "rights that mprotect may give (how a file was opened)",
			      BIT(MEMFD) | BIT(SHARED_FILE) },
	[OFFSETS] = { "page offsets", OF_FILES },
	[FORK] = { "fork (an inherited anon_vma)", NOT_SHARED },
	[MOVED] = { "memory moved by mremap (it keeps its page offsets)", BIT(PRIVATE) },
	[ANON_VMAS] = { "anon_vmas (written before they were neighbours)", NOT_SHARED },
	[HOLES] = { "holes (munmap)", ALL_KINDS },
	[DONTFORK] = { "MADV_DONTFORK", ALL_KINDS, .advice = MADV_DONTFORK },
	[DONTDUMP] = { "MADV_DONTDUMP", ALL_KINDS, .advice = MADV_DONTDUMP },
	[WIPEONFORK] = { "MADV_WIPEONFORK", BIT(PRIVATE), .advice = MADV_WIPEONFORK },
	[READ_AHEAD] = { "MADV_SEQUENTIAL or MADV_RANDOM", ALL_KINDS, .advice = MADV_RANDOM },
	[HUGE_PAGES] = { "advice on huge pages (madvise, MAP_STACK)", ALL_KINDS,
			 .advice = MADV_NOHUGEPAGE },
	[MERGEABLE] = { "MADV_MERGEABLE", NOT_SHARED, .advice = MADV_MERGEABLE },
	[LOCKED] = { "mlock", ALL_KINDS, lock_unit },
	[USERFAULTFD] = { "userfaultfd", OF_SHMEM, register_unit },
	[NAMES] = { "names (PR_SET_VMA_ANON_NAME)", ANONYMOUS, name_unit },
	[POLICIES] = { "NUMA policies (mbind)", ALL_KINDS, bind_unit },
	[KEYS] = { "protection keys (pkey_mprotect)", ALL_KINDS, give_key },
	[BRANCH_TARGETS] = { "PROT_BTI", ALL_KINDS, guard_branches },
	[RIGHTS] = { "access rights (mprotect)", ALL_KINDS, take_rights },
	[SEALED] = { "mseal", ALL_KINDS, seal },
};

/* Causes of explain that no unit can have here, with the reasons. */
static const struct {
	const char *name, *why;
} left_out[] = {
	{ "accounting (memory that was writable once)", "it comes with anon_vmas: incidents_test" },
	{ "special mappings", "no device: explain_test" },
	{ "drivers that watch for closing", "no driver: explain_test" },
	{ "shadow stacks (map_shadow_stack)", "no processor has them" },
	{ "MAP_SYNC", "no file system has it" },
	{ "memory tags (PROT_MTE)", "no machine has them" },
	{ "segments of programs and libraries", "no program is loaded: explain_test" },
	{ "flags without a name", "all flags have one" },
};

/* The scope in which two causes exclude each other. */
enum where { ON_ONE_UNIT, ANYWHERE };

/* Causes that exclude each other in memory of these kinds, with the reasons. */
static const struct {
	enum cause one;
	unsigned int others;
	enum where where;
	unsigned int kinds;
} excluded[] = {
	/* Two files may be mapped anywhere, so that a hole between them is no other cause. */
	{ FILES, BIT(HOLES), ANYWHERE, ALL_KINDS },
	/* Only the same file can be opened anew, or be mapped in another order. */
	{ FILES, BIT(OPENED_ANEW) | BIT(POSSIBLE_RIGHTS) | BIT(OFFSETS), ON_ONE_UNIT, ALL_KINDS },
	/* The other memory is a file, but only anonymous memory can have these. */
	{ FILES, BIT(GROWSDOWN) | BIT(DROPPABLE) | BIT(HUGE_TLB) | BIT(WIPEONFORK) | BIT(NAMES) |
	  BIT(USERFAULTFD), ON_ONE_UNIT, BIT(PRIVATE) },
	/* Droppable memory either has these already, or cannot have them. */
	{ DROPPABLE, BIT(NORESERVE) | BIT(GROWSDOWN) | BIT(DONTDUMP) | BIT(WIPEONFORK) |
	  BIT(MERGEABLE) | BIT(LOCKED) | BIT(USERFAULTFD), ON_ONE_UNIT, ALL_KINDS },
	/* Huge pages cannot have these. */
	{ HUGE_TLB, BIT(GROWSDOWN) | BIT(DROPPABLE) | BIT(WIPEONFORK) | BIT(HUGE_PAGES) |
	  BIT(MERGEABLE) | BIT(LOCKED) | BIT(NAMES), ON_ONE_UNIT, ALL_KINDS },
	/* The anon_vmas of huge pages are those of other pages. */
	{ HUGE_TLB, BIT(FORK) | BIT(MOVED) | BIT(ANON_VMAS), ANYWHERE, ALL_KINDS },
	/* KSM does not look at shared memory. */
	{ SHARING, BIT(MERGEABLE), ON_ONE_UNIT, ALL_KINDS },
	/* Shared memory has no anon_vma, and would have one if it were private. */
	{ SHARING, BIT(ANON_VMAS), ANYWHERE, ALL_KINDS },
	/* mprotect() may give all rights to private memory. */
	{ SHARING, BIT(POSSIBLE_RIGHTS), ON_ONE_UNIT, ALL_KINDS },
	/* A file that gives other rights was opened anew. */
	{ POSSIBLE_RIGHTS, BIT(OPENED_ANEW), ANYWHERE, ALL_KINDS },
	/* userfaultfd requires the right to write. */
	{ POSSIBLE_RIGHTS, BIT(USERFAULTFD), ON_ONE_UNIT, ALL_KINDS },
	/* Memory is written before a fork or a move, all at once, so that it has one anon_vma. */
	{ FORK, BIT(MOVED) | BIT(ANON_VMAS), ANYWHERE, ALL_KINDS },
	/* Memory that is moved has to be one VMA with one anon_vma before. */
	{ MOVED, BIT(ANON_VMAS) | BIT(NORESERVE) | BIT(GROWSDOWN) | BIT(DROPPABLE) | BIT(FILES),
	  ANYWHERE, ALL_KINDS },
	/* mprotect(PROT_NONE) clears the flag. */
	{ BRANCH_TARGETS, BIT(RIGHTS), ON_ONE_UNIT, ALL_KINDS },
};

/* The two causes, and whether the second one is on other units than the first one. */
static enum cause first, second;
static bool apart;

/* The part of the differing units that has a cause. */
enum place { BOTH_PARTS, ONE_PART, OTHER_PART, PLACES };

static enum place place_of(enum cause cause)
{
	if (!apart)
		return BOTH_PARTS;
	/* A file that was opened for reading only was opened anew. */
	if (cause == second || (cause == OPENED_ANEW && second == POSSIBLE_RIGHTS))
		return OTHER_PART;
	return ONE_PART;
}

/* Returns whether the unit has the cause, if that is one of the set. */
static bool has(unsigned int set, enum cause cause, size_t unit)
{
	enum place part = unit % 4 == 1 ? ONE_PART : OTHER_PART, place = place_of(cause);

	return set & BIT(cause) && unit % 2 && (place == BOTH_PARTS || place == part);
}

/*
 * The file that is mapped, and others of its kind: another file, and the same file,
 * opened anew in two ways.
 */
static struct {
	int own, other, anew, read_only;
} files;

static int make_file(void)
{
	int fd;

	if (kind == MEMFD) {
		fd = memfd_create("causes", 0);
	} else {
		fd = open(FOLDER "/file", O_RDWR | O_CREAT | O_EXCL, 0600);
		check(!unlink(FOLDER "/file"));
	}
	check(fd >= 0 && !ftruncate(fd, 2000 * page));
	return fd;
}

static int open_anew(int fd, int how)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, how);
	check(fd >= 0);
	return fd;
}

static void open_files(void)
{
	if (kind == SHARED)
		return;
	/* The units of private memory that differ map a file. */
	files.other = make_file();
	if (kind == PRIVATE)
		return;
	files.own = make_file();
	files.anew = open_anew(files.own, O_RDWR);
	files.read_only = open_anew(files.own, O_RDONLY);
}

static void close_files(void)
{
	close(files.own);
	close(files.other);
	close(files.anew);
	close(files.read_only);
	memset(&files, -1, sizeof(files));
}

/* Returns the number of pages from a unit to the next one. */
static size_t stride(unsigned int set)
{
	return unit_pages + (set & BIT(HOLES) ? hole_pages : 0);
}

static char *unit_at(char *base, unsigned int set, size_t unit)
{
	return base + unit * stride(set) * page;
}

static size_t span(unsigned int set)
{
	return UNITS * stride(set) * page;
}

static void map(char *addr, size_t size, int flags, int fd, size_t offset)
{
	check(mmap(addr, size, rights, flags | MAP_FIXED, fd, offset) == addr);
}

static int flags_of_kind(void)
{
	switch (kind) {
	case PRIVATE:
		return MAP_PRIVATE | MAP_ANONYMOUS;
	case SHARED:
		return MAP_SHARED | MAP_ANONYMOUS;
	case PRIVATE_FILE:
		return MAP_PRIVATE;
	default:
		return MAP_SHARED;
	}
}

/* Maps a unit anew, as the causes require. */
static void map_unit(unsigned int set, size_t unit)
{
	size_t offset = unit * stride(set) * page;
	int flags = flags_of_kind(), fd = files.own;

	if (has(set, NORESERVE, unit))
		flags |= MAP_NORESERVE;
	if (has(set, GROWSDOWN, unit))
		flags |= MAP_GROWSDOWN;
	if (has(set, DROPPABLE, unit))
		flags = MAP_DROPPABLE | MAP_ANONYMOUS;
	if (has(set, HUGE_TLB, unit))
		flags |= MAP_HUGETLB;
	if (has(set, SHARING, unit))
		flags ^= MAP_SHARED | MAP_PRIVATE;
	if (has(set, FILES, unit)) {
		flags &= ~(kind == PRIVATE ? MAP_ANONYMOUS : 0);
		fd = files.other;
	}
	if (has(set, OPENED_ANEW, unit))
		fd = files.anew;
	if (has(set, POSSIBLE_RIGHTS, unit))
		fd = files.read_only;
	if (has(set, OFFSETS, unit))
		offset += 1000 * page;
	map(unit_at(PLACE, set, unit), unit_pages * page, flags, fd, offset);
}

/* The causes that a unit has because of the way in which it was mapped. */
#define MAPPED (BIT(NORESERVE) | BIT(GROWSDOWN) | BIT(DROPPABLE) | BIT(HUGE_TLB) | BIT(SHARING) |  \
		BIT(FILES) | BIT(OPENED_ANEW) | BIT(POSSIBLE_RIGHTS) | BIT(OFFSETS))

static bool is_mapped_anew(unsigned int set, size_t unit)
{
	for (int cause = 0; cause < CAUSES; cause++) {
		if ((MAPPED | BIT(FORK)) & BIT(cause) && has(set, cause, unit))
			return true;
	}
	return false;
}

static void map_units(unsigned int set)
{
	for (size_t i = 0; i < UNITS; i++) {
		if (is_mapped_anew(set, i))
			map_unit(set, i);
	}
}

/* Writes to each unit while a difference keeps it from those beside it. */
static void write_apart(unsigned int set)
{
	for (size_t i = 1; i < UNITS; i += 2)
		advise(unit_at(PLACE, set, i), unit_pages * page, MADV_DONTFORK);
	for (size_t i = 0; i < UNITS; i++)
		*unit_at(PLACE, set, i) = 1;
	for (size_t i = 1; i < UNITS; i += 2)
		advise(unit_at(PLACE, set, i), unit_pages * page, MADV_DOFORK);
}

static void make_holes(unsigned int set)
{
	for (size_t i = 0; i < UNITS; i++)
		check(!munmap(unit_at(PLACE, set, i) + unit_pages * page, hole_pages * page));
}

/* Moves memory that was written, some of it from a place where it had other offsets. */
static void move_units(unsigned int set)
{
	map(SOURCE, 2 * span(set), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*SOURCE = 1;
	check(!munmap(PLACE, span(set)));
	for (size_t i = 0; i < UNITS; i++) {
		char *from = unit_at(SOURCE, set, i) + (has(set, MOVED, i) ? span(set) : 0);
		char *to = unit_at(PLACE, set, i);

		check(mremap(from, unit_pages * page, unit_pages * page,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	}
	check(!munmap(SOURCE, 2 * span(set)));
}

static void open_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };

	userfaultfd = syscall(SYS_userfaultfd, O_CLOEXEC);
	check(userfaultfd >= 0 && !ioctl(userfaultfd, UFFDIO_API, &api));
}

static void mark(enum cause cause, char *unit, size_t size)
{
	if (causes[cause].mark)
		causes[cause].mark(unit, size);
	if (causes[cause].advice)
		advise(unit, size, causes[cause].advice);
}

static void make_memory(unsigned int set)
{
	rights = set & BIT(POSSIBLE_RIGHTS) ? PROT_READ : RW;
	map(PLACE, span(set), flags_of_kind(), files.own, 0);
	if (set & BIT(FORK)) {
		pid_t pid;
		int status;

		*PLACE = 1;
		pid = fork();
		check(pid >= 0);
		/* The child continues in place of the parent. */
		if (pid) {
			check(waitpid(pid, &status, 0) == pid);
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
		}
	}
	if (set & BIT(MOVED))
		move_units(set);
	else
		map_units(set);
	if (set & BIT(HOLES) && !(set & BIT(MOVED)))
		make_holes(set);
	if (set & BIT(ANON_VMAS))
		write_apart(set);
	if (set & BIT(USERFAULTFD))
		open_userfaultfd();
	for (int cause = 0; cause < CAUSES; cause++) {
		for (size_t i = 0; i < UNITS; i++) {
			if (has(set, cause, i))
				mark(cause, unit_at(PLACE, set, i), unit_pages * page);
		}
	}
}

/* Counts the VMAs of the memory. */
static int vmas_of_memory(unsigned int set)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[512];
	int count = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			count += start < (unsigned long)PLACE + span(set) &&
				 end > (unsigned long)PLACE;
	}
	if (maps)
		fclose(maps);
	return count;
}

/* The result for some memory, which a parent can see. */
static struct found {
	int vmas;
	char answer[1 << 16];
} *found;

static void ask(unsigned int set)
{
	int fd = open(JSON, O_RDWR), length;
	char question[128];

	length = snprintf(question, sizeof(question), "%d %lx %lx summary", getpid(),
			  (unsigned long)PLACE, (unsigned long)PLACE + span(set));
	check(write(fd, question, length) == length);
	read_all(fd, found->answer, sizeof(found->answer));
	close(fd);
}

enum purpose { TO_COUNT, TO_ASK };

static void look_at_memory(unsigned int set, enum purpose purpose)
{
	make_memory(set);
	found->vmas = vmas_of_memory(set);
	if (purpose == TO_ASK)
		ask(set);
	check(!munmap(PLACE, span(set)) || set & BIT(SEALED));
}

/* Makes memory with these causes. Returns the number of its VMAs. */
static int play(unsigned int set, enum purpose purpose)
{
	int status;
	pid_t pid;

	found->vmas = 0;
	/* A seal and a fork cannot be undone, and a userfaultfd lasts as long as the process. */
	if (!(set & (BIT(FORK) | BIT(SEALED) | BIT(USERFAULTFD)))) {
		look_at_memory(set, purpose);
		return found->vmas;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		look_at_memory(set, purpose);
		_exit(0);
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		complain("%s: it was not played", scene);
	return found->vmas;
}

/*
 * Returns the number of VMAs of memory with these causes. Memory with at most one cause
 * besides holes is made only once.
 */
static int vmas_with(unsigned int set)
{
	static int known[2][KINDS][CAUSES + 1][PLACES][2];
	unsigned int others = set & ~BIT(HOLES);
	enum cause cause = others ? __builtin_ctz(others) : CAUSES;
	int *vmas = &known[unit_pages > 2][kind][cause][place_of(cause)][others != set];

	if (__builtin_popcount(others) > 1)
		return play(set, TO_COUNT);
	if (!*vmas)
		*vmas = play(set, TO_COUNT);
	return *vmas;
}

/* Returns whether a set can be played. Some causes require another one. */
static bool is_possible(unsigned int set)
{
	return !(set & BIT(POSSIBLE_RIGHTS)) || set & BIT(OPENED_ANEW);
}

/* The causes of a scene, and the number of VMAs with each subset of them. */
struct counted {
	unsigned int all;
	enum cause members[4];
	size_t count;
	int vmas[1 << 4];
};

/* Returns the index of a set in the counts. */
static size_t index_of(const struct counted *counted, unsigned int set)
{
	size_t index = 0;

	for (size_t i = 0; i < counted->count; i++)
		index |= set & BIT(counted->members[i]) ? BIT(i) : 0;
	return index;
}

static unsigned int set_of(const struct counted *counted, size_t index)
{
	unsigned int set = 0;

	for (size_t i = 0; i < counted->count; i++)
		set |= index & BIT(i) ? BIT(counted->members[i]) : 0;
	return set;
}

/* Returns the number of VMAs without these causes, or -1 if that cannot be played. */
static int without(const struct counted *counted, unsigned int causes)
{
	return counted->vmas[index_of(counted, counted->all & ~causes)];
}

static void count(struct counted *counted)
{
	for (int cause = 0; cause < CAUSES; cause++) {
		if (counted->all & BIT(cause))
			counted->members[counted->count++] = cause;
	}
	for (size_t index = 0; index < BIT(counted->count); index++) {
		unsigned int set = set_of(counted, index);

		if (set == counted->all)
			counted->vmas[index] = play(set, TO_ASK);
		else
			counted->vmas[index] = is_possible(set) ? vmas_with(set) : -1;
		if (!index && counted->vmas[index] != 1)
			complain("%s: without any cause there are %d VMAs", scene,
				 counted->vmas[index]);
		if (__builtin_popcount(index) == 1 && counted->vmas[index] == 1)
			complain("%s: %s keeps nothing apart", scene,
				 causes[__builtin_ctz(set)].name);
	}
}

/* A step of the answer. */
struct step {
	unsigned int causes;
	int remaining, if_one_stays;
};

/* Returns whether the text begins with this name and a quotation mark. */
static bool is_name(const char *text, const char *name)
{
	return !strncmp(text, name, strlen(name)) && text[strlen(name)] == '"';
}

/* Reads a step. Returns the text after it, or null if the text is not a step. */
static const char *read_step(const char *text, struct step *step)
{
	static const char before[] = "{\"causes\":[";

	*step = (struct step){ 0 };
	if (strncmp(text, before, strlen(before)))
		return NULL;
	text += strlen(before);
	while (*text == '"') {
		int cause = 0;

		text++;
		while (cause < CAUSES && !is_name(text, causes[cause].name))
			cause++;
		if (cause == CAUSES) {
			complain("%s: it has no cause '%.*s'", scene, (int)strcspn(text, "\""),
				 text);
			return NULL;
		}
		step->causes |= BIT(cause);
		text += strlen(causes[cause].name) + 1;
		text += *text == ',';
	}
	if (sscanf(text, "],\"boundaries\":%*d,\"remaining\":%d,\"if_one_stays\":%d}",
		   &step->remaining, &step->if_one_stays) != 2)
		return NULL;
	return strchr(text, '}') + 1;
}

/* Returns whether a set leaves so few VMAs that it should be named instead of the step's causes. */
static bool is_better(const struct counted *counted, const struct step *step, unsigned int set,
		      unsigned int removed)
{
	int size = __builtin_popcount(set), own_size = __builtin_popcount(step->causes);
	int before = without(counted, removed), vmas = without(counted, removed | set);

	/* A set that cannot be played cannot be compared. */
	if (vmas < 0 || set == step->causes)
		return false;
	if (size < own_size && vmas <= step->remaining)
		return true;
	if (size == own_size && vmas < step->remaining)
		return true;
	/* The causes do not act together if a part is worth seven tenths of them, per cause. */
	return set && !(set & ~step->causes) &&
	       (before - vmas) * own_size * 10 >= (before - step->remaining) * size * 7;
}

static void expect_best(const struct counted *counted, const struct step *step,
			unsigned int removed)
{
	for (size_t index = 0; index < BIT(counted->count); index++) {
		unsigned int set = set_of(counted, index);

		if (!(set & removed) && is_better(counted, step, set, removed))
			complain("%s: causes %x are named, without which %d remain; without %x, %d",
				 scene, step->causes, step->remaining, set,
				 without(counted, removed | set));
	}
}

/* Checks the number for one cause that stays: as many VMAs remain as the step says, or more. */
static void expect_if_one_stays(const struct counted *counted, const struct step *step,
				unsigned int removed)
{
	bool is_exact = true;
	int least = INT_MAX;

	for (int cause = 0; cause < CAUSES; cause++) {
		int vmas = step->causes & BIT(cause) ?
				   without(counted, removed & ~BIT(cause)) : INT_MAX;

		is_exact &= vmas >= 0;
		least = vmas >= 0 && vmas < least ? vmas : least;
	}
	if (step->if_one_stays > least || (is_exact && step->if_one_stays != least))
		complain("%s: if one of %x stays, %d remain, not %d", scene, step->causes, least,
			 step->if_one_stays);
}

static int judged;

/*
 * Checks that each step is true, that none is better, and that nothing is left to be
 * removed at the end.
 */
static void judge(unsigned int all)
{
	struct counted counted = { .all = all };
	unsigned int removed = 0;
	struct step step;
	const char *text;

	count(&counted);
	text = strstr(found->answer, "\"steps\":[");
	text = text ? strchr(text, '[') + 1 : "nothing";
	while (*text != ']') {
		text = read_step(text, &step);
		if (!text) {
			complain("%s: it has no steps that can be read", scene);
			return;
		}
		text += *text == ',';
		if (step.causes & ~all || step.causes & removed) {
			complain("%s: causes %x are named, of %x", scene, step.causes,
				 all & ~removed);
			return;
		}
		expect_best(&counted, &step, removed);
		removed |= step.causes;
		if (without(&counted, removed) != step.remaining)
			complain("%s: without %x, %d would remain, and %d do", scene, removed,
				 step.remaining, without(&counted, removed));
		expect_if_one_stays(&counted, &step, removed);
		/* Unless the causes are apart, all boundaries have all causes. */
		if (!apart && removed != all)
			complain("%s: causes %x are named, and act together with others", scene,
				 removed);
	}
	if (without(&counted, removed) != 1)
		complain("%s: without %x, %d VMAs are left, and no other cause is named", scene,
			 removed, without(&counted, removed));
	judged++;
}

static bool go_together(enum cause one, enum cause other)
{
	for (size_t i = 0; i < sizeof(excluded) / sizeof(*excluded); i++) {
		if (!(excluded[i].kinds & BIT(kind)) || (apart && excluded[i].where == ON_ONE_UNIT))
			continue;
		if ((excluded[i].one == one && excluded[i].others & BIT(other)) ||
		    (excluded[i].one == other && excluded[i].others & BIT(one)))
			return false;
	}
	return true;
}

/* Returns whether this machine supports the cause in memory of this kind. */
static bool is_offered(enum cause cause)
{
	if (cause == KEYS && key < 0)
		return false;
	if (cause == BRANCH_TARGETS) {
#ifdef __aarch64__
		if (!(getauxval(AT_HWCAP2) & HWCAP2_BTI))
#endif
			return false;
	}
	return causes[cause].kinds & BIT(kind);
}

/* Judges the pair of causes, or the single cause if both are the same. */
static void judge_pair(bool holes)
{
	unsigned int pair = BIT(first) | BIT(second), all = pair;
	bool are_huge = pair & BIT(HUGE_TLB);

	if (!go_together(first, second) ||
	    (holes && (!go_together(first, HOLES) || !go_together(second, HOLES))))
		return;
	/* A fork and a move concern all of the memory, and so do holes. */
	if (apart && (first == second || pair & (BIT(FORK) | BIT(MOVED) | BIT(HOLES))))
		return;
	if (pair & BIT(POSSIBLE_RIGHTS))
		all |= BIT(OPENED_ANEW);
	if (holes)
		all |= BIT(HOLES);
	unit_pages = are_huge ? HUGE_PAGE / page : 2;
	hole_pages = are_huge ? HUGE_PAGE / page : 1;
	snprintf(scene, sizeof(scene), "%s: %s %s %s%s", kind_names[kind], causes[first].name,
		 apart ? "beside" : "with", causes[second].name, holes ? ", with holes" : "");
	judge(all);
}

/* Judges each cause and each pair of causes, on the same units and on different ones. */
static void judge_kind(enum kind which, bool holes)
{
	kind = which;
	judged = 0;
	snprintf(scene, sizeof(scene), "%s", kind_names[kind]);
	open_files();
	for (first = 0; first < CAUSES; first++) {
		if (!is_offered(first) || (holes && first == HOLES))
			continue;
		for (second = first; second < CAUSES; second++) {
			if (!is_offered(second) || (holes && second == HOLES))
				continue;
			apart = false;
			judge_pair(holes);
			apart = true;
			judge_pair(holes);
		}
	}
	close_files();
	printf("  %s: %d scenes\n", kind_names[kind], judged);
}

/* Checks that each cause that explain can name is either played, or left out with a reason. */
static void every_cause(void)
{
	static const char after[] = "\":{\"helps\":";
	size_t named = 0;
	const char *text;

	kind = PRIVATE;
	unit_pages = 2;
	play(0, TO_ASK);
	for (text = strstr(found->answer, after); text; text = strstr(text + 1, after)) {
		const char *name = text;
		bool is_known = false;

		while (name[-1] != '"')
			name--;
		for (int cause = 0; cause < CAUSES; cause++)
			is_known |= is_name(name, causes[cause].name);
		for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
			is_known |= is_name(name, left_out[i].name);
		if (!is_known)
			complain("nobody plays this cause: %.*s", (int)(text - name), name);
		named++;
	}
	expect(named == CAUSES + sizeof(left_out) / sizeof(*left_out));
	for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
		printf("  not played: %s: %s\n", left_out[i].name, left_out[i].why);
	for (int cause = 0; cause < CAUSES; cause++) {
		if (causes[cause].kinds == ALL_KINDS && !is_offered(cause))
			printf("  this machine has no %s\n", causes[cause].name);
	}
}

static void private_memory(void)
{
	judge_kind(PRIVATE, false);
}

static void private_memory_with_holes(void)
{
	judge_kind(PRIVATE, true);
}

static void shared_memory(void)
{
	judge_kind(SHARED, false);
}

static void shared_memory_with_holes(void)
{
	judge_kind(SHARED, true);
}

static void memfd(void)
{
	judge_kind(MEMFD, false);
}

static void memfd_with_holes(void)
{
	judge_kind(MEMFD, true);
}

static void private_file(void)
{
	judge_kind(PRIVATE_FILE, false);
}

static void private_file_with_holes(void)
{
	judge_kind(PRIVATE_FILE, true);
}

static void shared_file(void)
{
	judge_kind(SHARED_FILE, false);
}

static void shared_file_with_holes(void)
{
	judge_kind(SHARED_FILE, true);
}

static const struct test tests[] = {
	test(every_cause),
	test(private_memory),
	test(private_memory_with_holes),
	test(shared_memory),
	test(shared_memory_with_holes),
	test(memfd),
	test(memfd_with_holes),
	test(private_file),
	test(private_file_with_holes),
	test(shared_file),
	test(shared_file_with_holes),
};

static void reserve_huge_pages(const char *number)
{
	FILE *file = fopen("/proc/sys/vm/nr_hugepages", "w");

	if (!file || fputs(number, file) < 0 || fclose(file)) {
		perror("nr_hugepages");
		exit(2);
	}
}

int main(void)
{
	int status;

	if (mkdir(FOLDER, 0700) || mount("none", FOLDER, "ramfs", 0, NULL)) {
		perror(FOLDER);
		return 2;
	}
	reserve_huge_pages("8");
	found = mmap(NULL, sizeof(*found), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	key = syscall(SYS_pkey_alloc, 0UL, 0UL);
	memset(&files, -1, sizeof(files));
	status = run_tests(tests, sizeof(tests) / sizeof(*tests));
	reserve_huge_pages("0");
	umount2(FOLDER, MNT_DETACH);
	rmdir(FOLDER);
	return status;
}
