// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts of whole processes that ran into vm.max_map_count, each played by a separate
 * process. The answer about all of its memory is checked line by line. Then each cause is
 * undone, and the number of VMAs has to be the one that the answer predicted. The module
 * answers, or vma-explain on a kernel without the module.
 *
 * "incidents_test 100" plays the layouts in the size in which they were reported, for a
 * kernel without checks. Otherwise the size is a tenth of that, because
 * DEBUG_VM_MAPLE_TREE visits all VMAs of a process on each change.
 */
#include "harness.h"
#include <poll.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"
#define JSON "/sys/kernel/debug/rust_vma/explain.jsonl"

#define PLACE ((char *)0x200000000000UL)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#define MOST_STEPS 3

#define check(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "line %d: not so: %s: %m\n", __LINE__, #condition);        \
			_exit(2);                                                                  \
		}                                                                                  \
	} while (0)

/* The size of the layouts, in percent. */
static size_t hundredths = 10;

/* Scales a number, which is that of the full size. */
static size_t many(size_t number)
{
	return number * hundredths / 100;
}

static char *at(size_t number)
{
	return PLACE + number * page;
}

static void map(size_t first, size_t pages, int protection, int flags, int fd, size_t from)
{
	check(mmap(at(first), pages * page, protection, flags | MAP_FIXED, fd, from * page) ==
	      at(first));
}

static void protect(size_t first, size_t pages, int protection)
{
	check(!mprotect(at(first), pages * page, protection));
}

static void touch(size_t number)
{
	*at(number) = 1;
}

/* Makes an unlinked file of this many pages. */
static int make_file(size_t pages)
{
	int fd = open("/tmp/index", O_RDWR | O_CREAT | O_EXCL, 0600);

	check(fd >= 0 && !ftruncate(fd, pages * page) && !unlink("/tmp/index"));
	return fd;
}

/* A search engine: the segments of its index are files that are deleted while they are mapped. */
static void many_files(void)
{
	size_t next = 0;

	for (size_t i = 0; i < many(4000); i++) {
		size_t pages = 2 + i % 3;
		int fd = make_file(pages);

		map(next, pages, PROT_READ, MAP_SHARED, fd, 0);
		next += pages;
		close(fd);
	}
}

static void one_file(void)
{
	map(0, many(12000), PROT_READ, MAP_SHARED, make_file(many(12000)), 0);
}

/*
 * A managed runtime: parts of a reservation are made usable and written, in scattered
 * order at first.
 */
static void commit_in_any_order(void)
{
	map(0, many(24000), PROT_NONE, ANON, -1, 0);
	for (size_t turn = 0; turn < 2; turn++) {
		for (size_t i = turn; i < many(6000); i += 2) {
			protect(4 * i, 4, RW);
			touch(4 * i);
		}
	}
}

static void commit_in_order(void)
{
	map(0, many(24000), PROT_NONE, ANON, -1, 0);
	for (size_t i = 0; i < many(6000); i++) {
		protect(4 * i, 4, RW);
		touch(4 * i);
	}
}

/* A security library: secrets between guards are locked, and left out of core dumps. */
static void allocate_secrets(void)
{
	for (size_t i = 0; i < many(16000); i += 4) {
		map(i, 4, RW, ANON, -1, 0);
		protect(i + 1, 1, PROT_NONE);
		protect(i + 3, 1, PROT_NONE);
		check(!mlock(at(i + 2), page) && !madvise(at(i + 2), page, MADV_DONTDUMP));
		protect(i, 1, PROT_READ);
	}
}

static void make_secrets_accessible(void)
{
	protect(0, many(16000), RW);
}

static void make_secrets_ordinary(void)
{
	for (size_t i = 0; i < many(16000); i += 4)
		check(!munlock(at(i + 2), page) && !madvise(at(i + 2), page, MADV_DODUMP));
}

