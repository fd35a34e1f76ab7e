// SPDX-License-Identifier: GPL-2.0
/* Loads and unloads the module, and reads how many calls an engine has executed. */
#include "syscall_cost.h"
#include <fcntl.h>
#include <sys/syscall.h>

#define MODULE "/lib/modules/rust_vma.ko"
#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define LOADED "/sys/module/rust_vma"
#define CORE_SIZE LOADED "/coresize"

static int module = -1;

/* Checks that the module is not loaded, because rows would otherwise be measured with it. */
void check_module_is_out(void)
{
	if (access(LOADED, F_OK))
		return;
	fputs("syscall_cost: rust_vma.ko is loaded; it has to be out at the beginning\n", stderr);
	exit(2);
}

void open_module(void)
{
	module = open(MODULE, O_RDONLY | O_CLOEXEC);
	must(module >= 0, MODULE);
}

void load(enum engine engine)
{
	const char *parameter = engine == RUST ? "engine=1" : "engine=0";

	must(!syscall(SYS_finit_module, module, parameter, 0), "loading rust_vma.ko");
}

void unload(void)
{
	must(!syscall(SYS_delete_module, "rust_vma", O_NONBLOCK), "unloading rust_vma.ko");
}

/*
 * Reads a file without the streams of the C library, which would allocate and change the
 * address space.
 */
static const char *read_text(const char *name)
{
	static char text[4096];
	int fd = open(name, O_RDONLY);
	ssize_t got;

	must(fd >= 0, name);
	got = read(fd, text, sizeof(text) - 1);
	must(got >= 0, name);
	text[got] = 0;
	close(fd);
	return text;
}

/*
 * Returns the calls of all hooked functions. Each has a line "NAME CALLS-BY-C
 * CALLS-BY-RUST ...".
 */
unsigned long executed(enum engine engine)
{
	const char *line = read_text(ENGINE);
	unsigned long calls[ENGINES];
	unsigned long sum = 0;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*s %lu %lu %*u", &calls[C], &calls[RUST]) == 2)
			sum += calls[engine];
	}
	return sum;
}

/* Returns the size of code and data, in whole pages, without per-CPU data. */
unsigned long memory_held(void)
{
	return strtoul(read_text(CORE_SIZE), NULL, 10);
}
