// SPDX-License-Identifier: GPL-2.0
/* The file maps, and properties of all files in debugfs. */
#include "harness.h"
#include "engine.h"

/* Expects the ranges and permissions of /proc/self/maps in maps. */
static void compare_maps(void)
{
	static char ours[1 << 20], theirs[1 << 20];
	char *our_line, *their_line, *our_rest, *their_rest;
	unsigned long start, end, other_start, other_end;
	char permissions[5], other_permissions[5];
	int fd = open(MAPS, O_RDONLY);

	read_all(fd, ours, sizeof(ours));
	close(fd);
	fd = open("/proc/self/maps", O_RDONLY);
	read_all(fd, theirs, sizeof(theirs));
	close(fd);

	our_line = strtok_r(ours, "\n", &our_rest);
	their_line = strtok_r(theirs, "\n", &their_rest);
	for (; our_line && their_line; our_line = strtok_r(NULL, "\n", &our_rest),
	     their_line = strtok_r(NULL, "\n", &their_rest)) {
		/* x86's vsyscall page is not a VMA. */
		if (sscanf(our_line, "%lx-%lx %4s", &start, &end, permissions) != 3 ||
		    sscanf(their_line, "%lx-%lx %4s", &other_start, &other_end,
			   other_permissions) != 3 ||
		    start != other_start || end != other_end ||
		    strcmp(permissions, other_permissions)) {
			complain("'%s' and '%s' differ", our_line, their_line);
			return;
		}
	}
	if (our_line || (their_line && !strstr(their_line, "[vsyscall]")))
		complain("one of the lists is longer: '%s' '%s'",
			 our_line ? our_line : "", their_line ? their_line : "");
}

/* Nothing has been written to maps yet, because the module was just loaded. */
static void maps_of_the_reader(void)
{
	expect(!unload("rust_vma") && !load("rust_vma", ""));
	compare_maps();
}

static void choose_self(void)
{
	char pid[16];

	sprintf(pid, "%d", getpid());
	expect(ask_file(MAPS, pid, strlen(pid)) == 0);
}

/* The list has so many VMAs that it needs several pieces. */
static void maps_of_many(void)
{
	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	choose_self();
	compare_maps();
}

/* Returns the line of maps about the VMA that starts at addr, or an empty string. */
static const char *line_at(const char *addr)
{
	static char text[1 << 20];
	char wanted[32], *line;
	int fd = open(MAPS, O_RDONLY);

	*text = '\n';
	read_all(fd, text + 1, sizeof(text) - 1);
	close(fd);
	snprintf(wanted, sizeof(wanted), "\n%012lx-", (unsigned long)addr);
	line = strstr(text, wanted);
	if (!line)
		return "";
	*strchrnul(line + 1, '\n') = 0;
	return line + 1;
}

/* Expects these words after the range. */
static void expect_words(const char *addr, size_t pages, const char *words, int line)
{
	char wanted[8192];

	snprintf(wanted, sizeof(wanted), "%012lx-%012lx %s", (unsigned long)addr,
		 (unsigned long)addr + pages * page, words);
	if (strcmp(line_at(addr), wanted))
		complain("line %d: '%s', not '%s'", line, line_at(addr), wanted);
}

