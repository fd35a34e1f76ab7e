// SPDX-License-Identifier: GPL-2.0
/*
 * The capabilities that the files in debugfs require. They are required of the writer,
 * not of the process that is changed, nor of the process that opened the file.
 */
#include "harness.h"
#include "twin.h"
#include <dirent.h>
#include <linux/capability.h>

#define FOLDER "/sys/kernel/debug/rust_vma"
#define EXPLAIN FOLDER "/explain"
#define MMAP_MIN_ADDR "/proc/sys/vm/mmap_min_addr"

static struct twin ours;

/* The capability sets of the calling thread, each of two words of 32 capabilities. */
struct sets {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[2];
};

static void get_capabilities(struct sets *sets)
{
	sets->header = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, 0 };
	if (syscall(SYS_capget, &sets->header, sets->data))
		complain("capget: %s", strerror(errno));
}

static void set_capabilities(struct sets *sets)
{
	if (syscall(SYS_capset, &sets->header, sets->data))
		complain("capset: %s", strerror(errno));
}

/* Removes a capability from the effective set, or restores it. It stays permitted. */
static void have(unsigned int capability, bool wanted)
{
	struct sets sets;
	unsigned int bit = 1U << capability % 32;
	__u32 *effective;

	get_capabilities(&sets);
	effective = &sets.data[capability / 32].effective;
	*effective = wanted ? *effective | bit : *effective & ~bit;
	set_capabilities(&sets);
}

/* Drops a capability for good. */
static void renounce(unsigned int capability)
{
	struct sets sets;
	unsigned int bit = 1U << capability % 32;

	get_capabilities(&sets);
	sets.data[capability / 32].effective &= ~bit;
	sets.data[capability / 32].permitted &= ~bit;
	set_capabilities(&sets);
}

/* Runs a part of a test in a child, which can give up capabilities without its parent. */
static void in_child(void (*run)(void), int line)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		run();
		fflush(stdout);
		_exit(failed);
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		complain("line %d: the child ended with status %x", line, status);
}