/* An inference server: each slab behind a header is bound to a node. */
static void bind_slabs(void)
{
	unsigned long nodes = 1;

	map(0, many(12000), RW, ANON, -1, 0);
	for (size_t i = 0; i < many(12000); i += 4)
		check(!syscall(SYS_mbind, at(i + 1), 3 * page, 2 /* MPOL_BIND */, &nodes, 64UL, 0));
}

static void bind_nothing(void)
{
	check(!syscall(SYS_mbind, PLACE, many(12000) * page, 0 /* MPOL_DEFAULT */, NULL, 0UL, 0));
}

/* A language runtime: compaction unmaps every second pool. */
static void unmap_every_second(void)
{
	map(0, many(48000), RW, ANON, -1, 0);
	for (size_t i = 0; i < many(48000); i += 8)
		touch(i);
	for (size_t i = 8; i < many(48000); i += 16)
		check(!munmap(at(i), 8 * page));
}

static void fill_holes(void)
{
	for (size_t i = 8; i < many(48000) - 8; i += 16)
		map(i, 8, RW, ANON, -1, 0);
}

/* A bytecode cache: each mapping of its file begins at the beginning of the file. */
static void map_the_beginning(void)
{
	int fd = make_file(many(6000));

	for (size_t i = 0; i < many(6000); i += 2)
		map(i, 2, PROT_READ, MAP_PRIVATE, fd, 0);
}

static void map_in_order(void)
{
	map(0, many(6000), PROT_READ, MAP_PRIVATE, make_file(many(6000)), 0);
}

/* A garbage collector: memory that was in use is given back, and made inaccessible again. */
static void decommit_every_second(void)
{
	map(0, many(16000), PROT_NONE, ANON, -1, 0);
	for (size_t i = 0; i < many(16000); i += 8) {
		protect(i, 4, RW);
		touch(i);
		check(!madvise(at(i), 4 * page, MADV_DONTNEED));
		protect(i, 4, PROT_NONE);
	}
}

static void decommit_all(void)
{
	for (size_t i = 4; i < many(16000); i += 8) {
		protect(i, 4, RW);
		/* Without the write, the memory would no longer be accounted afterwards. */
		touch(i);
		protect(i, 4, PROT_NONE);
	}
}

/* A JVM with many threads: a guard page lies below each stack, whose last page is written. */
static void start_threads(void)
{
	for (size_t i = many(3000); i-- > 0;) {
		map(65 * i, 65, RW, ANON, -1, 0);
		protect(65 * i, 4, PROT_NONE);
		touch(65 * i + 64);
	}
}

static void remove_guards(void)
{
	for (size_t i = 0; i < many(3000); i++)
		protect(65 * i, 4, RW);
}

/* A metrics database: three kinds of advice always occur together. */
static void advise_every_second(void)
{
	map(0, many(6000), RW, ANON, -1, 0);
	for (size_t i = 1; i < many(6000); i += 2)
		check(!madvise(at(i), page, MADV_DONTFORK) &&
		      !madvise(at(i), page, MADV_MERGEABLE) &&
		      !madvise(at(i), page, MADV_DONTDUMP));
}

static void take_advice_back(void)
{
	check(!madvise(PLACE, many(6000) * page, MADV_DOFORK));
	check(!madvise(PLACE, many(6000) * page, MADV_UNMERGEABLE));
	check(!madvise(PLACE, many(6000) * page, MADV_DODUMP));
}

/* A JIT compiler that maps its code twice: the writable view lies beside the executable one. */
static void views_alternate(void)
{
	int fd = memfd_create("jit", 0);

	check(fd >= 0 && !ftruncate(fd, many(16000) * page));
	map(0, many(16000), RW, MAP_SHARED, fd, 0);
	for (size_t i = 0; i < many(16000); i += 2)
		protect(i, 1, PROT_READ | PROT_EXEC);
}

static void one_view(void)
{
	protect(0, many(16000), RW);
}

/* A JIT compiler that hands out memory from the end of the memfd. */
static void offsets_descend(void)
{
	int fd = memfd_create("jit", 0);

	check(fd >= 0 && !ftruncate(fd, many(3000) * page));
	for (size_t i = 0; i < many(3000); i++)
		map(i, 1, RW, MAP_SHARED, fd, (many(3000) - 1) - i);
}

