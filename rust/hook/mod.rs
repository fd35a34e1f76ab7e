// SPDX-License-Identifier: GPL-2.0

//! The connection between the running kernel and the engine.
//!
//! A hooked helper of the kernel (mm/vma_hook.h) calls its entry in the registered table, or its body in C if no table
//! is registered:
//!
//! ```text
//!   mprotect, mmap, ...  ->  vma_modify_flags(), ...  ->  no table       the body in C
//!                                                         sys/entry.rs   Rust: the engine
//!                                                         sys/shadow/    the shadow: the body in C, after
//!                                                                        Rust has forecast its result
//! ```
//!
//! `engine.rs` switches between the three. `fallback.rs` clears the table after a fault. It does not depend on any
//! engine, so both tables can use it during a call.

pub(crate) mod engine;
pub(crate) mod fallback;
pub(crate) mod shadow;
pub(crate) mod sys;
