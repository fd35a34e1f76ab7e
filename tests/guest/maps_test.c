// SPDX-License-Identifier: GPL-2.0
/* What maps shows, and what holds for all files in debugfs. */
#include "harness.h"
#include "engine.h"

/* The ranges and permissions in maps are those of /proc/self/maps. */
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

/* Nobody has written to maps yet, as the module has just come. */
static void maps_of_the_reader(void)
{
	expect(!unload("rust_vma") && !load("rust_vma", ""));
	compare_maps();
}

/* As many VMAs as it takes to need several pieces. */
static void maps_of_many(void)
{
	char pid[16];

	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	sprintf(pid, "%d", getpid());
	expect(write_to(MAPS, pid, strlen(pid)) == 0);
	compare_maps();
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
	test(only_root_may),
	test(help_names_every_file),
	test(module_stays_while_open),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
