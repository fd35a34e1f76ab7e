// SPDX-License-Identifier: GPL-2.0

//! The engine in userland: the same files as in the kernel, with what C calls to enter it.

#![deny(unsafe_op_in_unsafe_fn)]
// The engine is whole; nobody here maps or walks an address space.
#[allow(dead_code, unused_imports)]
#[path = "../../rust/vma/mod.rs"]
mod vma;

// Where C enters it.
#[path = "sys/entries.rs"]
mod entries;
#[path = "../../rust/sys/hook.rs"]
mod hook;
#[path = "../../rust/sys/request.rs"]
mod request;

mod witness;
