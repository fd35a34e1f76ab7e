// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of the system calls that merge and split VMAs, in instructions
 * (scripts/bench-syscalls):
 *
 *   syscall_cost engines ROUNDS      without the module and with engine rust, alternately
 *   syscall_cost hook SIDE ROUNDS    without the module; SIDE is c for the kernel without the
 *                                    hook, rust for the kernel with it
 *   syscall_cost calls               the number of hooked calls in each row
 *   syscall_cost module ROUNDS       the cost of loading the module, and the memory that it holds
 *
 * The first command prints a line "sample syscalls ROW SIDE INSTRUCTIONS" for each row,
 * side and round, and the others print similar lines. The module must not be loaded
 * before. The program executes itself:
 *
 *   syscall_cost measure ROW         one measurement of the row with this number
 *   syscall_cost count ROW           the number of hooked calls in the row
 *   syscall_cost exit                nothing; the row fork-exec starts this program
 */
#include "syscall_cost.h"
#include <sys/personality.h>

static unsigned int rounds;
static unsigned long samples[ROWS][ENGINES][MOST_ROUNDS];

static const char *const sides[] = { "c", "rust" };

noreturn void give_up(const char *what)
{
	fprintf(stderr, "syscall_cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static noreturn void say_usage(void)
{
	fputs("syscall_cost engines ROUNDS\n"
	      "syscall_cost hook c|rust ROUNDS\n"
	      "syscall_cost calls\n"
	      "syscall_cost module ROUNDS\n", stderr);
	exit(2);
}

static void measure_rows(int count, enum engine side, unsigned int round)
{
	for (int row = 0; row < count; row++)
		samples[row][side][round] = measure_apart(row);
}

static void print_samples(int count, const char *group, enum engine side)
{
	for (int row = 0; row < count; row++)
		for (unsigned int round = 0; round < rounds; round++)
			printf("sample %s %s %s %lu\n", group, rows[row].name, sides[side],
			       samples[row][side][round]);
}

/* Measures all rows with Rust, and checks that the module has not fallen back to C. */
static void measure_rust(unsigned int round)
{
	unsigned long before = executed(RUST);

	measure_rows(ROWS, RUST, round);
	if (executed(RUST) != before && !executed(C))
		return;
	fputs("syscall_cost: Rust has not executed all calls\n", stderr);
	exit(1);
}

static void compare_engines(void)
{
	open_module();
	for (unsigned int round = 0; round < rounds; round++) {
		measure_rows(ROWS, C, round);
		load(RUST);
		measure_rust(round);
		unload();
	}
	print_samples(ROWS, "syscalls", C);
	print_samples(ROWS, "syscalls", RUST);
}

static void measure_hook(enum engine side)
{
	for (unsigned int round = 0; round < rounds; round++)
		measure_rows(HOOK_ROWS, side, round);
	print_samples(HOOK_ROWS, "hook", side);
}

static void count_calls(void)
{
	open_module();
	load(C);
	for (int row = 0; row < HOOK_ROWS; row++)
		printf("calls hook %s %lu\n", rows[row].name, count_apart(row));
	unload();
}

static void weigh_module(void)
{
	static unsigned long loading[MOST_ROUNDS];
	unsigned long memory = 0;

	open_module();
	for (unsigned int round = 0; round < rounds; round++) {
		unsigned long start = instructions();

		load(RUST);
		loading[round] = instructions() - start;
		memory = memory_held();
		unload();
	}
	printf("module insmod %lu instructions\n", median(loading, rounds));
	printf("module memory %lu bytes\n", memory);
}

static unsigned int number(const char *text, unsigned int least, unsigned int most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < least || value > most)
		say_usage();
	return value;
}

/* Returns the side that a word names, or ENGINES if there is none. */
static enum engine side_of(const char *word)
{
	enum engine side = C;

	while (side < ENGINES && strcmp(word, sides[side]))
		side++;
	return side;
}

static void run(const char *what, char **rest, int count)
{
	if (!strcmp(what, "calls") && !count)
		return count_calls();
	if (!count)
		say_usage();
	rounds = number(rest[count - 1], 1, MOST_ROUNDS);
	if (!strcmp(what, "engines") && count == 1)
		compare_engines();
	else if (!strcmp(what, "module") && count == 1)
		weigh_module();
	else if (!strcmp(what, "hook") && count == 2 && side_of(rest[0]) < ENGINES)
		measure_hook(side_of(rest[0]));
	else
		say_usage();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "exit"))
		return 0;
	if ((!strcmp(what, "measure") || !strcmp(what, "count")) && argc == 3) {
		answer(what, number(argv[2], 0, ROWS - 1));
		return 0;
	}
	if (argc < 2)
		say_usage();
	check_clock();
	check_module_is_out();
	/* All executed programs have the same addresses. */
	must(personality(ADDR_NO_RANDOMIZE) >= 0, "personality");
	run(what, argv + 2, argc - 2);
	return 0;
}
