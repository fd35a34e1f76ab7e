// SPDX-License-Identifier: GPL-2.0
/*
 * The duties of system calls besides merging and splitting: page tables, userfaultfds,
 * huge pages, limits, dirty bits.
 */
#include "harness.h"
#include "twins.h"
#include <linux/perf_event.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/personality.h>

#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC 0x8000
#endif

/* Requests to twins that no other test makes. */
enum more {
	/* Opens another userfaultfd, at descriptor how, with the features more. */
	DO_OPEN = DO_MORE,
	/* Takes over the userfaultfd of process more, as descriptor how. */
	DO_BORROW,
	/* Registers memory with descriptor more. */
	DO_REGISTER_WITH,
	/* Write-protects pages. */
	DO_PROTECT_PAGES,
	/* Maps a file that is open for reading only, shared; with more = 1, an unsuitable file. */
	DO_MAP_UNWRITABLE,
	/* Maps an unsuitable file, private. */
	DO_MAP_UNSUITABLE,
	/* Maps huge pages. */
	DO_MAP_HUGE,
	/* Sets READ_IMPLIES_EXEC. */
	DO_IMPLY,
	/* Maps private memory that is not charged. */
	DO_MAP_UNRESERVED,
	/* Maps page frames of the kernel: the buffer of a counter, which has 1 + 2^n pages. */
	DO_MAP_FRAMES,
	/*
	 * Sets a soft limit of this many pages (first), and a hard limit of this many
	 * bytes (more).
	 */
	DO_LIMIT_SOFT,
};

static int open_another(int descriptor, unsigned long features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || dup2(fd, descriptor) != descriptor || close(fd))
		return errno;
	return result_of(ioctl(descriptor, UFFDIO_API, &api));
}

static int borrow(int descriptor, pid_t owner)
{
	int fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, owner, 0), UFFD, 0);

	return result_of(dup2(fd, descriptor));
}

/* A file system whose files do not suit a userfaultfd, and a file in it. */
#define UNSUITABLE "/tmp/unsuitable"
#define UNSUITABLE_FILE UNSUITABLE "/file"

static int map_unsuitable(char *start, size_t length, int protection)
{
	int fd = open(UNSUITABLE_FILE, O_RDONLY);
	int result = result_of((long)mmap(start, length, protection, MAP_PRIVATE | MAP_FIXED, fd,
					  0));

	close(fd);
	return result;
}

/* Maps the unsuitable file, or a new one. */
static int map_unwritable(char *start, size_t length, int protection, bool unsuitable)
{
	int fd = syscall(SYS_memfd_create, "unwritable", 0), reader, result;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(unsuitable ? UNSUITABLE_FILE : path, O_RDONLY);
	if (ftruncate(fd, length) || reader < 0)
		return errno;
	result = result_of((long)mmap(start, length, protection, MAP_SHARED | MAP_FIXED, reader,
				      0));
	close(fd);
	close(reader);
	return result;
}

static int map_frames(char *start, size_t length, int protection)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_DUMMY,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	int result = result_of((long)mmap(start, length, protection, MAP_SHARED | MAP_FIXED, fd,
					  0));

	close(fd);
	return result;
}

static int do_more(const struct request *r)
{
	char *start = PLACE + r->first * page;
	size_t length = (r->last - r->first) * page;

	switch ((enum more)r->what) {
	case DO_OPEN:
		return open_another(r->how, r->more);
	case DO_BORROW:
		return borrow(r->how, r->more);
	case DO_REGISTER_WITH: {
		struct uffdio_register arg = {
			.range = { (unsigned long)start, length },
			.mode = r->how,
		};

		return result_of(ioctl(r->more, UFFDIO_REGISTER, &arg));
	}
	case DO_PROTECT_PAGES: {
		struct uffdio_writeprotect arg = {
			.range = { (unsigned long)start, length },
			.mode = UFFDIO_WRITEPROTECT_MODE_WP,
		};

		return result_of(ioctl(UFFD, UFFDIO_WRITEPROTECT, &arg));
	}
	case DO_MAP_UNWRITABLE:
		return map_unwritable(start, length, r->how, r->more);
	case DO_MAP_UNSUITABLE:
		return map_unsuitable(start, length, r->how);
	case DO_MAP_HUGE:
		return result_of((long)mmap(start, length, r->how, MAP_PRIVATE | MAP_ANONYMOUS |
					    MAP_FIXED_NOREPLACE | MAP_HUGETLB, -1, 0));
	case DO_MAP_UNRESERVED:
		return result_of((long)mmap(start, length, r->how, MAP_PRIVATE | MAP_ANONYMOUS |
					    MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0));
	case DO_MAP_FRAMES:
		return map_frames(start, length, r->how);
	case DO_IMPLY:
		return result_of(personality(READ_IMPLIES_EXEC));
	case DO_LIMIT_SOFT: {
		struct rlimit limit = { r->first * page, r->more };

		return result_of(setrlimit(r->how, &limit));
	}
	}
	abort();
}