/* Each verb, about a part of the twin's memory. In this order, all commands succeed. */
static const char *const verbs[] = {
	"flags %d %lx %lx +dontfork",
	"protect %d %lx %lx r--",
	"name %d %lx %lx name",
	"policy %d %lx %lx bind:0",
	"uffd %d %lx %lx 100 missing",
	"uffd %d %lx %lx 100 none",
	"new %d %lx %lx",
	"extend %d %lx %lx",
	"split %d %lx",
	"merge %d %lx %lx",
	/* ctl also refuses these for another reason. */
	"unmap %d %lx %lx",
	"move %d %lx %lx 600000020000",
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static void command_with(const char *verb)
{
	size_t first = 4, last = 8;

	if (!strncmp(verb, "new", 3)) {
		first = 16;
		last = 18;
	} else if (!strncmp(verb, "extend", 6)) {
		first = 18;
		last = 20;
	} else if (!strncmp(verb, "split", 5)) {
		first = 6;
	}
	snprintf(command, sizeof(command), verb, ours.pid, address(first), address(last));
}

static void start_our_twin(void)
{
	ours = start_twin();
	expect(ask_for(&ours, DO_MAP, 0, 16, PROT_READ | PROT_WRITE) == 0);
}

/* Writes to an open file, then reads the outcome from it. Returns 0 or the errno. */
static int write_open(int fd, const char *text)
{
	int error = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : errno;

	read_all(fd, outcome, sizeof(outcome));
	return error;
}

static int commands[2];

/*
 * Returns the errno with which ctl refuses a command that plan accepts, before it looks
 * for the process, or 0.
 */
static int for_ctl(const char *line)
{
	return strncmp(line, "unmap", 5) && strncmp(line, "move", 4) ? 0 : EOPNOTSUPP;
}

/* Expects that ctl and plan refuse every verb in this way, and that nothing has changed. */
static void expect_all_refused(int wanted, const char *words, int line)
{
	static char before[1 << 16], after[1 << 16];

	describe_twin(&ours, before, sizeof(before));
	for (size_t i = 0; i < VERBS; i++) {
		for (size_t j = 0; j < 2; j++) {
			int error;

			command_with(verbs[i]);
			if (!j && wanted == EACCES && for_ctl(command))
				continue;
			error = write_open(commands[j], command);
			if (error != wanted || !strstr(outcome, words) ||
			    !strstr(outcome, "; nothing has changed\n"))
				complain("line %d: %s, written to %s: errno %d, not %d; %s", line,
					 command, j ? "plan" : "ctl", error, wanted, outcome);
		}
	}
	describe_twin(&ours, after, sizeof(after));
	if (strcmp(before, after))
		complain("line %d: it was refused, and done", line);
}

static void without_administering(void)
{
	have(CAP_SYS_ADMIN, false);
	expect_all_refused(EPERM, "refused (EPERM): this needs CAP_SYS_ADMIN, which you do not",
			   __LINE__);
	/* The capability is checked first, before the line is read. */
	expect(write_open(commands[0], "nonsense") == EPERM);
	expect(write_open(commands[1], "flags 999999 0 1000 +seq") == EPERM);
	/* The check is the same for several lines. */
	expect(write_open(commands[0], "nonsense\nflags 999999 0 1000 +seq\n") == EPERM);
	expect(write_open(commands[1], "nonsense\nflags 999999 0 1000 +seq\n") == EPERM);
	/* Even the writer's own memory requires the capability. */
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	snprintf(command, sizeof(command), "split %d %lx", getpid(), (unsigned long)OURS + page);
	expect(write_open(commands[0], command) == EPERM);
	expect(count_vmas() == 1);
	/* The effective set decides, not the permitted one. */
	have(CAP_SYS_ADMIN, true);
	expect(write_open(commands[0], command) == 0);
	expect(count_vmas() == 2);
}

static void open_commands(void)
{
	commands[0] = open(CTL, O_RDWR);
	commands[1] = open(PLAN, O_RDWR);
	expect(commands[0] >= 0 && commands[1] >= 0);
}

static void close_commands(void)
{
	close(commands[0]);
	close(commands[1]);
}

/* The parent opens the files with all capabilities; the child, which writes, lacks one of them. */
static void administering(void)
{
	start_our_twin();
	open_commands();
	in_child(without_administering, __LINE__);
	/* Nothing but the missing capability is wrong with these commands. */
	for (size_t i = 0; i < VERBS; i++) {
		command_with(verbs[i]);
		if (write_open(commands[1], command))
			complain("plan of %s: %s", command, outcome);
		if (write_open(commands[0], command) != for_ctl(command))
			complain("%s: %s", command, outcome);
	}
	close_commands();
	end_twin(&ours);
}

#define ENGINE FOLDER "/engine"
#define STATS FOLDER "/stats"

static int files[2];

/* Choosing the engine affects the whole machine, and requires CAP_SYS_ADMIN. */
static void without_administering_the_machine(void)
{
	static const char *const words[][2] = { { "rust", "nonsense" }, { "reset", "nonsense" } };
	char before[64], after[64];

	read_all(files[0], before, sizeof(before));
	have(CAP_SYS_ADMIN, false);
	for (size_t i = 0; i < 4; i++) {
		const char *word = words[i / 2][i % 2];
		int said = open(CTL, O_RDONLY);

		expect(write(files[i / 2], word, strlen(word)) == -1 && errno == EPERM);
		read_all(said, outcome, sizeof(outcome));
		expect(strstr(outcome, "refused (EPERM): this needs CAP_SYS_ADMIN, which you"));
		close(said);
	}
	read_all(files[0], after, sizeof(after));
	expect(!strncmp(before, after, strlen("engine rust")));
	/* Any process that has the files open may read them. */
	expect(read(files[1], after, 1) == 1);
	have(CAP_SYS_ADMIN, true);
	expect(write(files[0], "nonsense", 8) == -1 && errno == EINVAL);
	expect(write(files[1], "reset", 5) == 5);
}

/* The parent opens the files; the child, which writes, lacks the capability. */
static void administering_the_machine(void)
{
	files[0] = open(ENGINE, O_RDWR);
	files[1] = open(STATS, O_RDWR);
	expect(files[0] >= 0 && files[1] >= 0);
	in_child(without_administering_the_machine, __LINE__);
	close(files[0]);
	close(files[1]);
}

static const char no_debugger[] = "you may not do that to process ";

static void without_debugging(void)
{
	int maps = open(MAPS, O_RDWR), explain = open(EXPLAIN, O_RDWR);
	int later[] = { open(MAPS, O_RDWR), open(EXPLAIN, O_RDWR) };
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", ours.pid);
	renounce(CAP_SYS_PTRACE);
	expect_all_refused(EACCES, no_debugger, __LINE__);
	/* CAP_PERFMON suffices for reading. */
	expect(write(maps, pid, strlen(pid)) == (ssize_t)strlen(pid));
	expect(write(explain, pid, strlen(pid)) == (ssize_t)strlen(pid));
	read_all(maps, outcome, sizeof(outcome));
	expect(strstr(outcome, "600000000000-600000010000"));
	for (size_t i = 0; i < 2; i++)
		expect(write(later[i], pid, strlen(pid)) == (ssize_t)strlen(pid));

	renounce(CAP_PERFMON);
	renounce(CAP_SYS_ADMIN);
	/* Readers get the reason. */
	expect(write_open(maps, pid) == EACCES);
	expect(strstr(outcome, "refused (EACCES): ") == outcome && strstr(outcome, no_debugger));
	expect(write_open(explain, pid) == EACCES);
	expect(strstr(outcome, "refused (EACCES): ") == outcome && strstr(outcome, no_debugger));
	/* Permission is checked again when a file is read. */
	for (size_t i = 0; i < 2; i++) {
		expect(read(later[i], outcome, 1) == -1 && errno == EACCES);
		close(later[i]);
	}
	close(maps);
	close(explain);
}

/* A process may always change itself. */
static void without_debugging_oneself(void)
{
	renounce(CAP_SYS_PTRACE);
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(1, 2, "+dontfork") == 0);
	expect(count_vmas() == 3);
}

