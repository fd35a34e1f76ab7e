// SPDX-License-Identifier: GPL-2.0

//! Fallback to C after an engine fault.

use super::sys::kernel;
use crate::report::helper::Helper;
use ::kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// A fault that an engine detects in its own work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// C did something that Rust had not forecast.
    Differs,
    /// The engine cannot accept the arguments.
    Refused,
}

impl Fault {
    /// Returns the description of the fault in the log.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Differs => "Rust and C differ",
            Self::Refused => "Rust cannot accept the arguments",
        }
    }
}

/// The action after a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnFault {
    /// Leave all later calls to C.
    FallBack,
    /// Keep the engine.
    Keep,
}

/// Whether the engine is kept after a fault.
static KEEP: Atomic<bool> = Atomic::new(false);
/// One bit per kind of fault that was already logged while `KEEP` was set.
static LOGGED: Atomic<u64> = Atomic::new(0);
/// The number of calls that Rust refused, as the engine or as the shadow.
static REFUSED: Atomic<u64> = Atomic::new(0);
/// The number of calls to each helper that Rust refused and C executed.
static LEFT_TO_C: [Atomic<u64>; Helper::COUNT] = [const { Atomic::new(0) }; Helper::COUNT];

/// Returns the action after a fault.
pub(crate) fn on_fault() -> OnFault {
    if KEEP.load(Relaxed) {
        OnFault::Keep
    } else {
        OnFault::FallBack
    }
}

/// Sets the action after a fault, and lets each kind of fault be logged again.
pub(crate) fn set_on_fault(on_fault: OnFault) {
    KEEP.store(on_fault == OnFault::Keep, Relaxed);
    LOGGED.store(0, Relaxed);
}

/// Returns the number of calls that Rust refused, as the engine or as the shadow.
pub(crate) fn refused() -> u64 {
    REFUSED.load(Relaxed)
}

/// Returns the number of calls to this helper that Rust has left to C.
pub(crate) fn left_to_c(helper: Helper) -> u64 {
    LEFT_TO_C
        .get(helper as usize)
        .map_or(0, |calls| calls.load(Relaxed))
}

/// Reports that Rust leaves a call to this helper to C, because the engine cannot accept the arguments.
#[cold]
pub(crate) fn leave_to_c(helper: Helper) {
    if let Some(calls) = LEFT_TO_C.get(helper as usize) {
        calls.fetch_add(1, Relaxed);
    }
    fault(helper, Fault::Refused);
}

/// Handles a fault in a call to this helper: logs the fault and, depending on [`OnFault`], falls back to C
/// from the next call on or keeps the engine. Does not sleep.
#[cold]
pub(crate) fn fault(helper: Helper, fault: Fault) {
    let (name, sentence) = (helper.name().as_str(), fault.sentence());

    if fault == Fault::Refused {
        REFUSED.fetch_add(1, Relaxed);
    }
    match on_fault() {
        OnFault::Keep => {
            // Each kind is logged only once, to keep the log readable.
            if set_bit(&LOGGED, 1 << fault as u64) {
                pr_err!("{name}: {sentence}; keep is set\n");
            }
        }
        OnFault::FallBack => {
            if kernel::fall_back() {
                pr_err!("{name}: {sentence}; falling back to C\n");
            } else {
                pr_err!("{name}: {sentence}\n");
            }
        }
    }
}

/// Sets a bit. Returns whether the bit was clear.
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