static void write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		complain("cannot write '%s' to %s: %s", text, name, strerror(errno));
	close(fd);
}

/*
 * Returns one bit for each page that is write-protected by a userfaultfd according to its
 * page table entry.
 */
static unsigned long protected_pages(const struct twin *twin)
{
	unsigned long long entries[PAGES];
	unsigned long set = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", twin->pid);
	fd = open(path, O_RDONLY);
	if (pread(fd, entries, sizeof(entries), address(0) / page * 8) != sizeof(entries))
		complain("cannot read %s", path);
	close(fd);
	for (size_t i = 0; i < PAGES; i++)
		set |= (entries[i] >> 57 & 1) << i;
	return set;
}

static void expect_protected(unsigned long wanted, int line)
{
	unsigned long our_pages = protected_pages(&ours), their_pages = protected_pages(&theirs);

	if (our_pages != wanted || their_pages != wanted)
		complain("line %d: pages %lx are protected, the twin's are %lx, not %lx", line,
			 our_pages, their_pages, wanted);
}

/* Unregistering clears the write protection of pages in the page tables. */
static void protection_is_taken_back(void)
{
	start_twins();
	both(DO_MAP, 0, 8, PROT_READ | PROT_WRITE);
	both(DO_MAP_FD, 10, 14, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 0, 8, .more = 1);
	both(DO_TOUCH, 10, 12, .more = 1);
	both(DO_REGISTER, 0, 8, UFFDIO_REGISTER_MODE_WP);
	both(DO_REGISTER, 10, 14, UFFDIO_REGISTER_MODE_WP);
	expect_protected(0, __LINE__);
	both(DO_PROTECT_PAGES, 2, 6);
	both(DO_PROTECT_PAGES, 11, 13);
	/* In shared memory, missing pages (12) can be protected as well. */
	expect_protected(0x183c, __LINE__);
	expect(same(DO_UNREGISTER, 0, 3) == 0);
	expect_protected(0x1838, __LINE__);
	expect(same(DO_UNREGISTER, 5, 12) == 0);
	expect_protected(0x1018, __LINE__);
	expect(same(DO_UNREGISTER, 0, 16) == 0);
	expect_protected(0, __LINE__);
	both(DO_TOUCH, 0, 8, .more = 2);
	both(DO_TOUCH, 10, 14, .more = 2);
	end_twins();
}

static int count_twin_vmas(const struct twin *twin)
{
	static char text[1 << 18];
	char path[64];
	int count = 0, fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", twin->pid);
	fd = open(path, O_RDONLY);
	read_all(fd, text, sizeof(text));
	close(fd);
	for (char *c = text; *c; c++)
		count += *c == '\n';
	/* x86's vsyscall page is not a VMA. */
	return count - !!strstr(text, "[vsyscall]");
}

/* Expects ENOMEM if the limit leaves room for one VMA less, and then success. */
static void expect_room(const struct request *request, int room, int line)
{
	for (int left = room - 1; left <= room; left++) {
		int before, error;

		expect(count_twin_vmas(&ours) == count_twin_vmas(&theirs));
		before = set_max_map_count(count_twin_vmas(&ours) + left);
		error = compare(request, "the limit", line);
		set_max_map_count(before);
		if (error != (left < room ? ENOMEM : 0))
			complain("line %d: errno %d, where %d VMAs more are allowed: %s", line,
				 error, left, outcome);
		if (error && !strstr(outcome, "vm.max_map_count"))
			complain("line %d: no sentence: %s", line, outcome);
	}
}

#define needs_room(room, ...) expect_room(&(struct request){ __VA_ARGS__ }, room, __LINE__)

