// SPDX-License-Identifier: GPL-2.0

//! The use of the engine by the running kernel.
//!
//! A hooked helper of the kernel (mm/vma_hook.h) calls the registered table of functions, or its body in C
//! if there is no table:
//!
//! ```text
//!   mprotect, mmap, ...  ->  vma_modify_flags(), ...  ->  no table       the body in C
//!                                                         sys/entry.rs   Rust: the engine
//!                                                         sys/shadow/    the shadow: the body in C, after
//!                                                                        Rust has forecast its result
//! ```
//!
//! `engine.rs` chooses one of the three. `fallback.rs` takes the table away after a fault. It depends on no engine,
//! so both tables can use it during a call.

pub(crate) mod engine;
pub(crate) mod fallback;
pub(crate) mod shadow;
pub(crate) mod sys;
