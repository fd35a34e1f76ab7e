/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What count_by_place.c uses of QEMU's interface for plugins, since no package
 * has QEMU's own header. QEMU has it all since 9.2; hosts are of 64 bits.
 */
#ifndef QEMU_PLUGIN_H
#define QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

/* The interface that QEMU finds out that we know. */
#define QEMU_PLUGIN_INTERFACE 4

struct qemu_plugin_guest {
	const char *target;
	struct {
		int oldest;
		int newest;
	} interface;
	bool is_a_system;
	struct {
		int processors;
		int most_processors;
	} system;
};

/* What QEMU looks for in a plugin: what it knows, and where it begins. */
extern int qemu_plugin_version;
int qemu_plugin_install(unsigned long plugin, const struct qemu_plugin_guest *guest, int count,
			char **arguments);

/* A value that each processor has one of, and generated code can read. */
struct qemu_plugin_values;
struct qemu_plugin_value {
	struct qemu_plugin_values *values;
	size_t offset;
};

/* Of the conditions on such a value. */
#define QEMU_PLUGIN_IF_NOT 3

/* We never look at registers. */
#define QEMU_PLUGIN_NO_REGISTERS 0

/* Instructions that are translated, and run, together. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void (*qemu_plugin_translated)(unsigned long plugin, struct qemu_plugin_tb *block);
typedef void (*qemu_plugin_executed)(unsigned int processor, void *subject);

void qemu_plugin_register_vcpu_tb_trans_cb(unsigned long plugin, qemu_plugin_translated act);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t at);
unsigned long qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction, void *bytes, size_t size);

/* Before the instruction is executed; the second, only if the value is so. */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    qemu_plugin_executed act, int registers,
					    void *subject);
void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *instruction,
						 qemu_plugin_executed act, int registers,
						 int condition, struct qemu_plugin_value value,
						 unsigned long than, void *subject);

struct qemu_plugin_values *qemu_plugin_scoreboard_new(size_t size);
void qemu_plugin_u64_set(struct qemu_plugin_value value, unsigned int processor, unsigned long to);

#endif
