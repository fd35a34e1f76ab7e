// SPDX-License-Identifier: GPL-2.0

//! How the running kernel uses the engine.
//!
//! A hooked helper of the kernel (mm/vma_hook.h) goes to the table of functions that is registered, or to
//! its body in C if none is:
//!
//! ```text
//!   mprotect, mmap, ...  ->  vma_modify_flags(), ...  ->  no table       the body in C
//!                                                         sys/entry.rs   Rust: the engine
//!                                                         sys/shadow.rs  the shadow: the body in C, after
//!                                                                        Rust has said what it will do
//! ```
//!
//! `engine.rs` chooses among the three. `fallback.rs` takes the table away when something is wrong: this
//! needs no engine, so both engines can call it from inside of a call. `witness.rs` is what the entries
//! report to.

pub(crate) mod engine;
pub(crate) mod fallback;
pub(crate) mod shadow;
pub(crate) mod sys;
pub(crate) mod witness;
