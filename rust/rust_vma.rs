// SPDX-License-Identifier: GPL-2.0

//! The `rust_vma` module: merges and splits VMAs in Rust.
//!
//! This file contains only the wiring. `vma` is the engine, `hook` lets the running kernel use the engine, `process`
//! uses the engine to change a process, `debugfs` exposes all of that to users, and `sys` is the interface to C.

mod bounded;
mod debugfs;
mod errno;
mod explain;
mod hook;
mod process;
mod refusal;
mod report;
mod sys;
mod text;
// The engine is complete. The module does not use the parts that only other callers, such as the tests, call.
#[allow(dead_code)]
mod vma;
mod vocabulary;

use kernel::prelude::*;

module! {
    type: RustVma,
    name: "rust_vma",
    authors: ["rust_vma developers"],
    description: "Merges and splits VMAs, in Rust",
    license: "GPL",
    params: {
        engine: i32 {
            default: 0,
            description: "The engine of the kernel's own merging and splitting: 0 C, 1 Rust, 2 C with Rust as its shadow",
        },
    },
}

/// The rules that the shadow applies: the engine's own.
struct Rules;

impl hook::shadow::rules::Rules for Rules {}

struct RustVma {
    _files: debugfs::Files,
}

impl kernel::Module for RustVma {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let number = module_parameters::engine.value();
        let engine = hook::engine::Engine::from_number(number).ok_or_else(|| {
            pr_err!("there is no engine {number}: 0 is C, 1 Rust, 2 the shadow\n");
            EINVAL
        })?;
        Ok(Self {
            _files: debugfs::Files::new(c"rust_vma", Some(engine))?,
        })
    }
}
