/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of QEMU's plugin interface that count_by_place.c uses, because no package has
 * QEMU's own header. QEMU has this interface since 9.2. Hosts are 64-bit.
 */
#ifndef QEMU_PLUGIN_H
#define QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

/* The version of the interface that this plugin supports, which QEMU checks. */
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

/* The symbols that QEMU looks up in a plugin: its version and its entry point. */
extern int qemu_plugin_version;
int qemu_plugin_install(unsigned long plugin, const struct qemu_plugin_guest *guest, int count,
			char **arguments);

/* A per-processor value that generated code can read. */
struct qemu_plugin_values;
struct qemu_plugin_value {
	struct qemu_plugin_values *values;
	size_t offset;
};

/* A condition on such a value. */
#define QEMU_PLUGIN_IF_NOT 3

/* The plugin never reads registers. */
#define QEMU_PLUGIN_NO_REGISTERS 0

/* A block of instructions that are translated and run together. */
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

/*
 * Register a callback that runs before the instruction is executed; the second, only if
 * the value meets the condition.
 */
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
