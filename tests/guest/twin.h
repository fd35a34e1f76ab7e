/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Twin processes: two children with the same memory at the same addresses. The parent
 * changes one of them through ctl; the other makes the corresponding system call itself.
 * Afterwards both have to be alike.
 */
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/* The memory that is compared: this many pages, with no other mapping near them. */
#define PLACE ((char *)0x600000000000UL)
#define PAGES 48

/* The descriptor of each twin's userfaultfd. */
#define UFFD 100

/* The requests to a twin. Addresses and lengths are in pages from PLACE on. */
enum what {
	DO_MAP, DO_UNMAP, DO_TOUCH, DO_LOCK, DO_SEAL, DO_REMAP, DO_MAP_FILE, DO_MAP_FD, DO_LIMIT,
	DO_DENY_WRITE_EXEC, DO_MADVISE, DO_PROTECT, DO_NAME, DO_BIND, DO_REGISTER, DO_UNREGISTER,
	DO_LOCK_ALL, DO_READ_BYTE, DO_BECOME, DO_MAP_DROPPABLE, DO_CLOSE, DO_MOVE,
	/* Requests that only one test has begin here. */
	DO_MORE,
};

/* Members that are not initialized are zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
struct request {
	/* The kind of request: enum what, or a test's own from DO_MORE on. */
	int what;
	size_t first, last;
	unsigned long how, more;
	char name[96];
};

struct twin {
	pid_t pid;
	int requests, results;
};

static inline int result_of(long value)
{
	return value == -1 ? errno : 0;
}

/*
 * Writes to each page by reading from a pipe. This does not hang if a userfaultfd does
 * not handle faults of the kernel.
 */
static inline int touch(char *start, size_t length, unsigned char byte)
{
	int ends[2], result = pipe(ends);

	for (size_t at = 0; !result && at < length; at += page)
		if (write(ends[1], &byte, 1) != 1 || read(ends[0], start + at, 1) != 1)
			result = errno;
	close(ends[0]);
	close(ends[1]);
	return result;
}

/* Carries out requests from DO_MORE on, if the test has any. */
static int (*carry_out_more)(const struct request *request);