static void offsets_ascend(void)
{
	int fd = memfd_create("jit", 0);

	check(fd >= 0 && !ftruncate(fd, many(3000) * page));
	for (size_t i = 0; i < many(3000); i++)
		map(i, 1, RW, MAP_SHARED, fd, i);
}

/* A persistent heap: pages are made writable when they are about to be written. */
static void write_scattered_pages(void)
{
	map(0, many(4000), PROT_READ, MAP_PRIVATE, make_file(many(4000)), 0);
	for (size_t i = 0; i < many(4000); i += 2) {
		protect(i, 1, RW);
		touch(i);
	}
}

static void make_all_writable(void)
{
	protect(0, many(4000), RW);
}

/* A server that forks its workers, which replace half of the memory that they inherit. */
static void inherit_and_replace(bool inherits)
{
	map(0, many(12000), RW, ANON, -1, 0);
	for (size_t i = 0; i < many(12000); i += 4)
		touch(i);
	if (inherits) {
		pid_t pid = fork();

		/* The child continues in place of the original process. */
		if (pid) {
			int status;

			while (waitpid(pid, &status, 0) != pid)
				;
			_exit(WEXITSTATUS(status));
		}
	}
	for (size_t i = 4; i < many(12000); i += 8) {
		check(!munmap(at(i), 4 * page));
		map(i, 4, RW, ANON, -1, 0);
		if (i % 16 == 4)
			touch(i);
	}
}

static void fork_a_worker(void)
{
	inherit_and_replace(true);
}

static void start_a_worker(void)
{
	check(!munmap(PLACE, many(12000) * page));
	inherit_and_replace(false);
}

/* A WebAssembly pool: slots have one of four keys, and new memory has none. */
static void stripe_slots(void)
{
	int keys[4];

	for (int i = 0; i < 4; i++) {
		keys[i] = syscall(SYS_pkey_alloc, 0UL, 0UL);
		check(keys[i] > 0);
	}
	map(0, many(16000), RW, ANON, -1, 0);
	for (size_t i = 0; i < many(2000); i++)
		check(!syscall(SYS_pkey_mprotect, at(8 * i), 8 * page, RW, keys[i % 4]));
	for (size_t i = 1; i < many(2000); i += 2)
		map(8 * i, 2, RW, ANON, -1, 0);
}

static void give_keys_back(void)
{
	check(!syscall(SYS_pkey_mprotect, PLACE, many(16000) * page, RW, 0));
}

static void do_nothing(void)
{
}

/* A step of the answer. */
struct step {
	/* The causes, and the advice about them. */
	const char *causes;
	const char *advice[3];
	/*
	 * The number of VMAs of the layout that remain, at full size, and a function that
	 * removes the causes.
	 */
	int remain, and_more;
	void (*undo)(void);
};

static const char files_advice[] = {
	"what helps: map one large file instead of many, through one open descriptor\n"
	"    set by mmap() of different files, of which each shared anonymous mapping is one; no call undoes it",
};

static const char anon_vmas_advice[] = {
	"what helps: make an area usable from one end on, so that new memory merges with the rest before it is written\n"
	"    set by the first write to each of them, while something else kept them apart; no call undoes it",
};

static const char rights_advice[] = {
	"what helps: give neighbours the same rights; a guard made by mprotect() takes two VMAs, one made by madvise(MADV_GUARD_INSTALL), from Linux 6.13 on, none\n"
	"    set by mprotect(), or mmap() with other rights; undone by mprotect()",
};

static const char dontdump_advice[] = {
	"MADV_DONTDUMP: set it for a whole area, or undo it with madvise(MADV_DODUMP)\n"
	"    set by madvise(MADV_DONTDUMP); undone by madvise(MADV_DODUMP)",
};

