// SPDX-License-Identifier: GPL-2.0

//! The hook of the running kernel: who serves it, how often, and what went wrong.
//!
//! Who serves a call is found out once, when it enters the hook, and stays until it has returned;
//! see mm/vma_hook.h. So an engine can be replaced at any time, also from inside a call.

use super::{
    hook::{
        rust_vma_hook_expand,
        rust_vma_hook_merge_existing_range,
        rust_vma_hook_merge_new_range,
        rust_vma_hook_modify,
        rust_vma_hook_shrink,
        rust_vma_hook_split, //
    },
    shadow::Shadow,
    stats, //
};
use crate::{
    hook::{
        Engine,
        Entry,
        OnTrouble,
        Trouble, //
    },
    vma::sys::bindings, //
};
use bindings::{
    vm_area_struct,
    vma_hook_ops,
    vma_iterator,
    vma_merge_struct, //
};
use kernel::{
    error::to_result,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        global_lock,
        GlobalGuard,
        Mutex, //
    },
};

global_lock! {
    // SAFETY: `Registration::new()` initialises it, and nothing is served before that.
    pub(crate) unsafe(uninit) static TELLING: Mutex<()> = ();
}

/// Who serves the hooked functions; C does, and nobody is asked, when this is dropped.
///
/// # Invariants
///
/// One of the tables of [`ops`] is registered with the hook.
#[pin_data(PinnedDrop)]
pub(crate) struct Registration {
    /// Taken to choose an engine, so that what is to be done in case of trouble goes with it.
    #[pin]
    switching: Mutex<()>,
}

impl Registration {
    /// Lets this engine serve the hooked functions.
    ///
    /// The caller holds no mmap lock. Fails with `EBUSY` if somebody else serves them.
    pub(crate) fn new(engine: Engine) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            switching <- new_mutex!(()),
            _: {
                // SAFETY: The module registers once, when it is loaded.
                unsafe { TELLING.init() };
                // SAFETY: The table is there until we are dropped, which unregisters it.
                //
                // INVARIANT: If that succeeds, it is registered.
                to_result(unsafe { bindings::vma_hook_register(ops(engine)) })?;
            },
        })
    }

    /// Who serves the calls that come now.
    pub(crate) fn engine(&self) -> Engine {
        let _switching = self.switching.lock();
        let serves = |engine: &Engine| replace(*engine, *engine);
        // By the type invariant it is one of them; if not, then because trouble has just put C in the
        // place of one that was about to be asked.
        Engine::ALL.into_iter().find(serves).unwrap_or(Engine::C)
    }

    /// Lets this engine serve the calls that come from now on, and waits for those in flight.
    ///
    /// Sleeps. The caller holds no mmap lock, and is in none of the hooked functions.
    pub(crate) fn switch(&self, engine: Engine, on_trouble: OnTrouble) {
        {
            let _switching = self.switching.lock();
            KEEP.store(on_trouble == OnTrouble::Keep, Relaxed);
            SAID.store(0, Relaxed);
            // If trouble puts C in its place meanwhile, the next round finds that.
            while !Engine::ALL.into_iter().any(|old| replace(old, engine)) {}
        }
        // Those who choose at the same time wait together.
        //
        // SAFETY: By the caller's promise.
        unsafe { bindings::vma_hook_synchronize() };
    }
}

#[pinned_drop]
impl PinnedDrop for Registration {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant we are registered. Waits for the calls in flight.
        unsafe { bindings::vma_hook_unregister() };
    }
}

/// Replaces one engine by another, if it is the one that serves. Does not wait.
fn replace(old: Engine, engine: Engine) -> bool {
    // SAFETY: The tables are there for as long as the module is, and before it goes, none of them
    // is registered any more; then nothing is replaced.
    unsafe { bindings::vma_hook_replace(ops(old), ops(engine)) }
}

/// What serves the hooked functions.
fn ops(engine: Engine) -> &'static vma_hook_ops {
    static C: vma_hook_ops = vma_hook_ops {
        modify: Some(c_modify),
        // In the kernel nobody calls it but `vma_modify()`, which does so directly.
        merge_existing_range: None,
        merge_new_range: Some(c_merge_new_range),
        split: Some(c_split),
        expand: Some(c_expand),
        shrink: Some(c_shrink),
    };
    static RUST: vma_hook_ops = vma_hook_ops {
        modify: Some(rust_vma_hook_modify),
        merge_existing_range: Some(rust_vma_hook_merge_existing_range),
        merge_new_range: Some(rust_vma_hook_merge_new_range),
        split: Some(rust_vma_hook_split),
        expand: Some(rust_vma_hook_expand),
        shrink: Some(rust_vma_hook_shrink),
    };
    static SHADOW: vma_hook_ops = Shadow::<crate::Rules>::OPS;

    match engine {
        Engine::C => &C,
        Engine::Rust => &RUST,
        Engine::Shadow => &SHADOW,
    }
}

/// Serves `vma_modify()`.
///
/// # Safety
///
/// The contract of `vma_modify()`.
unsafe extern "C" fn c_modify(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
    count_served(Engine::C, Entry::Modify);
    // SAFETY: The caller's promise.
    unsafe { bindings::c_vma_modify(vmg) }
}