static void debugging(void)
{
	start_our_twin();
	expect(ask_for(&ours, DO_BECOME, 0, 0, 1000) == 0);
	open_commands();
	in_child(without_debugging, __LINE__);
	in_child(without_debugging_oneself, __LINE__);
	command_with(verbs[0]);
	expect(write_open(commands[0], command) == 0);
	close_commands();
	end_twin(&ours);
}

/*
 * ctl compares the permitted set with that of the process, as ptrace() does; maps
 * compares the effective set, as /proc/PID/maps does. In this test, the permitted sets
 * are equal.
 */
static void permitted_is_enough_to_change(void)
{
	char pid[16];
	int maps;

	maps = open(MAPS, O_RDWR);
	snprintf(pid, sizeof(pid), "%d", ours.pid);
	have(CAP_SYS_PTRACE, false);
	command_with(verbs[0]);
	expect(write_open(commands[1], command) == 0);
	expect(write_open(commands[0], command) == 0);
	have(CAP_PERFMON, false);
	have(CAP_SYS_ADMIN, false);
	expect(write(maps, pid, strlen(pid)) == -1 && errno == EACCES);
	have(CAP_SYS_PTRACE, true);
	expect(write(maps, pid, strlen(pid)) == (ssize_t)strlen(pid));
	close(maps);
}

static void permitted_and_effective(void)
{
	start_our_twin();
	open_commands();
	in_child(permitted_is_enough_to_change, __LINE__);
	close_commands();
	end_twin(&ours);
}

/* The twin's RLIMIT_MEMLOCK, in pages. */
#define LOCKED_LIMIT 4

static int command_about(const char *verb, size_t first, size_t last)
{
	int planned;

	snprintf(command, sizeof(command), "%s %d %lx %lx", verb, ours.pid, address(first),
		 address(last));
	planned = write_open(commands[1], command);
	if (write_open(commands[0], command) != planned)
		complain("%s: planned %d; %s", command, planned, outcome);
	return planned;
}

/* Returns the errno that plan predicts for two changes, of which the second maps memory. */
static int planned_together(const char *verb, size_t first, size_t last, size_t start, size_t end)
{
	snprintf(command, sizeof(command), "%s %d %lx %lx and new %d %lx %lx", verb, ours.pid,
		 address(first), address(last), ours.pid, address(start), address(end));
	return write_open(commands[1], command);
}

