# SPDX-License-Identifier: GPL-2.0
#
# A shadow of the kernel tree for upstream's own Makefile of tools/testing/vma, which builds and
# generates files beside its sources. The shadow has links to everything, and a separate folder to
# build in. An including Makefile sets KDIR and OUT, and gets $(SHADOW), the folder, and
# $(SHIM_OBJECTS), the objects that are built there: the maple tree and the code that upstream's
# shim needs.

TREE := $(OUT)/tree
SHADOW := $(TREE)/tools/testing/vma
SHIM_OBJECTS := $(addprefix $(SHADOW)/,xarray-shared.o radix-tree.o idr.o linux.o maple-shim.o \
	slab.o find_bit.o bitmap.o hweight.o vsprintf.o)

ARCHITECTURE := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))
SHADOW_INCLUDES := -iquote $(SHADOW) -I$(TREE)/tools/testing/shared -I$(SHADOW) \
	-I$(KDIR)/tools/include -I$(KDIR)/tools/arch/$(ARCHITECTURE)/include -I$(KDIR)/lib \
	-I$(KDIR)/mm
# As in the kernel, dispatchers of the hook are not emitted as functions.
SHADOW_DEFINES := -D_LGPL_SOURCE -DNUM_VMA_FLAG_BITS=64 -DNUM_MM_FLAG_BITS=64 -DCONFIG_VMA_HOOK \
	-D'__gnu_inline=__attribute__((gnu_inline))' -include $(TOP)/tests/userland/hook_shim.h

$(SHADOW)/Makefile:
	mkdir -p $(SHADOW) $(TREE)/mm
	ln -sfn $(addprefix $(KDIR)/,arch include lib scripts) $(TREE)
	ln -sfn $(wildcard $(KDIR)/mm/*.[ch]) $(TREE)/mm
	ln -sfn $(addprefix $(KDIR)/tools/,arch build include lib scripts) $(TREE)/tools
	ln -sfn $(KDIR)/tools/testing/shared $(TREE)/tools/testing
	ln -sfn $(wildcard $(KDIR)/tools/testing/vma/*) $(SHADOW)

# One call builds all of them. Warnings in upstream's files are ignored. The generated headers come first, because
# upstream's rule for maple-shim.o does not name them.
$(SHADOW)/.built: $(SHADOW)/Makefile
	$(MAKE) -C $(SHADOW) generated/map-shift.h generated/bit-length.h generated/autoconf.h
	$(MAKE) -C $(SHADOW) CC='$(CC)' EXTRA_CFLAGS='-w -O1 $(SANITIZERS)' $(notdir $(SHIM_OBJECTS))
	touch $@
$(SHIM_OBJECTS): $(SHADOW)/.built
