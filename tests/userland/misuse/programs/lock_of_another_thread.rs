// SPDX-License-Identifier: GPL-2.0

//! Another thread releases the mmap lock.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::MmapWriteGuard;

fn misuse(guard: MmapWriteGuard<'static>) {
    std::thread::spawn(move || drop(guard));
    //~^ ERROR: `*mut ()` cannot be sent between threads safely
    //~| ERROR: cannot be shared between threads safely
}

fn main() {}