static void without_locking(void)
{
	struct rlimit none = { 0, 0 };

	/* The writer's own limit does not matter. */
	expect(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
	renounce(CAP_IPC_LOCK);
	/* A change counts the pages that an earlier change has locked or unmapped. */
	expect(planned_together("new", 20, 22, 30, 32) == 0);
	expect(planned_together("new", 20, 22, 30, 33) == EAGAIN);
	expect(command_about("new", 20, 24) == 0);
	expect(planned_together("unmap", 20, 24, 30, 34) == 0);
	expect(planned_together("unmap", 21, 24, 30, 34) == EAGAIN);
	expect(command_about("new", 30, 31) == EAGAIN);
	expect(strstr(outcome, "RLIMIT_MEMLOCK"));
	expect(command_about("extend", 24, 25) == EAGAIN);
	expect(strstr(outcome, "RLIMIT_MEMLOCK"));
	/* This limit is checked before the limit of all memory, as in mmap() and mremap(). */
	expect(ask_for(&ours, DO_LIMIT, 0, 0, RLIMIT_AS, page) == 0);
	expect(command_about("new", 30, 31) == EAGAIN);
	expect(command_about("extend", 24, 25) == EAGAIN);
	expect(ask_for(&ours, DO_LIMIT, 0, 0, RLIMIT_AS, 1UL << 46) == 0);
}

/* The twin always has CAP_IPC_LOCK, which does not help the writer. */
static void locking(void)
{
	start_our_twin();
	open_commands();
	expect(ask_for(&ours, DO_LIMIT, 0, 0, RLIMIT_MEMLOCK, LOCKED_LIMIT * page) == 0);
	expect(ask_for(&ours, DO_LOCK_ALL, 0, 0, MCL_FUTURE) == 0);
	in_child(without_locking, __LINE__);
	/* The range has eight pages, but the limit is four. */
	expect(command_about("new", 30, 38) == 0);
	expect(command_about("extend", 24, 25) == 0);
	close_commands();
	end_twin(&ours);
}

/* Maps a page below vm.mmap_min_addr in the twin. */
static void low_memory_of_twin(int wanted, int line)
{
	int planned, error;

	snprintf(command, sizeof(command), "new %d 10000 11000", ours.pid);
	planned = write_open(commands[1], command);
	error = write_open(commands[0], command);
	if (planned != wanted || error != wanted)
		complain("line %d: errno %d, planned %d, not %d; %s", line, error, planned, wanted,
			 outcome);
}

static void without_low_memory(void)
{
	renounce(CAP_SYS_RAWIO);
	low_memory_of_twin(EPERM, __LINE__);
	expect(strstr(outcome, "is refused by a security module, which says EPERM"));
}

static long set_lowest_address(long address)
{
	FILE *file = fopen(MMAP_MIN_ADDR, "r+");
	long before = -1;

	if (!file || fscanf(file, "%ld", &before) != 1)
		exit(2);
	rewind(file);
	fprintf(file, "%ld\n", address);
	fclose(file);
	return before;
}

static void low_memory(void)
{
	long before = set_lowest_address(0x20000);

	start_our_twin();
	open_commands();
	in_child(without_low_memory, __LINE__);
	low_memory_of_twin(0, __LINE__);
	/* The security module is asked before the existing mapping is looked at. */
	in_child(without_low_memory, __LINE__);
	close_commands();
	end_twin(&ours);
	set_lowest_address(before);
}

/* Only root may open any of the files. */
static void modes(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;
	struct stat status;
	char path[512];
	mode_t wanted;
	int count = 0;

	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), FOLDER "/%s", entry->d_name);
		wanted = strcmp(entry->d_name, "help") ? 0600 : 0400;
		if (stat(path, &status) || (status.st_mode & 07777) != wanted || status.st_uid)
			complain("%s has mode %o", path, status.st_mode & 07777);
		count++;
	}
	closedir(folder);
	expect(count == 8);
}

static void every_verb(void)
{
	expect_every_verb(verbs, sizeof(verbs) / sizeof(*verbs), sizeof(*verbs));
}

static const struct test tests[] = {
	test(every_verb),
	test(administering),
	test(administering_the_machine),
	test(debugging),
	test(permitted_and_effective),
	test(locking),
	test(low_memory),
	test(modes),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
