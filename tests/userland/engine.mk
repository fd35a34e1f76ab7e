# SPDX-License-Identifier: GPL-2.0
#
# The engine in Rust, as a static library for one of the shims. An including Makefile sets TOP, OUT,
# SHIM_FLAGS (the include paths of the shim's headers) and BINDINGS_HEADER (the input of bindgen),
# and gets $(ENGINE), the library.

comma := ,
ENGINE := $(OUT)/librust_vma_userland.a

# The kernel's lints that make sense outside the kernel; see the kernel's Makefile.
RUST_LINTS := -Dwarnings -Dunsafe_op_in_unsafe_fn -Wrust_2018_idioms -Wunreachable_pub \
	-Wclippy::all -Wclippy::undocumented_unsafe_blocks -Wclippy::unnecessary_safety_comment \
	-Wclippy::ptr_as_ptr -Wclippy::ref_as_ptr -Wclippy::as_ptr_cast_mut
# The instrumentation for libFuzzer. scripts/coverage sets COUNTERS to that for its counts.
RUST_COVERAGE := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table
RUST_FLAGS := --edition 2021 $(RUST_LINTS) -g -Copt-level=2 -Coverflow-checks=y \
	$(if $(SANITIZE),-Zsanitizer=address) $(if $(COVERAGE),$(RUST_COVERAGE)) \
	$(COUNTERS) \
	$(if $(BITCODE),-Ccodegen-units=1 -Cpanic=abort)
rust_environment = MAKEFLAGS= RUSTC_BOOTSTRAP=1 CLIPPY_CONF_DIR=$(TOP)/tests/userland \
	RUST_VMA_USERLAND_BINDINGS=$(OUT)/bindings.rs RUST_VMA_BINDINGS=$(OUT)/reexport.rs

$(OUT)/bindings.rs: $(BINDINGS_HEADER) $(TOP)/tests/userland/bindgen_parameters \
		$(TOP)/rust/helpers/engine.c $(TOP)/rust/helpers/bindings_helper.h | $(OUT)
	bindgen $< $(shell sed -e '/^\#/d' $(TOP)/tests/userland/bindgen_parameters) \
		-o $@ -- $(SHIM_FLAGS) -w

# In the kernel, a second pass makes the engine's own bindings; here the stand-in has all of them.
$(OUT)/reexport.rs: | $(OUT)
	echo '#[allow(unused_imports)] pub use kernel::{bindings::*, ffi};' >$@

$(OUT)/libkernel.rlib: $(TOP)/tests/userland/sys/kernel.rs $(OUT)/bindings.rs
	$(rust_environment) $(RUSTC) $(RUST_FLAGS) --crate-name kernel --crate-type rlib \
		--emit=link,dep-info=$(OUT)/kernel.d --out-dir $(OUT) $<

$(ENGINE): $(TOP)/tests/userland/rust_vma_userland.rs $(OUT)/libkernel.rlib $(OUT)/reexport.rs
	$(rust_environment) $(RUSTC) $(RUST_FLAGS) --crate-name rust_vma_userland \
		--crate-type staticlib --extern kernel=$(OUT)/libkernel.rlib \
		--emit=link,dep-info=$(OUT)/rust_vma_userland.d$(if $(BITCODE),$(comma)llvm-bc) \
		--out-dir $(OUT) $<

# The engine and the helpers in C that it calls, as one object: LLVM sees through such a call,
# and may inline it. Built with BITCODE=y in a separate folder.
$(OUT)/engine_bitcode.o: $(ENGINE) $(OUT)/engine_helpers.bc
	llvm-link --internalize --suppress-warnings $(OUT)/rust_vma_userland.bc \
		$(OUT)/engine_helpers.bc -o $(OUT)/engine_bitcode.bc
	$(CC) -O2 -Wno-override-module -c $(OUT)/engine_bitcode.bc -o $@

# The engine with RUSTC=clippy-driver, for scripts/lint.
.PHONY: engine
engine: $(ENGINE)
