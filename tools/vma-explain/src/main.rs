// SPDX-License-Identifier: GPL-2.0

//! The command vma-explain.

use std::process::ExitCode;

fn main() -> ExitCode {
    vma_explain::run()
}