static const char mlock_advice[] = {
	"mlock: lock a whole area, or unlock the parts that no longer need it with munlock()\n"
	"    set by mlock(), mlockall() or mmap(MAP_LOCKED); undone by munlock()",
};

static const char policies_advice[] = {
	"what helps: bind a whole area at once, or set the policy of the thread with set_mempolicy()\n"
	"    set by mbind(); undone by mbind(MPOL_DEFAULT)",
};

static const char holes_advice[] = {
	"what helps: keep the memory between with madvise(MADV_DONTNEED), or hand it out again first\n"
	"    set by munmap(), or mmap() at scattered addresses; undone by mmap(MAP_FIXED_NOREPLACE) of the hole",
};

static const char offsets_advice[] = {
	"what helps: map parts of a file side by side in their order; hand out offsets of a memfd in the order of addresses\n"
	"    set by mmap() of parts of a file at addresses in another order than their offsets; no call undoes it",
};

static const char accounting_advice[] = {
	"what helps: make a whole area writable at once, or map it again with mmap(MAP_FIXED): mprotect() leaves VM_ACCOUNT on written memory when it removes the right to write\n"
	"    set by mmap() or mprotect() with PROT_WRITE, of private memory; no call undoes it",
};

static const char dontfork_advice[] = {
	"MADV_DONTFORK: call madvise(MADV_DOFORK) when a buffer is no longer registered\n"
	"    set by madvise(MADV_DONTFORK); undone by madvise(MADV_DOFORK)",
};

static const char mergeable_advice[] = {
	"MADV_MERGEABLE: set it for a whole area, or undo it with madvise(MADV_UNMERGEABLE)\n"
	"    set by madvise(MADV_MERGEABLE) or prctl(PR_SET_MEMORY_MERGE); undone by madvise(MADV_UNMERGEABLE)",
};

static const char fork_advice[] = {
	"what helps: let the child call execve(), keep memory from it with madvise(MADV_DONTFORK), or let it use inherited memory instead of new memory beside it\n"
	"    set by fork(); no call undoes it",
};

static const char keys_advice[] = {
	"what helps: give a whole area one key; neighbours with different keys never merge\n"
	"    set by pkey_mprotect(); undone by pkey_mprotect() with the key of the neighbour",
};

static const struct incident {
	const char *name;
	void (*play)(void);
	/*
	 * The number of VMAs of the layout, at full size. All boundaries between them
	 * have the first causes, and so do this many boundaries to the VMAs beside the
	 * layout.
	 */
	int vmas, more_boundaries;
	struct step steps[MOST_STEPS];
} incidents[] = {
	{ "many_files", many_files, 4000, 1,
	  { { "files", { files_advice },
	      0, 1, one_file } } },
	{ "commit_in_any_order", commit_in_any_order, 3000, 2,
	  { { "anon_vmas (written before they were neighbours)", { anon_vmas_advice },
	      0, 1, commit_in_order } } },
	{ "allocate_secrets", allocate_secrets, 16000, 1,
	  { { "access rights (mprotect)", { rights_advice },
	      8000, 1, make_secrets_accessible },
	    { "MADV_DONTDUMP, mlock", { dontdump_advice, mlock_advice },
	      4000, 0, make_secrets_ordinary },
	    { "anon_vmas (written before they were neighbours)", { anon_vmas_advice },
	      0, 1, NULL } } },
	{ "bind_slabs", bind_slabs, 6000, 0,
	  { { "NUMA policies (mbind)", { policies_advice },
	      0, 1, bind_nothing } } },
	{ "unmap_every_second", unmap_every_second, 3000, 2,
	  { { "holes (munmap)", { holes_advice },
	      0, 1, fill_holes } } },
	{ "map_the_beginning", map_the_beginning, 3000, 0,
	  { { "page offsets", { offsets_advice },
	      0, 1, map_in_order } } },
	{ "decommit_every_second", decommit_every_second, 4000, 0,
	  { { "accounting (memory that was writable once)", { accounting_advice },
	      2000, 0, decommit_all },
	    { "anon_vmas (written before they were neighbours)", { anon_vmas_advice },
	      0, 1, NULL } } },
	{ "start_threads", start_threads, 6000, 1,
	  { { "access rights (mprotect)", { rights_advice },
	      3000, 0, remove_guards },
	    { "anon_vmas (written before they were neighbours)", { anon_vmas_advice },
	      0, 1, NULL } } },
	{ "advise_every_second", advise_every_second, 6000, 0,
	  { { "MADV_DONTFORK, MADV_DONTDUMP, MADV_MERGEABLE",
	      { dontfork_advice, dontdump_advice, mergeable_advice },
	      0, 1, take_advice_back } } },
	{ "views_alternate", views_alternate, 16000, 1,
	  { { "access rights (mprotect)", { rights_advice },
	      0, 1, one_view } } },
	{ "offsets_descend", offsets_descend, 3000, 0,
	  { { "page offsets", { offsets_advice },
	      0, 1, offsets_ascend } } },
	{ "write_scattered_pages", write_scattered_pages, 4000, 0,
	  { { "access rights (mprotect)", { rights_advice },
	      2000, 0, make_all_writable },
	    { "anon_vmas (written before they were neighbours)", { anon_vmas_advice },
	      0, 1, NULL } } },
	{ "fork_a_worker", fork_a_worker, 3000, 0,
	  { { "fork (an inherited anon_vma)", { fork_advice },
	      0, 1, start_a_worker } } },
	{ "do_nothing", do_nothing, 0, 0, { { NULL } } },
	/* This incident needs a processor with protection keys. */
	{ "stripe_slots", stripe_slots, 3000, 1,
	  { { "protection keys (pkey_mprotect)", { keys_advice },
	      0, 1, give_keys_back } } },
};