/* mremap() requires room for four VMAs, no matter how many it needs. */
static void limits_of_vmas(void)
{
	start_twins();
	both(DO_MAP, 0, 8, PROT_READ | PROT_WRITE);
	needs_room(4, DO_REMAP, 8, 10);
	needs_room(0, DO_MAP, 20, 21, PROT_READ);
	needs_room(0, DO_MAP, 10, 11, PROT_READ | PROT_WRITE);
	expect(strstr(outcome, "merged below"));
	needs_room(1, DO_PROTECT, 0, 2, PROT_READ);
	end_twins();
}

/* ctl refuses another userfaultfd of the process, and a userfaultfd of another process. */
static void other_userfaultfds(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	both(DO_OPEN, .how = UFFD + 1);
	both(DO_REGISTER_WITH, 4, 8, UFFDIO_REGISTER_MODE_MISSING, UFFD + 1);
	refused(EBUSY, "is registered with another userfaultfd", DO_REGISTER, 4, 8,
		UFFDIO_REGISTER_MODE_MISSING);
	refused(EBUSY, "is registered with another userfaultfd", DO_REGISTER, 0, 16,
		UFFDIO_REGISTER_MODE_MISSING);
	refused(EINVAL, "was registered with another userfaultfd", DO_UNREGISTER, 6, 7);
	refused(EINVAL, "was registered with another userfaultfd", DO_UNREGISTER, 0, 16);
	expect(same(DO_REGISTER, 8, 12, UFFDIO_REGISTER_MODE_MISSING) == 0);

	/* Our twin now has a descriptor of the other twin's userfaultfd. */
	expect(ask_for(&ours, DO_BORROW, .how = UFFD + 2, .more = theirs.pid) == 0);
	for (int i = 0; i < 3; i++) {
		static const char *const modes[] = { "missing", "wp", "none" };

		expect(ctl("uffd %d %lx %lx %d %s", ours.pid, address(0), address(2), UFFD + 2,
			   modes[i]) == EINVAL);
		expect(strstr(outcome, "is a userfaultfd for another address space"));
		expect(write_and_read(PLAN, command, strlen(command), PLAN) == EINVAL);
		expect(strstr(outcome, "is a userfaultfd for another address space"));
		expect_alike(&ours, &theirs, "of another address space", i);
	}
	/* The same userfaultfd works for the address space that it belongs to. */
	expect(ctl("uffd %d %lx %lx %d missing", theirs.pid, address(0), address(2), UFFD) == 0);
	expect(ask_for(&ours, DO_REGISTER, 0, 2, UFFDIO_REGISTER_MODE_MISSING) == 0);
	expect_alike(&ours, &theirs, "each with its own", 0);
	end_twins();
}

static void memory_that_is_never_written(void)
{
	start_twins();
	both(DO_MAP_UNWRITABLE, 0, 4, PROT_READ);
	refused(EPERM, "can never be written", DO_REGISTER, 0, 4, UFFDIO_REGISTER_MODE_MISSING);
	refused(EACCES, "it was mapped without the right to it", DO_PROTECT, 0, 4,
		PROT_READ | PROT_WRITE);
	expect(same(DO_PROTECT, 0, 4, PROT_NONE) == 0);
	both(DO_MAP_DROPPABLE, 8, 10, PROT_READ | PROT_WRITE);
	refused(EINVAL, "may be dropped by the kernel", DO_MADVISE, 8, 10, MADV_DODUMP);
	expect(same(DO_MADVISE, 8, 10, MADV_DONTFORK) == 0);
	/* Sealed memory still accepts advice. */
	both(DO_MAP, 12, 14, PROT_READ | PROT_WRITE);
	both(DO_SEAL, 12, 14);
	expect(same(DO_MADVISE, 12, 14, MADV_DONTDUMP) == 0);
	end_twins();
}

/* Mounts the unsuitable file system, whose files may not be executed either. */
static void mount_unsuitable(void)
{
	mkdir(UNSUITABLE, 0700);
	if (mount("none", UNSUITABLE, "ramfs", MS_NOEXEC, NULL))
		complain("cannot mount: %s", strerror(errno));
	write_text(UNSUITABLE_FILE, "text");
}

/* A number of pages that no address space has, and one that does not fit behind the vdso. */
#define NO_SPACE ((1UL << 60) / page)
#define TOO_LONG ((1UL << 46) / page)

/* Returns the end of the vdso, which is the same in the twins. */
static size_t end_of_vdso(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long end = 0, at;
	char line[256];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]") && sscanf(line, "%*x-%lx", &at) == 1)
			end = at;
	fclose(maps);
	expect(end > address(0));
	return (end - address(0)) / page;
}