/// Serves `vma_merge_new_range()`.
///
/// # Safety
///
/// The contract of `vma_merge_new_range()`.
unsafe extern "C" fn c_merge_new_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
    count_served(Engine::C, Entry::MergeNewRange);
    // SAFETY: The caller's promise.
    unsafe { bindings::c_vma_merge_new_range(vmg) }
}

/// Serves `__split_vma()`.
///
/// # Safety
///
/// The contract of `__split_vma()`.
unsafe extern "C" fn c_split(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    addr: usize,
    new_below: c_int,
) -> c_int {
    count_served(Engine::C, Entry::Split);
    // SAFETY: The caller's promise.
    unsafe { bindings::c___split_vma(vmi, vma, addr, new_below) }
}

/// Serves `vma_expand()`.
///
/// # Safety
///
/// The contract of `vma_expand()`.
unsafe extern "C" fn c_expand(vmg: *mut vma_merge_struct) -> c_int {
    count_served(Engine::C, Entry::Expand);
    // SAFETY: The caller's promise.
    unsafe { bindings::c_vma_expand(vmg) }
}

/// Serves `vma_shrink()`.
///
/// # Safety
///
/// The contract of `vma_shrink()`.
unsafe extern "C" fn c_shrink(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    end: usize,
) -> c_int {
    count_served(Engine::C, Entry::Shrink);
    // SAFETY: The caller's promise.
    unsafe { bindings::c_vma_shrink(vmi, vma, end) }
}

/// Counts a call that this engine serves. Those of Rust are counted when they end.
#[inline(always)]
pub(crate) fn count_served(engine: Engine, entry: Entry) {
    // SAFETY: Counts something of its own, for numbers that are in range.
    unsafe { bindings::rust_vma_count_served(engine as u32, entry as u32) };
}

/// How many calls of this function the engine has served.
pub(crate) fn served(engine: Engine, entry: Entry) -> u64 {
    match engine {
        Engine::Rust => stats::calls(entry.helper()),
        // SAFETY: As in `count_served()`.
        Engine::C | Engine::Shadow => unsafe {
            bindings::rust_vma_served(engine as u32, entry as u32)
        },
    }
}

/// Whether to go on after trouble.
static KEEP: Atomic<bool> = Atomic::new(false);
/// What the shadow has seen.
static COMPARED: Atomic<u64> = Atomic::new(0);
static DIFFERENCES: Atomic<u64> = Atomic::new(0);
static WITHOUT_MEMORY: Atomic<u64> = Atomic::new(0);
/// What made no sense to Rust, and was left to C.
static REFUSED: Atomic<u64> = Atomic::new(0);
/// Of which troubles the log knows that they are not minded, a bit for each.
static SAID: Atomic<u64> = Atomic::new(0);

/// What to do when something is wrong.
pub(crate) fn on_trouble() -> OnTrouble {
    if KEEP.load(Relaxed) {
        OnTrouble::Keep
    } else {
        OnTrouble::GoBackToC
    }
}

/// Something is wrong with how Rust serves this function: from the next call on C serves all of
/// them, unless told otherwise, and the log says so.
pub(crate) fn trouble(entry: Entry, trouble: Trouble) {
    let (name, what) = (entry.name(), trouble.sentence());

    if trouble == Trouble::Senseless {
        REFUSED.fetch_add(1, Relaxed);
    }
    match on_trouble() {
        OnTrouble::Keep => {
            // Once, or the log would be full of it.
            if set_bit(&SAID, 1 << trouble as u64) {
                pr_err!("{name}: {what}; told to go on\n");
            }
        }
        OnTrouble::GoBackToC => {
            // Somebody may be replacing one of them by the other just now, but hardly twice.
            let replaced = [Engine::Rust, Engine::Shadow, Engine::Rust, Engine::Shadow]
                .into_iter()
                .any(|engine| replace(engine, Engine::C));
            if replaced {
                pr_err!("{name}: {what}; C serves from now on\n");
            } else {
                pr_err!("{name}: {what}\n");
            }
        }
    }
}

/// Sets a bit, and says whether it was clear.
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

/// Whoever has this tells of what is wrong, and nobody else, so that what is told is not mixed up.
///
/// Sleeps.
pub(crate) fn telling() -> GlobalGuard<TELLING> {
    TELLING.lock()
}

/// What became of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Rust and C agree.
    Same,
    /// They do not.
    Different,
    /// It cannot be said whether they do: C had no memory for what both would have done, or the limit
    /// on the number of VMAs has changed meanwhile.
    WithoutMemory,
}

/// Counts a comparison.
pub(crate) fn count_compared(compared: Compared) {
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

/// What the shadow has seen so far.
pub(crate) struct Told {
    /// How often Rust and C were compared.
    pub(crate) compared: u64,
    /// How often they differed.
    pub(crate) differences: u64,
    /// How often they could not be, because C had no memory.
    pub(crate) without_memory: u64,
    /// How often Rust was asked for what makes no sense.
    pub(crate) refused: u64,
}

/// What the shadow has seen so far.
pub(crate) fn told() -> Told {
    Told {
        compared: COMPARED.load(Relaxed),
        differences: DIFFERENCES.load(Relaxed),
        without_memory: WITHOUT_MEMORY.load(Relaxed),
        refused: REFUSED.load(Relaxed),
    }
}