/* Carries out a request. The twin is killed if it reads a byte that is not readable. */
static inline int carry_out(const struct request *r)
{
	char *start = PLACE + r->first * page;
	size_t length = (r->last - r->first) * page;
	unsigned long nodes = r->more;

	switch ((enum what)r->what) {
	case DO_MAP:
		return result_of((long)mmap(start, length, r->how,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	case DO_MAP_DROPPABLE:
		return result_of((long)mmap(start, length, r->how,
			MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	case DO_MAP_FILE: {
		int fd = open("/proc/self/exe", O_RDONLY);
		int result = result_of((long)mmap(start, length, r->how,
					MAP_PRIVATE | MAP_FIXED, fd, 0));

		close(fd);
		return result;
	}
	case DO_MAP_FD: {
		int fd = syscall(SYS_memfd_create, "twin", 0);
		int result = ftruncate(fd, PAGES * page);

		if (!result)
			result = result_of((long)mmap(start, length, r->how, MAP_SHARED | MAP_FIXED,
						      fd, r->first * page));
		close(fd);
		return result;
	}
	case DO_UNMAP:
		return result_of(munmap(start, length));
	case DO_TOUCH:
		return touch(start, length, r->more);
	case DO_LOCK:
		return result_of(r->how ? mlock(start, length) : munlock(start, length));
	case DO_LOCK_ALL:
		return result_of(mlockall(r->how));
	case DO_SEAL:
		return result_of(syscall(SYS_mseal, start, length, 0));
	case DO_REMAP:
		/* The page before the range is extended over it. */
		return result_of((long)mremap(start - page, page, page + length, 0));
	case DO_LIMIT: {
		struct rlimit limit = { r->more, r->more };

		return result_of(setrlimit(r->how, &limit));
	}
	case DO_DENY_WRITE_EXEC:
		return result_of(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0));
	case DO_MADVISE:
		return result_of(madvise(start, length, r->how));
	case DO_PROTECT:
		return result_of(mprotect(start, length, r->how));
	case DO_NAME:
		return result_of(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, length,
				       *r->name ? r->name : NULL));
	case DO_BIND:
		return result_of(syscall(SYS_mbind, start, length, r->how,
					 nodes ? &nodes : NULL, nodes ? 65 : 0, 0));
	case DO_REGISTER: {
		struct uffdio_register arg = {
			.range = { (unsigned long)start, length },
			.mode = r->how,
		};

		return result_of(ioctl(UFFD, UFFDIO_REGISTER, &arg));
	}
	case DO_UNREGISTER: {
		struct uffdio_range arg = { (unsigned long)start, length };

		return result_of(ioctl(UFFD, UFFDIO_UNREGISTER, &arg));
	}
	case DO_READ_BYTE:
		if (r->how)
			__atomic_store_n(start, r->more, __ATOMIC_RELAXED);
		return (unsigned char)__atomic_load_n(start, __ATOMIC_RELAXED);
	case DO_BECOME:
		return result_of(setresuid(r->how, r->how, r->how));
	case DO_CLOSE:
		return result_of(close(r->how));
	case DO_MOVE:
		/* The range moves to the page with this number. */
		return result_of((long)mremap(start, length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
					      PLACE + r->how * page));
	case DO_MORE:
		break;
	}
	if (carry_out_more)
		return carry_out_more(r);
	abort();
}

static inline void live(int requests, int results)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct request request;
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY), result = 0;

	if (fd < 0 || dup2(fd, UFFD) != UFFD || close(fd) || ioctl(UFFD, UFFDIO_API, &api))
		_exit(3);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* This tells the parent that the twin is ready. */
	if (write(results, &result, sizeof(result)) != sizeof(result))
		_exit(4);
	while (read(requests, &request, sizeof(request)) == sizeof(request)) {
		result = carry_out(&request);
		if (write(results, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

static inline struct twin start_twin(void)
{
	int requests[2], results[2], ready = -1;
	struct twin twin;

	if (pipe(requests) || pipe(results)) {
		perror("pipe");
		exit(2);
	}
	fflush(stdout);
	twin.pid = fork();
	if (!twin.pid) {
		close(requests[1]);
		close(results[0]);
		live(requests[0], results[1]);
	}
	close(requests[0]);
	close(results[1]);
	twin.requests = requests[1];
	twin.results = results[0];
	if (read(twin.results, &ready, sizeof(ready)) != sizeof(ready) || ready) {
		printf("no twin\n");
		exit(2);
	}
	return twin;
}

static inline void end_twin(struct twin *twin)
{
	close(twin->requests);
	close(twin->results);
	kill(twin->pid, SIGKILL);
	waitpid(twin->pid, NULL, 0);
}

/* Makes the twin carry out a request. Returns the errno, 0, or -1 if the twin was killed by it. */
static inline int ask(struct twin *twin, const struct request *request)
{
	int result;

	if (write(twin->requests, request, sizeof(*request)) != sizeof(*request) ||
	    read(twin->results, &result, sizeof(result)) != sizeof(result))
		return -1;
	return result;
}

#define ask_for(twin, ...) ask(twin, &(struct request){ __VA_ARGS__ })

/* Describes the memory in PLACE as /proc does: range, rights, offset, name, flags. */
static inline void describe_twin(const struct twin *twin, char *text, size_t size)
{
	char path[64], line[512], *out = text, *end = text + size;
	bool inside = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", twin->pid);
	file = fopen(path, "r");
	*text = 0;
	while (file && fgets(line, sizeof(line), file)) {
		unsigned long start, last, offset;
		char access[8];
		int path_at = 0;

		/* Device and inode are left out, because twins make separate files. */
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s%n", &start, &last, access, &offset,
			   &path_at) == 4 && path_at) {
			inside = (char *)start >= PLACE && (char *)start < PLACE + PAGES * page;
			if (inside)
				out += snprintf(out, end - out, "%lx-%lx %s %lx %s", start, last,
						access, offset,
						line + path_at + strspn(line + path_at, " "));
			continue;
		}
		if (strncmp(line, "VmFlags:", 8) && strncmp(line, "Rss:", 4) &&
		    strncmp(line, "Locked:", 7))
			continue;
		if (inside)
			out += snprintf(out, end - out, "%s", line);
	}
	if (file)
		fclose(file);

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", twin->pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		char policy[64];
		unsigned long start;

		if (sscanf(line, "%lx %63s", &start, policy) == 2 && (char *)start >= PLACE &&
		    (char *)start < PLACE + PAGES * page)
			out += snprintf(out, end - out, "%lx %s\n", start, policy);
	}
	if (file)
		fclose(file);

	snprintf(path, sizeof(path), "/proc/%d/status", twin->pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmSize:", 7) || !strncmp(line, "VmLck:", 6) ||
		    !strncmp(line, "VmData:", 7) || !strncmp(line, "VmExe:", 6))
			out += snprintf(out, end - out, "%s", line);
	if (file)
		fclose(file);
}

/* Reads the first byte of each page in PLACE, or 0xff if it is not readable. */
static inline void contents(const struct twin *twin, unsigned char *bytes)
{
	memset(bytes, 0, PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		struct iovec local = { bytes + i, 1 };
		struct iovec remote = { PLACE + i * page, 1 };

		if (process_vm_readv(twin->pid, &local, 1, &remote, 1, 0) != 1)
			bytes[i] = 0xff;
	}
}

/* Returns the line in which two texts begin to differ. */
static inline const char *first_difference(const char *one, const char *other)
{
	const char *line = one;

	for (; *one && *one == *other; one++, other++)
		if (*one == '\n')
			line = one + 1;
	return line;
}

/* Returns whether the two twins are alike. Otherwise complains of the step and the difference. */
static inline bool expect_alike(const struct twin *ours, const struct twin *theirs,
				const char *what, int step)
{
	static char our_text[1 << 16], their_text[1 << 16];
	unsigned char our_bytes[PAGES], their_bytes[PAGES];

	describe_twin(ours, our_text, sizeof(our_text));
	describe_twin(theirs, their_text, sizeof(their_text));
	contents(ours, our_bytes);
	contents(theirs, their_bytes);
	if (strcmp(our_text, their_text) || memcmp(our_bytes, their_bytes, PAGES)) {
		complain("step %d, %s: not alike (command: %s, outcome: %s)", step, what, command,
			 outcome);
		printf("  ours, from where they differ:\n%.300s\n  theirs:\n%.300s\n",
		       first_difference(our_text, their_text),
		       first_difference(their_text, our_text));
		return false;
	}
	return true;
}

#define print_command(...) snprintf(command, sizeof(command), __VA_ARGS__)

static inline unsigned long address(size_t number)
{
	return (unsigned long)(PLACE + number * page);
}

static inline const char *rights(unsigned long protection)
{
	static char text[4];

	text[0] = protection & PROT_READ ? 'r' : '-';
	text[1] = protection & PROT_WRITE ? 'w' : '-';
	text[2] = protection & PROT_EXEC ? 'x' : '-';
	return text;
}

/* Prints the ctl command that corresponds to a request to a twin. */
static inline void command_for(const struct twin *twin, const struct request *r)
{
	static const char *const modes[] = {
		"", "missing", "wp", "missing wp", "minor", "missing minor", "wp minor",
		"missing wp minor",
	};
	static const struct {
		int advice;
		const char *change;
	} changes[] = {
		{ MADV_DONTFORK, "+dontfork" }, { MADV_DOFORK, "-dontfork" },
		{ MADV_DONTDUMP, "+dontdump" }, { MADV_DODUMP, "-dontdump" },
		{ MADV_SEQUENTIAL, "+seq" },	{ MADV_RANDOM, "+rand" },
		{ MADV_NORMAL, "-seq -rand" },
	};
	unsigned long start = address(r->first), end = address(r->last);
	const char *change = "?", *policy = "default";
	char text[64];

	switch (r->what) {
	case DO_MADVISE:
		for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
			if (changes[i].advice == (int)r->how)
				change = changes[i].change;
		print_command("flags %d %lx %lx %s", twin->pid, start, end, change);
		break;
	case DO_PROTECT:
		print_command("protect %d %lx %lx %s", twin->pid, start, end, rights(r->how));
		break;
	case DO_NAME:
		print_command("name %d %lx %lx %s", twin->pid, start, end, r->name);
		break;
	case DO_BIND:
		if (r->how != MPOL_DEFAULT) {
			snprintf(text, sizeof(text), "%s:%s",
				 r->how == MPOL_BIND ? "bind" :
				 r->how == MPOL_PREFERRED ? "preferred" : "interleave",
				 r->more == 1 ? "0" : r->more == 2 ? "1" :
				 r->more == 3 ? "0-1" : "9");
			policy = text;
		}
		print_command("policy %d %lx %lx %s", twin->pid, start, end, policy);
		break;
	case DO_REGISTER:
		print_command("uffd %d %lx %lx %d %s", twin->pid, start, end, UFFD, modes[r->how]);
		break;
	case DO_UNREGISTER:
		print_command("uffd %d %lx %lx %d none", twin->pid, start, end, UFFD);
		break;
	case DO_MAP:
		print_command("new %d %lx %lx %s", twin->pid, start, end, rights(r->how));
		break;
	case DO_REMAP:
		print_command("extend %d %lx %lx", twin->pid, start, end);
		break;
	default:
		abort();
	}
}

static unsigned int seed;

static inline unsigned int any(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Makes a random request. Returns whether ctl can carry it out. */
static inline bool random_request(struct request *r)
{
	static const unsigned long protections[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC, PROT_WRITE,
	};
	static const int advice[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_SEQUENTIAL,
		MADV_RANDOM, MADV_NORMAL,
	};
	static const char *const names[] = { "", "one", "two" };
	static const unsigned long policies[][2] = {
		{ MPOL_DEFAULT, 0 },
		{ MPOL_BIND, 1 },
		{ MPOL_PREFERRED, 2 },
		{ MPOL_INTERLEAVE, 3 },
	};
	static const enum what kinds[] = {
		DO_MADVISE, DO_PROTECT, DO_NAME, DO_BIND, DO_REGISTER, DO_UNREGISTER, DO_MAP,
		DO_REMAP, DO_MAP, DO_REMAP,
		DO_UNMAP, DO_TOUCH, DO_TOUCH, DO_LOCK, DO_MAP_FD, DO_MAP_FILE,
	};
	unsigned int which;

	*r = (struct request){ .what = kinds[any(sizeof(kinds) / sizeof(*kinds))] };
	/* The first page stays free, so that no VMA outside PLACE merges with the range. */
	r->first = 1 + any(PAGES - 2);
	r->last = r->first + 1 + any(6);
	if (r->last > PAGES - 1)
		r->last = PAGES - 1;

	switch (r->what) {
	case DO_MAP:
	case DO_MAP_FD:
	case DO_PROTECT:
		r->how = protections[any(sizeof(protections) / sizeof(*protections))];
		break;
	case DO_MAP_FILE:
		r->how = PROT_READ;
		r->last = r->first + 1;
		break;
	case DO_MADVISE:
		r->how = advice[any(sizeof(advice) / sizeof(*advice))];
		break;
	case DO_NAME:
		snprintf(r->name, sizeof(r->name), "%s", names[any(3)]);
		break;
	case DO_BIND:
		which = any(4);
		r->how = policies[which][0];
		r->more = policies[which][1];
		break;
	case DO_REGISTER:
		r->how = 1 + any(3);
		break;
	case DO_LOCK:
		r->how = any(2);
		break;
	case DO_TOUCH:
		r->more = any(255);
		break;
	default:
		break;
	}
	return r->what != DO_UNMAP && r->what != DO_TOUCH && r->what != DO_LOCK &&
	       r->what != DO_MAP_FD && r->what != DO_MAP_FILE;
}