/* Of two obstacles, the outcome names the one that the system call finds first. */
static void the_first_obstacle(void)
{
	size_t end = end_of_vdso();
	int before;

	mount_unsuitable();
	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	both(DO_SEAL, 0, 4);
	refused(EPERM, "is sealed", DO_REMAP, 4, 6);
	before = set_max_map_count(count_twin_vmas(&ours) + 3);
	refused(ENOMEM, "vm.max_map_count", DO_REMAP, 4, 6);
	set_max_map_count(before);

	both(DO_MAP_UNWRITABLE, 10, 12, PROT_READ);
	both(DO_SEAL, 10, 12);
	refused(EACCES, "it was mapped without the right to it", DO_PROTECT, 10, 12,
		PROT_READ | PROT_WRITE);
	refused(EPERM, "is sealed", DO_PROTECT, 10, 12, PROT_NONE);

	both(DO_MAP_UNWRITABLE, 20, 22, PROT_READ, .more = 1);
	refused(EINVAL, "memory that cannot be registered for these events", DO_REGISTER, 20, 22,
		UFFDIO_REGISTER_MODE_MISSING);

	/* A userfaultfd that protects pages without notifications suits every VMA. */
	both(DO_OPEN, .how = UFFD + 1, .more = UFFD_FEATURE_WP_ASYNC);
	both(DO_MAP_UNSUITABLE, 24, 26, PROT_READ);
	both(DO_REGISTER_WITH, 24, 26, UFFDIO_REGISTER_MODE_WP, UFFD + 1);
	refused(EINVAL, "was registered with another userfaultfd", DO_UNREGISTER, 24, 26);

	refused(EFAULT, "follows a special mapping", DO_REMAP, end, end + TOO_LONG);
	refused(EINVAL, "reaches beyond the address space", DO_REGISTER, 0, NO_SPACE,
		UFFDIO_REGISTER_MODE_MISSING);
	refused(EINVAL, "reaches beyond the address space", DO_UNREGISTER, 0, NO_SPACE);
	both(DO_CLOSE, .how = UFFD);
	refused(EBADF, "has no descriptor", DO_REGISTER, 0, NO_SPACE,
		UFFDIO_REGISTER_MODE_MISSING);
	refused(EBADF, "has no descriptor", DO_UNREGISTER, 0, NO_SPACE);
	end_twins();
	expect(!umount(UNSUITABLE));
}

#define HUGE 512

static void huge_pages(void)
{
	write_text("/proc/sys/vm/nr_hugepages", "8\n");
	start_twins();
	both(DO_MAP_HUGE, 0, 2 * HUGE, PROT_READ | PROT_WRITE);
	refused(EINVAL, "cuts its huge pages; start and end at multiples of 200000", DO_REGISTER, 1,
		HUGE, UFFDIO_REGISTER_MODE_MISSING);
	refused(EINVAL, "cuts its huge pages", DO_REGISTER, 0, HUGE - 1,
		UFFDIO_REGISTER_MODE_MISSING);
	expect(same(DO_REGISTER, 0, HUGE, UFFDIO_REGISTER_MODE_MISSING) == 0);
	refused(EINVAL, "cuts its huge pages", DO_UNREGISTER, 1, HUGE);
	expect(same(DO_UNREGISTER, 0, HUGE) == 0);
	refused(EINVAL, "its driver says EINVAL", DO_PROTECT, 1, HUGE, PROT_READ);
	refused(EINVAL, "follows huge pages, which cannot grow", DO_REMAP, 2 * HUGE,
		2 * HUGE + 1);
	both(DO_MAP_HUGE, 4 * HUGE, 5 * HUGE, PROT_READ | PROT_WRITE);
	both(DO_SEAL, 4 * HUGE, 5 * HUGE);
	refused(EPERM, "is sealed", DO_REMAP, 5 * HUGE, 5 * HUGE + 1);
	/* Huge pages are special mappings, but MADV_DODUMP works nevertheless. */
	expect(same(DO_MADVISE, 0, 2 * HUGE, MADV_DONTDUMP) == 0);
	expect(same(DO_MADVISE, 0, 2 * HUGE, MADV_DODUMP) == 0);
	end_twins();
	write_text("/proc/sys/vm/nr_hugepages", "0\n");
}