static bool has_keys(void)
{
	int key = syscall(SYS_pkey_alloc, 0UL, 0UL);

	if (key < 0)
		return false;
	syscall(SYS_pkey_free, key);
	return true;
}

/* A process that plays an incident, and undoes its causes on request. */
struct player {
	pid_t pid;
	int orders, answers;
};

/*
 * Plays an incident in the player. Tells its process id, and tells it again whenever a
 * cause is undone.
 */
static int play(const struct incident *incident)
{
	pid_t pid;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	page = sysconf(_SC_PAGESIZE);
	incident->play();
	pid = getpid();
	check(write(STDOUT_FILENO, &pid, sizeof(pid)) == sizeof(pid));
	for (int i = 0; read(STDIN_FILENO, &byte, 1) == 1; i++) {
		incident->steps[i].undo();
		check(write(STDOUT_FILENO, &pid, sizeof(pid)) == sizeof(pid));
	}
	return 0;
}

static bool wait_for(struct player *player)
{
	struct pollfd fd = { .fd = player->answers, .events = POLLIN };

	return poll(&fd, 1, 300000) == 1 &&
	       read(player->answers, &player->pid, sizeof(player->pid)) == sizeof(player->pid);
}

static pid_t start(struct player *player, size_t number)
{
	int orders[2], answers[2];
	char argument[16], size[16];
	pid_t pid;

	expect(!pipe2(orders, O_CLOEXEC) && !pipe2(answers, O_CLOEXEC));
	snprintf(argument, sizeof(argument), "%zu", number);
	snprintf(size, sizeof(size), "%zu", hundredths);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(orders[0], STDIN_FILENO);
		dup2(answers[1], STDOUT_FILENO);
		execl("/proc/self/exe", "incident", "play", argument, size, NULL);
		_exit(3);
	}
	close(orders[0]);
	close(answers[1]);
	player->orders = orders[1];
	player->answers = answers[0];
	return pid;
}

/* Returns the number of VMAs of the layout that remain after a step. */
static int remaining(const struct step *step)
{
	return many(step->remain) + step->and_more;
}

static char answer[1 << 16];
/* Whether this is a kernel without the module. */
static bool is_stock;

