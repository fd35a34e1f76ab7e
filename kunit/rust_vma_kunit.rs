// SPDX-License-Identifier: GPL-2.0

//! The engine's tests on real VMAs: the sources of rust_vma.ko, and the suites.
//!
//! Every test sets up two address spaces alike, makes the same change to both, one through Rust
//! and one through the C function of the same kernel, and compares all that can be seen.

// The module's own sources.
#[path = "../rust/debugfs/mod.rs"]
mod debugfs;
#[path = "../rust/sys/mod.rs"]
mod sys;
#[path = "../rust/text.rs"]
mod text;
#[allow(dead_code)]
#[path = "../rust/vma/mod.rs"]
mod vma;

// The fixture, and the suites.
mod anon_vma;
mod close_hooks;
mod command;
#[path = "../rust/sys/kunit.rs"]
mod fixture;
mod limits;
mod rules;
mod shapes;
mod twin;

use kernel::prelude::*;

module! {
    type: RustVmaKunit,
    name: "rust_vma_kunit",
    authors: ["rust_vma developers"],
    description: "Tests of rust_vma",
    license: "GPL",
    imports_ns: ["EXPORTED_FOR_KUNIT_TESTING"],
}

struct RustVmaKunit {
    _files: debugfs::Files,
}

impl kernel::Module for RustVmaKunit {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self {
            _files: debugfs::Files::new(c"rust_vma_kunit")?,
        })
    }
}
