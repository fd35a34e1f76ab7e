# SPDX-License-Identifier: GPL-2.0
"""A small kernel, and the instructions that were executed in it."""

# A mm/vma.o with three functions, as source for the assembler, and with their offsets. The kernel has another
# get_file() too.
VMA_SOURCE = """\
	.text
.Ltmp0:
	.globl	vma_expand
	.org	0x10
	.type	vma_expand, @function
vma_expand:
	.org	0x40
	.type	get_file, @function
get_file:
	.org	0x44
not_a_function:
	.org	0x80
	.type	commit_merge, @function
commit_merge:
	.org	0x88
	.data
	.type	data, @object
data:
	.quad	mas_store_prealloc
	.type	mas_store_prealloc, @function
"""
VMA_OBJECT = {"vma_expand": 0x10, "get_file": 0x40, "commit_merge": 0x80}

# In this kernel, mm/vma.o was linked at ...1000. fs/file.o also has a get_file(), and a module has a
# commit_merge().
KALLSYMS = """\
ffffffff81000f00 t get_file
ffffffff81001010 T vma_expand
ffffffff81001040 t get_file
ffffffff81001044 t .Ltmp7
ffffffff81001080 t commit_merge
ffffffff81002000 T mas_store_prealloc
ffffffff81002000 t mas_alias
ffffffff81002800 D not_code
ffffffff81003000 T memcpy
ffffffffa0000000 t commit_merge\t[rust_vma_kunit]
ffffffffa0000100 t _RNvNtCs1_14rust_vma_kunit3vma5merge\t[rust_vma_kunit]
"""

LOG = """\
[    0.1] rust_vma_kunit: bench: region helpers extend/10 c
[    0.1] something else: region 1 of 2
[    0.2] rust_vma_kunit: bench: region helpers extend/10 rust
"""

COUNTS = """\
region
ffffffff81001010 3
ffffffff8100104c 2
ffffffff81001080 10
ffffffff81002000 100
ffffffff81002004 20
ffffffff81003000 5
region
ffffffffa0000100 8
ffffffffa0000104 4
ffffffff81002000 90
ffffffff81003000 45
"""

# The first profile has 3 + 2 + 10 instructions in mm/vma.c and 100 + 20 in the maple tree. The second one has
# 8 + 4 of its own.
LINES = """\
profile helpers extend/10 c mas_store_prealloc 120
profile helpers extend/10 c commit_merge[mm/vma.c] 10
profile helpers extend/10 c memcpy 5
profile helpers extend/10 c vma_expand[mm/vma.c] 3
profile helpers extend/10 c get_file[mm/vma.c] 2
profile helpers extend/10 rust mas_store_prealloc 90
profile helpers extend/10 rust memcpy 45
profile helpers extend/10 rust _RNvNtCs1_14rust_vma_kunit3vma5merge[rust_vma_kunit] 12
"""