/* Each word of a line, alone and with others. */
static void words_of_a_line(void)
{
	int fd = open("/tmp/a file", O_RDWR | O_CREAT, 0600);

	choose_self();
	expect(ftruncate(fd, 16 * page) == 0);
	must_map(OURS, 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect_words(OURS, 16, "rw-p 700000000 anon", __LINE__);
	madvise(OURS, page, MADV_DONTFORK);
	madvise(OURS + page, page, MADV_DONTDUMP);
	madvise(OURS + 2 * page, page, MADV_SEQUENTIAL);
	madvise(OURS + 3 * page, page, MADV_RANDOM);
	mprotect(OURS + 4 * page, page, PROT_NONE);
	mprotect(OURS + 5 * page, page, PROT_READ | PROT_EXEC);
	expect_words(OURS, 1, "rw-p 700000000 anon dontfork", __LINE__);
	expect_words(OURS + page, 1, "rw-p 700000001 anon dontdump", __LINE__);
	expect_words(OURS + 2 * page, 1, "rw-p 700000002 anon seq", __LINE__);
	expect_words(OURS + 3 * page, 1, "rw-p 700000003 anon rand", __LINE__);
	expect_words(OURS + 4 * page, 1, "---p 700000004 anon", __LINE__);
	expect_words(OURS + 5 * page, 1, "r-xp 700000005 anon", __LINE__);
	OURS[8 * page] = 1;
	expect_words(OURS + 6 * page, 10, "rw-p 700000006 anon faulted", __LINE__);
	madvise(OURS + 6 * page, page, MADV_DONTFORK);
	madvise(OURS + 6 * page, page, MADV_DONTDUMP);
	madvise(OURS + 6 * page, page, MADV_SEQUENTIAL);
	expect_words(OURS + 6 * page, 1, "rw-p 700000006 anon faulted dontfork dontdump seq",
		     __LINE__);

	mmap(OURS + 20 * page, 2 * page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 3 * page);
	expect_words(OURS + 20 * page, 2, "r--p 3 file /tmp/a file", __LINE__);
	mmap(OURS + 30 * page, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
	     10 * page);
	expect_words(OURS + 30 * page, 2, "rw-s a shared /tmp/a file", __LINE__);
	close(fd);
	unlink("/tmp/a file");
	expect_words(OURS + 30 * page, 2, "rw-s a shared /tmp/a file (deleted)", __LINE__);
}

/* Sealed memory, in a child because it cannot be unmapped, and the vdso. */
static void sealed_and_special(void)
{
	char line[512];
	unsigned long start = 0, end = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	int status = -1;
	pid_t child;

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]"))
			sscanf(line, "%lx-%lx", &start, &end);
	fclose(maps);
	fflush(stdout);
	child = fork();
	if (!child) {
		const char *vdso;

		choose_self();
		must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		expect(syscall(SYS_mseal, OURS, 2 * page, 0) == 0);
		expect_words(OURS, 2, "rw-p 700000000 anon sealed", __LINE__);
		vdso = line_at((char *)start);
		expect(start && strlen(vdso) > 8 && !strcmp(vdso + strlen(vdso) - 8, " special"));
		fflush(stdout);
		_exit(failed);
	}
	waitpid(child, &status, 0);
	expect(WIFEXITED(status) && !WEXITSTATUS(status));
	choose_self();
}

/* A path of 2,400 bytes, each of which is escaped as four bytes, does not fit into 8 KiB. */
static void longest_path(void)
{
	char name[201], path[4096] = "/tmp";
	int fd, deep;

	choose_self();
	memset(name, 1, 200);
	name[200] = 0;
	expect(chdir("/tmp") == 0);
	for (deep = 0; deep < 12; deep++)
		expect(mkdir(name, 0700) == 0 && chdir(name) == 0);
	fd = open("mapped", O_RDWR | O_CREAT, 0600);
	expect(ftruncate(fd, page) == 0);
	must_map(OURS, 1, MAP_SHARED, fd);
	/* The list continues after it. */
	must_map(OURS + 2 * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect_words(OURS, 1, "rw-s 0 shared (its path is too long)", __LINE__);
	expect_words(OURS + 2 * page, 1, "rw-p 700000002 anon", __LINE__);
	close(fd);
	munmap(OURS, page);
	unlink("mapped");
	for (int i = 0; i < deep; i++)
		expect(chdir("..") == 0 && rmdir(name) == 0);
	/* Unprintable bytes are escaped. */
	snprintf(path, sizeof(path), "/tmp/a\001b\\");
	fd = open(path, O_RDWR | O_CREAT, 0600);
	expect(ftruncate(fd, page) == 0);
	must_map(OURS, 1, MAP_SHARED, fd);
	close(fd);
	expect_words(OURS, 1, "rw-s 0 shared /tmp/a\\x01b\\", __LINE__);
	unlink(path);
}

static void help_names_every_file(void)
{
	static const char *const files[] = {
		"\nctl ", "\nmaps ", "\nexplain ", "\nexplain.jsonl ", "\nengine ",
	};
	static char text[8192] = "\n";
	int fd = open("/sys/kernel/debug/rust_vma/help", O_RDWR);

	read_all(fd, text + 1, sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		expect(strstr(text, files[i]));
	expect(write(fd, "x", 1) == -1);
	close(fd);
}

static void module_stays_while_open(void)
{
	int fd = open(MAPS, O_RDONLY);

	expect(fd >= 0);
	expect(syscall(SYS_delete_module, "rust_vma", O_NONBLOCK) == -1 &&
	       errno == EWOULDBLOCK);
	close(fd);
}

static void only_root_may(void)
{
	struct stat status;

	expect(stat(CTL, &status) == 0 && (status.st_mode & 07777) == 0600);
	expect(stat(MAPS, &status) == 0 && (status.st_mode & 07777) == 0600);
}

static const struct test tests[] = {
	test(maps_of_the_reader),
	test(maps_of_many),
	test(words_of_a_line),
	test(sealed_and_special),
	test(longest_path),
	test(only_root_may),
	test(help_names_every_file),
	test(module_stays_while_open),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
