// SPDX-License-Identifier: GPL-2.0

//! vma-explain: why a process has so many VMAs, and what would help.
//!
//! ```text
//!   arguments.rs   what is asked
//!   subject.rs     a process, or a range of its memory
//!   process.rs     what /proc says of a process
//!   kernel.rs      what kernel it is
//!   source.rs      where VMAs come from
//!   bpf/           from a program in the kernel
//!   record.rs      a VMA, as the rules and the sentences ask of one
//!   answer.rs      the answer: a walk over the VMAs
//!   problem.rs     why there is none
//! ```
//!
//! The rules and the sentences are those of the module, as they are: rust/vma and rust/explain.

#![deny(unsafe_code)]

mod answer;
mod arguments;
mod bpf;
#[allow(dead_code)]
mod host;
mod kernel;
mod problem;
mod process;
mod record;
mod source;
mod subject;

// The pure files, and where Linux 7.3 has each flag. What only the module uses has no use here.
#[allow(dead_code)]
#[path = "../../../tests/host/src/bits.rs"]
mod bits;
#[allow(dead_code)]
#[path = "../../../rust/bounded.rs"]
mod bounded;
#[allow(dead_code, unused_imports)]
#[path = "../../../rust/explain/mod.rs"]
mod explain;
#[allow(dead_code)]
#[path = "../../../tests/host/src/vma.rs"]
mod vma;
#[allow(dead_code)]
#[path = "../../../rust/vocabulary.rs"]
mod vocabulary;

use self::arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut status = ExitCode::SUCCESS;
    for subject in &arguments.subjects {
        if let Err(problem) = answer::tell(subject, &arguments) {
            eprintln!("vma-explain: {problem}");
            status = ExitCode::FAILURE;
        }
    }
    status
}
