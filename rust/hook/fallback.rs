// SPDX-License-Identifier: GPL-2.0

//! Fallback to C: what the engines do when something is wrong with them.

use super::sys::kernel;
use crate::report::helper::Helper;
use ::kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// A fault that an engine finds in its own work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// C did something other than Rust had said.
    Differs,
    /// The arguments have no meaning in the engine's terms.
    Refused,
}

impl Fault {
    /// Returns what the log says of it.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Differs => "Rust and C differ",
            Self::Refused => "Rust cannot make sense of the arguments",
        }
    }
}

/// What to do after a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnFault {
    /// Leave everything that comes to C.
    FallBack,
    /// Go on with the same engine.
    Keep,
}

/// Whether to go on after a fault.
static KEEP: Atomic<bool> = Atomic::new(false);
/// One bit per kind of fault that was already logged while `KEEP` was set.
static LOGGED: Atomic<u64> = Atomic::new(0);
/// The number of calls that were refused, by an engine that served them or watched them.
static REFUSED: Atomic<u64> = Atomic::new(0);
/// The number of calls of each helper that were refused and so served by C, in place of Rust.
static LEFT_TO_C: [Atomic<u64>; Helper::COUNT] = [const { Atomic::new(0) }; Helper::COUNT];

/// Returns what is done after a fault.
pub(crate) fn on_fault() -> OnFault {
    if KEEP.load(Relaxed) {
        OnFault::Keep
    } else {
        OnFault::FallBack
    }
}

/// Sets what is done after a fault, from now on. Each kind is logged anew.
pub(crate) fn set_on_fault(on_fault: OnFault) {
    KEEP.store(on_fault == OnFault::Keep, Relaxed);
    LOGGED.store(0, Relaxed);
}

/// Returns the number of calls that were refused.
pub(crate) fn refused() -> u64 {
    REFUSED.load(Relaxed)
}

/// Returns the number of calls of this helper that Rust has left to C.
pub(crate) fn left_to_c(helper: Helper) -> u64 {
    LEFT_TO_C
        .get(helper as usize)
        .map_or(0, |calls| calls.load(Relaxed))
}

/// Rust has no meaning for the arguments of a call of this helper, and leaves it to C.
#[cold]
pub(crate) fn leave_to_c(helper: Helper) {
    if let Some(calls) = LEFT_TO_C.get(helper as usize) {
        calls.fetch_add(1, Relaxed);
    }
    fault(helper, Fault::Refused);
}

/// Deals with a fault in a call of this helper: C serves all calls from the next one on, or if the
/// engine is to be kept it goes on; the log says so. Does not sleep.
#[cold]
pub(crate) fn fault(helper: Helper, fault: Fault) {
    let (name, sentence) = (helper.name(), fault.sentence());
    let name = name.to_str().unwrap_or_default();

    if fault == Fault::Refused {
        REFUSED.fetch_add(1, Relaxed);
    }
    match on_fault() {
        OnFault::Keep => {
            // Once, or the log would be full of it.
            if set_bit(&LOGGED, 1 << fault as u64) {
                pr_err!("{name}: {sentence}; told to go on\n");
            }
        }
        OnFault::FallBack => {
            if kernel::fall_back() {
                pr_err!("{name}: {sentence}; C serves from now on\n");
            } else {
                pr_err!("{name}: {sentence}\n");
            }
        }
    }
}

/// Sets a bit; true if it was clear.
pub(crate) fn set_bit(bits: &Atomic<u64>, bit: u64) -> bool {
    let mut old = bits.load(Relaxed);
    while old & bit != bit {
        match bits.cmpxchg(old, old | bit, Relaxed) {
            Ok(_) => return true,
            Err(now) => old = now,
        }
    }
    false
}