/* READ_IMPLIES_EXEC, the personality of old programs, makes readable memory executable. */
static void reading_implies_executing(void)
{
	mount_unsuitable();
	start_twins();
	both(DO_MAP, 0, 8, PROT_READ | PROT_WRITE);
	both(DO_MAP_UNWRITABLE, 20, 22, PROT_NONE, .more = 1);
	both(DO_IMPLY);
	expect(same(DO_PROTECT, 0, 4, PROT_READ) == 0);
	expect(same(DO_PROTECT, 2, 3, PROT_NONE) == 0);
	expect(same(DO_PROTECT, 3, 4, PROT_WRITE) == 0);
	expect(same(DO_MAP, 10, 11, PROT_READ) == 0);
	expect(same(DO_MAP, 12, 13, PROT_NONE) == 0);
	expect(same(DO_MAP, 14, 15, PROT_WRITE) == 0);
	/* Memory that may not be executable does not become executable. */
	expect(same(DO_PROTECT, 20, 22, PROT_READ) == 0);
	end_twins();
	expect(!umount(UNSUITABLE));
}

/* Returns the number of pages that a line of a twin's status tells. */
static size_t pages_of(const struct twin *twin, const char *words)
{
	size_t kilobytes = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", twin->pid);
	file = fopen(path, "r");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, words, strlen(words)))
			sscanf(line + strlen(words), "%zu kB", &kilobytes);
	fclose(file);
	return kilobytes * 1024 / page;
}

/* Returns the number of pages of data of a twin. */
static size_t data_pages(const struct twin *twin)
{
	return pages_of(twin, "VmData:");
}

/* All pages that RLIMIT_AS allows can be mapped, but not more. */
static void limit_of_all_memory(void)
{
	size_t all;

	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	all = pages_of(&ours, "VmSize:");
	expect(all == pages_of(&theirs, "VmSize:"));
	both(DO_LIMIT_SOFT, all + 4, .how = RLIMIT_AS, .more = RLIM_INFINITY);
	refused(ENOMEM, "RLIMIT_AS", DO_MAP, 8, 13, PROT_READ);
	expect(same(DO_MAP, 8, 10, PROT_READ) == 0);
	refused(ENOMEM, "RLIMIT_AS", DO_REMAP, 4, 7);
	expect(same(DO_REMAP, 4, 6) == 0);
	end_twins();
}

/* Memory that was mapped without a charge is not charged when it becomes writable. */
static void unreserved_memory(void)
{
	start_twins();
	both(DO_MAP_UNRESERVED, 0, 4, PROT_READ);
	expect(same(DO_PROTECT, 0, 2, PROT_READ | PROT_WRITE) == 0);
	end_twins();
}

