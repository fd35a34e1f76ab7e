// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the instructions that the guest executes between two
 * marks, by their addresses. The marks are instructions that do nothing, see
 * kunit/fixture/sys/bench.c.
 *
 * For each such region, in the order of execution, the plugin writes the line "region"
 * and a line "ADDRESS COUNT" for each address, in hexadecimal and decimal, to the file
 * that "out" names. The guest must have only one processor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define MOST_BYTES 8

struct marks {
	const char *target;
	size_t size;
	unsigned char begin[MOST_BYTES];
	unsigned char end[MOST_BYTES];
};

static const struct marks every_target[] = {
	{
		.target = "x86_64",
		.size = 8,
		.begin = { 0x0f, 0x1f, 0x84, 0x00, 0x42, 0x76, 0x6d, 0x61 },
		.end = { 0x0f, 0x1f, 0x84, 0x00, 0x45, 0x76, 0x6d, 0x61 },
	}, {
		.target = "aarch64",
		.size = 4,
		.begin = { 0x5f, 0xc8, 0x8e, 0xd2 },
		.end = { 0xbf, 0xc8, 0x8e, 0xd2 },
	},
};

static const struct marks *marks;
static FILE *out;
static struct qemu_plugin_value in_region;

/*
 * The counts of a region, in a hash table with linear probing: each address has the
 * first free place at or after the one that its hash selects.
 */
#define PLACES 262144UL

static struct place {
	unsigned long address;
	unsigned long count;
} places[PLACES];
static size_t places_used;

static void fail(const char *why)
{
	fprintf(stderr, "count_by_place: %s\n", why);
	exit(EXIT_FAILURE);
}

static struct place *place_of(unsigned long address)
{
	size_t at = (address * 0x9e3779b97f4a7c15UL) >> 32;

	for (;; at++) {
		struct place *place = &places[at % PLACES];

		if (place->address == address)
			return place;
		if (!place->count) {
			if (++places_used > PLACES / 2)
				fail("a region has too many addresses");
			place->address = address;
			return place;
		}
	}
}

static void begin(unsigned int processor, void *subject)
{
	memset(places, 0, sizeof(places));
	places_used = 0;
	qemu_plugin_u64_set(in_region, processor, 1);
}

static void count(unsigned int processor, void *address)
{
	place_of((unsigned long)address)->count++;
}

static void end(unsigned int processor, void *subject)
{
	qemu_plugin_u64_set(in_region, processor, 0);
	fputs("region\n", out);
	for (size_t at = 0; at < PLACES; at++) {
		if (places[at].count)
			fprintf(out, "%lx %lu\n", places[at].address, places[at].count);
	}
	if (fflush(out))
		fail("cannot write what was counted");
}

static bool is_mark(const struct qemu_plugin_insn *instruction, const unsigned char *mark)
{
	unsigned char bytes[MOST_BYTES];

	return qemu_plugin_insn_size(instruction) == marks->size &&
	       qemu_plugin_insn_data(instruction, bytes, marks->size) == marks->size &&
	       !memcmp(bytes, mark, marks->size);
}

/*
 * Instruments single instructions, because a block that has a mark in it, or that an
 * exception leaves half way, is counted only in part.
 */
static void watch(unsigned long plugin, struct qemu_plugin_tb *block)
{
	for (size_t at = 0; at < qemu_plugin_tb_n_insns(block); at++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, at);
		void *address = (void *)qemu_plugin_insn_vaddr(instruction);

		if (is_mark(instruction, marks->begin))
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, begin,
							       QEMU_PLUGIN_NO_REGISTERS, NULL);
		else if (is_mark(instruction, marks->end))
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, end,
							       QEMU_PLUGIN_NO_REGISTERS, NULL);
		else
			qemu_plugin_register_vcpu_insn_exec_cond_cb(instruction, count,
								    QEMU_PLUGIN_NO_REGISTERS,
								    QEMU_PLUGIN_IF_NOT, in_region,
								    0, address);
	}
}

int qemu_plugin_version = QEMU_PLUGIN_INTERFACE;

int qemu_plugin_install(unsigned long plugin, const struct qemu_plugin_guest *guest, int count,
			char **arguments)
{
	for (size_t at = 0; at < sizeof(every_target) / sizeof(*every_target); at++) {
		if (!strcmp(every_target[at].target, guest->target))
			marks = &every_target[at];
	}
	if (!marks || !guest->is_a_system || guest->system.processors != 1) {
		fputs("count_by_place: the guest has to be a machine with one processor\n", stderr);
		return -1;
	}
	if (count != 1 || strncmp(arguments[0], "out=", 4)) {
		fputs("count_by_place: where to write has to be given, as out=FILE\n", stderr);
		return -1;
	}
	out = fopen(arguments[0] + 4, "w");
	if (!out) {
		perror("count_by_place");
		return -1;
	}
	in_region.values = qemu_plugin_scoreboard_new(sizeof(unsigned long));
	qemu_plugin_register_vcpu_tb_trans_cb(plugin, watch);
	return 0;
}
