// SPDX-License-Identifier: GPL-2.0

//! The counters of the shadow's judgements.

use super::judge::Compared;
use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

static COMPARED: Atomic<u64> = Atomic::new(0);
static DIFFERENCES: Atomic<u64> = Atomic::new(0);
static WITHOUT_MEMORY: Atomic<u64> = Atomic::new(0);

/// Counts a judgement.
pub(super) fn count(compared: Compared) {
    let counter = match compared {
        Compared::Same => &COMPARED,
        Compared::Different => {
            COMPARED.fetch_add(1, Relaxed);
            &DIFFERENCES
        }
        Compared::WithoutMemory => &WITHOUT_MEMORY,
    };
    counter.fetch_add(1, Relaxed);
}

/// The number of judgements of each kind.
pub(crate) struct ShadowTally {
    /// The number of calls in which Rust and C were compared.
    pub(crate) compared: u64,
    /// The number of these calls in which the two differed.
    pub(crate) differences: u64,
    /// The number of undecided calls: C ran out of memory, or the limit on the number of VMAs changed.
    pub(crate) without_memory: u64,
}

/// Returns the number of judgements of each kind.
pub(crate) fn tally() -> ShadowTally {
    ShadowTally {
        compared: COMPARED.load(Relaxed),
        differences: DIFFERENCES.load(Relaxed),
        without_memory: WITHOUT_MEMORY.load(Relaxed),
    }
}