/* Asks vma-explain, which answers on a kernel without the module. */
static const char *ask_vma_explain(const char *option, pid_t pid)
{
	char command[64];
	FILE *said;

	snprintf(command, sizeof(command), "vma-explain %s %d", option, pid);
	said = popen(command, "r");
	answer[fread(answer, 1, sizeof(answer) - 1, said)] = 0;
	expect(!pclose(said));
	return answer;
}

static const char *ask(const char *file, pid_t pid)
{
	char question[32];
	int fd, length;

	if (is_stock)
		return ask_vma_explain(strcmp(file, JSON) ? "" : "--json", pid);
	fd = open(file, O_RDWR);
	length = snprintf(question, sizeof(question), "%d summary", pid);
	expect(write(fd, question, length) == length);
	read_all(fd, answer, sizeof(answer));
	close(fd);
	return answer;
}

/* Expects that the answer continues with these words. */
static const char *goes_on(const char *from, const char *words, const char *name)
{
	if (!from || strncmp(from, words, strlen(words))) {
		complain("%s: the answer does not go on with '%s': %s", name, words,
			 from ? from : "");
		return NULL;
	}
	return from + strlen(words);
}

static const char *advice_of(const struct step *step, const char *from, const char *name)
{
	for (int i = 0; i < 3 && step->advice[i]; i++) {
		from = goes_on(from, "  ", name);
		from = goes_on(from, step->advice[i], name);
		from = goes_on(from, "\n", name);
	}
	return from;
}

/*
 * Formats the line about a step, the first of which is the main cause. BESIDE is the
 * number of additional boundaries with the cause, besides those of the layout.
 */
static void line_about(const struct incident *incident, int number, int others, int beside,
		       char *line, size_t size)
{
	const struct step *step = &incident->steps[number];
	int own = many(incident->vmas), vmas = own + others, apart = vmas - 1;
	int boundaries = own - 1 + incident->more_boundaries + beside;
	int left = remaining(step) + others, causes = 1;
	const char *them = "it", *together = "";
	char more[64] = "";

	for (const char *at = step->causes; *at; at++)
		causes += *at == ',';
	if (causes > 1) {
		them = causes == 2 ? "both" : "all three";
		together = " together";
		snprintf(more, sizeof(more), "; without only %s of them, %d",
			 causes == 2 ? "one" : "two", vmas);
	}
	if (number)
		snprintf(line, size, "then: %s%s; without %s as well, %d VMAs would remain\n",
			 step->causes, together, them, left);
	else
		snprintf(line, size,
			 "main cause: %s%s, at %d of %d boundaries (%d%%); "
			 "without %s, %d VMAs would remain, not %d%s\n",
			 step->causes, together, boundaries, apart, boundaries * 100 / apart, them,
			 left, vmas, more);
}

static const char nothing_is_wrong[] = {
	"nothing is wrong: no cause, and no set of causes, keeps 8 VMAs apart\n",
};

/* Expects each line of the answer, with the figures of a process that has OTHERS more VMAs. */
static void expect_answer(const struct incident *incident, pid_t pid, int others)
{
	const char *rest = ask(EXPLAIN, pid);
	char words[512];

	for (int i = 0; i < MOST_STEPS && incident->steps[i].causes; i++) {
		line_about(incident, i, others, 0, words, sizeof(words));
		/* In stock kernels, the VMA above may differ from the layout in the same way. */
		if (is_stock && strncmp(rest, words, strlen(words)))
			line_about(incident, i, others, 1, words, sizeof(words));
		rest = goes_on(rest, words, incident->name);
		rest = advice_of(&incident->steps[i], rest, incident->name);
	}
	if (!incident->vmas)
		rest = goes_on(rest, nothing_is_wrong, incident->name);
	snprintf(words, sizeof(words), "process %d (", pid);
	rest = goes_on(rest, words, incident->name);
	snprintf(words, sizeof(words), ": %zu VMAs of at most ", many(incident->vmas) + others);
	if (rest && !strstr(rest, words))
		complain("%s: no '%s': %s", incident->name, words, rest);
}

