// SPDX-License-Identifier: GPL-2.0

//! The engine's tests on real VMAs: the sources of rust_vma.ko, and the suites.
//!
//! Every test sets up two equal address spaces, makes the same change in both, in one through Rust and in the
//! other through the C function of the same kernel, and compares everything that can be seen.

// The module's own sources.
#[path = "../rust/bounded.rs"]
mod bounded;
#[path = "../rust/debugfs/mod.rs"]
mod debugfs;
#[path = "../rust/errno.rs"]
mod errno;
#[path = "../rust/explain/mod.rs"]
mod explain;
#[path = "../rust/hook/mod.rs"]
mod hook;
#[path = "../rust/process/mod.rs"]
mod process;
#[path = "../rust/refusal.rs"]
mod refusal;
#[path = "../rust/report/mod.rs"]
mod report;
#[path = "../rust/sys/mod.rs"]
mod sys;
#[path = "../rust/text.rs"]
mod text;
#[allow(dead_code)]
#[path = "../rust/vma/mod.rs"]
mod vma;
#[path = "../rust/vocabulary.rs"]
mod vocabulary;

// The fixture.
mod expect;
mod fixture;
mod scene;
mod twin;
mod words;
mod wrong_rule;

// The suites.
mod anon_vma;
mod attributes;
mod close_hooks;
mod command;
mod contracts;
mod copied_range;
mod cost;
mod counters;
mod extend;
mod failures;
mod failures_beside;
mod fork;
mod huge_pages;
mod hugetlb;
mod kinds;
mod limits;
mod misuse;
mod new_range;
mod nonsense;
mod oracle;
mod processes;
mod resize;
mod rules;
mod shapes;
mod speed;

use kernel::prelude::*;
// The rules of the shadow.
use wrong_rule::WrongRule as Rules;

module! {
    type: RustVmaKunit,
    name: "rust_vma_kunit",
    authors: ["rust_vma developers"],
    description: "Tests of rust_vma",
    license: "GPL",
    imports_ns: ["EXPORTED_FOR_KUNIT_TESTING"],
    params: {
        engine: i32 {
            default: -1,
            description: "As that of rust_vma, whose place it takes then; the shadow goes by wrong rules",
        },
        wrong: i32 {
            default: 0,
            description: "In which way the shadow's rules are wrong (kunit/wrong_rule.rs)",
        },
        instructions: i32 {
            default: 0,
            description: "Not 0 if the processor's counter counts instructions",
        },
        bench: i32 {
            default: 0,
            description: "For scripts/bench: 1 counts the instructions of each helper, 2 marks them",
        },
        alternations: i32 {
            default: 30,
            description: "How often they are counted, in C and in Rust",
        },
    },
}

/// The number of huge pages that one scenario needs: four that each file reserves, and the copies.
const HUGE_PAGES: isize = 24;

// The suites run after all this has been made, and before it is dropped.
struct RustVmaKunit {
    _files: debugfs::Files,
    // `None` where instructions are counted, because probes would add instructions.
    _probes: Option<fixture::Probes>,
    _huge_pages: fixture::HugePages,
}

impl kernel::Module for RustVmaKunit {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let engine = hook::engine::Engine::from_number(module_parameters::engine.value());
        Ok(Self {
            _probes: match module_parameters::bench.value() {
                0 => Some(fixture::Probes::set()?),
                _ => None,
            },
            _huge_pages: fixture::HugePages::reserve(HUGE_PAGES)?,
            // The files come last, because nothing may fail after they exist.
            _files: debugfs::Files::new(c"rust_vma_kunit", engine)?,
        })
    }
}
