// SPDX-License-Identifier: GPL-2.0

//! Merging and splitting VMAs, in Rust.
//!
//! The module: wiring only. `vma` is the engine, `debugfs` what people see of it, `sys` the
//! module's door to C.

mod debugfs;
mod sys;
mod text;
// The engine is whole; what is only entered from elsewhere (the tests) is not used here.
#[allow(dead_code)]
mod vma;

use kernel::prelude::*;

module! {
    type: RustVma,
    name: "rust_vma",
    authors: ["rust_vma developers"],
    description: "Merges and splits VMAs, in Rust",
    license: "GPL",
}

struct RustVma {
    _files: debugfs::Files,
}

impl kernel::Module for RustVma {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self {
            _files: debugfs::Files::new(c"rust_vma")?,
        })
    }
}