/* A soft limit of zero is treated as the hard limit, as in mmap(). */
static void limits_of_data(void)
{
	size_t data;

	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	both(DO_MAP, 30, 32, PROT_READ);
	data = data_pages(&ours);
	both(DO_LIMIT_SOFT, 0, .how = RLIMIT_DATA, .more = (data + 3) * page);
	expect(same(DO_MAP, 8, 10, PROT_READ | PROT_WRITE) == 0);
	refused(ENOMEM, "RLIMIT_DATA", DO_MAP, 12, 14, PROT_READ | PROT_WRITE);
	refused(ENOMEM, "RLIMIT_DATA", DO_PROTECT, 30, 32, PROT_READ | PROT_WRITE);
	refused(ENOMEM, "RLIMIT_DATA", DO_REMAP, 10, 12);
	expect(same(DO_REMAP, 10, 11) == 0);
	refused(ENOMEM, "RLIMIT_DATA", DO_PROTECT, 30, 31, PROT_READ | PROT_WRITE);
	/* Read-only memory is not data. */
	expect(same(DO_MAP, 12, 14, PROT_READ) == 0);
	end_twins();

	/* The data of all parts of one range is added up. */
	start_twins();
	both(DO_MAP, 30, 34, PROT_READ);
	both(DO_MADVISE, 32, 34, MADV_DONTFORK);
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	data = data_pages(&ours);
	both(DO_LIMIT_SOFT, data + 3, .how = RLIMIT_DATA, .more = RLIM_INFINITY);
	refused(ENOMEM, "RLIMIT_DATA", DO_PROTECT, 30, 34, PROT_READ | PROT_WRITE);
	/* Data beyond the limit may still be changed into other data. */
	both(DO_LIMIT_SOFT, 1, .how = RLIMIT_DATA, .more = RLIM_INFINITY);
	expect(same(DO_PROTECT, 0, 2, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
	end_twins();

	/* Any other soft limit applies. */
	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	data = data_pages(&ours);
	both(DO_LIMIT_SOFT, data + 1, .how = RLIMIT_DATA, .more = RLIM_INFINITY);
	expect(same(DO_MAP, 8, 9, PROT_READ | PROT_WRITE) == 0);
	refused(ENOMEM, "RLIMIT_DATA", DO_MAP, 12, 13, PROT_READ | PROT_WRITE);
	end_twins();
}

static void forget_what_is_dirty(const struct twin *twin)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/clear_refs", twin->pid);
	write_text(path, "4");
}

/* New memory is soft-dirty, on architectures that have such a bit. */
static void new_memory_is_dirty(void)
{
	start_twins();
	both(DO_MAP, 4, 8, PROT_READ | PROT_WRITE);
	both(DO_MAP, 20, 24, PROT_READ | PROT_WRITE);
	for (size_t first = 8; first < 20; first += 4) {
		forget_what_is_dirty(&ours);
		forget_what_is_dirty(&theirs);
		expect_alike(&ours, &theirs, "forgotten", first);
		expect(same(DO_MAP, first, first + 4, PROT_READ | PROT_WRITE) == 0);
		expect(strstr(outcome, first < 16 ? "merged below" : "merged both"));
	}
	forget_what_is_dirty(&ours);
	forget_what_is_dirty(&theirs);
	expect(same(DO_MAP, 30, 32, PROT_READ | PROT_WRITE) == 0);
	end_twins();
}

/*
 * A writer to ctl may make page frames inaccessible, even on a processor with L1TF, which
 * scripts/guest-tests emulates on x86_64.
 */
static void page_frames_become_inaccessible(void)
{
	start_twins();
	both(DO_MAP_FRAMES, 4, 9, PROT_READ | PROT_WRITE);
	expect(same(DO_PROTECT, 4, 9, PROT_READ) == 0);
	expect(same(DO_PROTECT, 4, 9, PROT_NONE) == 0);
	expect(same(DO_PROTECT, 4, 9, PROT_READ | PROT_WRITE) == 0);
	end_twins();
}

/* Fills the pages at which somebody waits. */
static void *fill_pages(void *descriptor)
{
	int fd = *(int *)descriptor;
	struct uffd_msg event;

	while (read(fd, &event, sizeof(event)) == sizeof(event)) {
		struct uffdio_zeropage zero = {
			.range = { event.arg.pagefault.address & -page, page },
		};

		ioctl(fd, UFFDIO_ZEROPAGE, &zero);
	}
	return NULL;
}

/* Locked memory that becomes larger is made present, even if each of its pages is waited for. */
static void locked_memory_is_present(void)
{
	enum { FEW = 20, MANY = 1100 };
	static unsigned char present[MANY];
	struct uffdio_register these = {
		.range = { (unsigned long)OURS, 2 * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	pthread_t filler;

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &these));
	expect(!pthread_create(&filler, NULL, fill_pages, &fd));
	expect(!mlock(OURS, 2 * page));
	expect(!ctl("extend self %p %p", OURS + 2 * page, OURS + FEW * page));
	expect(!mincore(OURS, FEW * page, present));
	for (int i = 0; i < FEW; i++)
		expect(present[i] & 1);
	pthread_cancel(filler);
	pthread_join(filler, NULL);
	close(fd);

	/* More than is made present without releasing the mmap lock. */
	expect(!ctl("extend self %p %p", OURS + FEW * page, OURS + MANY * page));
	expect(!mincore(OURS, MANY * page, present));
	for (int i = 0; i < MANY; i++)
		expect(present[i] & 1);
	munmap(OURS, MANY * page);
}

static const struct test tests[] = {
	test(locked_memory_is_present),
	test(protection_is_taken_back),
	test(limits_of_vmas),
	test(other_userfaultfds),
	test(memory_that_is_never_written),
	test(the_first_obstacle),
	test(huge_pages),
	test(reading_implies_executing),
	test(limit_of_all_memory),
	test(unreserved_memory),
	test(limits_of_data),
	test(new_memory_is_dirty),
	test(page_frames_become_inaccessible),
};

int main(void)
{
	carry_out_more = do_more;
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