/* Expects the same for programs: the sets of causes and the figures. */
static void expect_steps(const struct incident *incident, pid_t pid, int others)
{
	const char *rest = strstr(ask(JSON, pid), ",\"steps\":[");
	char words[512];

	rest = goes_on(rest, ",\"steps\":[", incident->name);
	for (int i = 0; i < MOST_STEPS && incident->steps[i].causes; i++) {
		const struct step *step = &incident->steps[i];
		const char *cause = step->causes;

		rest = goes_on(rest, i ? ",{\"causes\":[" : "{\"causes\":[", incident->name);
		while (*cause) {
			size_t length = strcspn(cause, ",");

			snprintf(words, sizeof(words), "\"%.*s\"%s", (int)length, cause,
				 cause[length] ? "," : "]");
			rest = goes_on(rest, words, incident->name);
			cause += length + strspn(cause + length, ", ");
		}
		snprintf(words, sizeof(words), ",\"remaining\":%d,", remaining(step) + others);
		if (rest && !strstr(rest, words))
			complain("%s: no '%s': %s", incident->name, words, rest);
		rest = rest ? strchr(rest, '}') : NULL;
		rest = rest ? rest + 1 : NULL;
	}
	goes_on(rest, "],\"partial\":false,", incident->name);
}

/*
 * Returns whether the rules are those of Linux up to 6.16: memory that was written does
 * not merge into a neighbour that was not, unless the call is about the neighbour.
 */
static bool is_one_sided(void)
{
	struct utsname name;
	int major, minor;

	expect(!uname(&name) && sscanf(name.release, "%d.%d", &major, &minor) == 2);
	return major < 6 || (major == 6 && minor <= 16);
}

/* Undoes the causes of a step, and expects that as many VMAs remain as the answer predicted. */
static void undo(const struct incident *incident, int number, struct player *player, int others)
{
	const struct step *step = &incident->steps[number];
	int wanted = remaining(step) + others, found;

	/* The secrets were written, but the guards beside them were not. */
	if (is_one_sided() && step->undo == make_secrets_ordinary)
		wanted = many(8000) + 1 + others;
	expect(write(player->orders, "", 1) == 1);
	if (!wait_for(player))
		complain("%s: step %d was not undone", incident->name, number);
	found = vmas_of(player->pid);
	if (found != wanted)
		complain("%s: after step %d, %d VMAs remain, not %d", incident->name, number, found,
			 wanted);
}

static void run(size_t number)
{
	const struct incident *incident = &incidents[number];
	struct player player = { 0 };
	pid_t pid = start(&player, number);
	int others, status;

	if (!wait_for(&player)) {
		complain("%s: it was not played", incident->name);
	} else {
		others = vmas_of(player.pid) - many(incident->vmas);
		/* These are the VMAs of a program without libraries. */
		expect(others >= 4 && others <= 14);
		expect_answer(incident, player.pid, others);
		expect_steps(incident, player.pid, others);
		for (int i = 0; i < MOST_STEPS && incident->steps[i].undo; i++)
			undo(incident, i, &player, others);
	}
	close(player.orders);
	close(player.answers);
	expect(waitpid(pid, &status, 0) == pid && !status);
}

int main(int argc, char **argv)
{
	size_t count = sizeof(incidents) / sizeof(*incidents) - !has_keys();
	size_t failures = 0;

	if (argc == 4 && !strcmp(argv[1], "play")) {
		hundredths = atoi(argv[3]);
		return play(&incidents[atoi(argv[2])]);
	}
	if (argc == 2)
		hundredths = atoi(argv[1]);
	page = sysconf(_SC_PAGESIZE);
	is_stock = access(EXPLAIN, F_OK);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("tests: %zu\n", count);
	for (size_t i = 0; i < count; i++) {
		failed = false;
		run(i);
		printf("%s %s\n", failed ? "not ok" : "ok", incidents[i].name);
		failures += failed;
	}
	return failures > 0;
}
