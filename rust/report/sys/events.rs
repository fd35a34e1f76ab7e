// SPDX-License-Identifier: GPL-2.0

//! The trace events, which rust/helpers/rust_vma_trace.h declares. A disabled event costs one no-op.

use crate::{
    bounded::Bounded,
    explain::flag_names::Distinctive,
    report::{ending::Ending, helper::Call},
    vma::{
        compat::{
            Blocker,
            Side, //
        },
        extent::Range,
        flags::VmaFlags,
        reason::Reason,
        sys::{
            bindings,
            WriteLockedMm, //
        },
    },
};
use core::{
    mem::MaybeUninit,
    ptr::{
        null,
        NonNull, //
    },
};
use kernel::{
    jump_label::static_branch_unlikely,
    prelude::*, //
};

/// The memory that a call operated on, which only the trace events need. It is examined only if an event is enabled,
/// after the call, with the mmap lock still held.
#[derive(Clone, Copy)]
pub(crate) struct TracedMemory<'a> {
    mm: WriteLockedMm<'a>,
    wanted: Wanted,
}

/// The range of a call, as its caller requests it.
///
/// # Invariants
///
/// The file in `New` is valid as long as this value exists.
#[derive(Clone, Copy)]
enum Wanted {
    /// A part of a VMA, with these flags; `None` means the flags of the VMA.
    Part(Option<VmaFlags>),
    /// A range with the attributes of the VMA below.
    Extension,
    /// A new range, with these flags and this file.
    New(VmaFlags, Option<NonNull<bindings::file>>),
}

impl<'a> TracedMemory<'a> {
    /// Describes a part of a VMA that is to have these flags, or that keeps its own.
    pub(crate) fn part(mm: WriteLockedMm<'a>, flags: Option<VmaFlags>) -> Self {
        let wanted = Wanted::Part(flags);
        Self { mm, wanted }
    }

    /// Describes a range that was to be added to the VMA below.
    pub(crate) fn extension(mm: WriteLockedMm<'a>) -> Self {
        let wanted = Wanted::Extension;
        Self { mm, wanted }
    }

    /// Describes a range that was to be mapped with these flags and without a file.
    pub(crate) fn anonymous(mm: WriteLockedMm<'a>, flags: VmaFlags) -> Self {
        let wanted = Wanted::New(flags, None);
        Self { mm, wanted }
    }

    /// Describes a range that was to be mapped with these flags and this file.
    ///
    /// # Safety
    ///
    /// The file is valid as long as the result exists.
    pub(crate) unsafe fn new_range(
        mm: WriteLockedMm<'a>,
        flags: VmaFlags,
        file: Option<NonNull<bindings::file>>,
    ) -> Self {
        // INVARIANT: By the caller's promise the file is valid as long as the result exists.
        let wanted = Wanted::New(flags, file);
        Self { mm, wanted }
    }

    /// Returns the VMA at `addr` (bytes); all zeros if no VMA is there.
    fn see(&self, addr: usize) -> bindings::rust_vma_seen {
        let mut seen = MaybeUninit::uninit();
        // SAFETY: The mmap lock of the mm is held for write. The function initialises `seen`.
        unsafe {
            bindings::rust_vma_see(self.mm.as_raw(), addr, seen.as_mut_ptr());
            seen.assume_init()
        }
    }

    /// Returns the flags and the file that the caller requests for the range.
    fn wanted(&self, range: Range) -> bindings::rust_vma_seen {
        match self.wanted {
            Wanted::Part(flags) => {
                let mut seen = self.see(range.start());
                if let Some(flags) = flags {
                    seen.flags = flags.into_raw();
                }
                seen
            }
            Wanted::Extension => self.see(range.start().wrapping_sub(1)),
            Wanted::New(flags, file) => {
                let mut seen = MaybeUninit::uninit();
                // SAFETY: By the type invariant the file is valid, or it is null. The function initialises `seen`.
                let seen = unsafe {
                    let file = file.map_or(null(), |file| file.as_ptr().cast_const());
                    bindings::rust_vma_see_file(file, seen.as_mut_ptr());
                    seen.assume_init()
                };
                bindings::rust_vma_seen {
                    flags: flags.into_raw(),
                    ..seen
                }
            }
        }
    }

    /// Returns the fields of a call that all events contain.
    fn traced(&self, call: Call, range: Range) -> bindings::rust_vma_traced {
        let (mut pid, mut tgid) = (0, 0);
        // SAFETY: The mm is valid.
        unsafe { bindings::rust_vma_trace_target(self.mm.as_raw(), &mut pid, &mut tgid) };
        bindings::rust_vma_traced {
            engine: call.caller.engine().as_char_ptr(),
            helper: call.helper.name().as_c_str().as_char_ptr(),
            start: range.start(),
            end: range.end(),
            pid,
            tgid,
        }
    }
}

/// Traces an event. Out of line, because the event is rarely enabled.
///
/// # Safety
///
/// `event` is the function of a tracepoint that takes a call, the name of an ending, and a VMA.
#[cold]
#[inline(never)]
unsafe fn tell(
    event: unsafe extern "C" fn(
        *const bindings::rust_vma_traced,
        *const c_char,
        *const bindings::rust_vma_seen,
    ),
    call: Call,
    range: Range,
    ending: Ending,
    memory: TracedMemory<'_>,
) {
    let (traced, vma) = (memory.traced(call, range), memory.see(range.start()));
    // SAFETY: By the caller's promise `event` is the function of a tracepoint. The name is a C string.
    unsafe { event(&traced, ending.name().as_c_str().as_char_ptr(), &vma) };
}

/// Defines a function that traces the ending of a call if the event is enabled.
macro_rules! event {
    ($(#[$attribute:meta])* $name:ident, $tracepoint:ident, $call:ident) => {
        $(#[$attribute])*
        #[inline(always)]
        pub(crate) fn $name<'a>(
            call: Call,
            range: Range,
            ending: Ending,
            memory: &impl Fn() -> TracedMemory<'a>,
        ) {
            // SAFETY: The key is the static key of a tracepoint.
            if unsafe {
                static_branch_unlikely!(bindings::$tracepoint, bindings::tracepoint, key)
            } {
                // SAFETY: The function belongs to this tracepoint, which is of the class `rust_vma_call`.
                unsafe { tell(bindings::$call, call, range, ending, memory()) };
            }
        }
    };
}

event! {
    /// Traces the end of a call that makes a range ready for a change.
    modify, __tracepoint_vma_modify, rust_do_trace_vma_modify
}

event! {
    /// Traces the merge of a range into a VMA beside it.
    merge, __tracepoint_vma_merge, rust_do_trace_vma_merge
}

event! {
    /// Traces a split of a VMA, or a failed attempt.
    split, __tracepoint_vma_split, rust_do_trace_vma_split
}

/// Traces the reason why the VMA on this side of the range has not joined it.
#[inline(always)]
pub(crate) fn blocked<'a>(
    call: Call,
    range: Range,
    side: Side,
    reason: Reason,
    memory: &impl Fn() -> TracedMemory<'a>,
) {
    // SAFETY: The key is the static key of a tracepoint.
    if unsafe {
        static_branch_unlikely!(
            bindings::__tracepoint_vma_blocked,
            bindings::tracepoint,
            key
        )
    } {
        tell_blocked(call, range, side, reason, memory());
    }
}

#[cold]
#[inline(never)]
fn tell_blocked(call: Call, range: Range, side: Side, reason: Reason, memory: TracedMemory<'_>) {
    let (name, beside) = match side {
        Side::Below => (c"below", range.start().wrapping_sub(1)),
        Side::Above => (c"above", range.end()),
    };
    let (wanted, neighbour) = (memory.wanted(range), memory.see(beside));
    let mut names = FlagNames::NONE;
    if reason == Reason::Rule(Blocker::Flags) {
        let ours = VmaFlags::from_raw(wanted.flags);
        let theirs = VmaFlags::from_raw(neighbour.flags);
        names.write(Distinctive::of(ours, theirs), Distinctive::of(theirs, ours));
    }
    let traced = memory.traced(call, range);
    // SAFETY: The function belongs to a tracepoint, and the names are C strings.
    unsafe {
        bindings::rust_do_trace_vma_blocked(
            &traced,
            name.as_char_ptr(),
            reason.name().as_c_str().as_char_ptr(),
            &wanted,
            &neighbour,
            names.of_range(),
            names.of_neighbour(),
        );
    }
}

/// The names of the flags that only the range has, and of the flags that only its neighbour has: two C strings with
/// commas between the names.
///
/// Both strings share one buffer, which has room for the name of each flag once: no flag is in both strings. Two
/// buffers of this size would take too much of the stack.
struct FlagNames {
    text: [u8; Self::LENGTH],
    /// The start of the second string.
    second: usize,
}

impl FlagNames {
    /// The maximum number of bytes that the names need, including the commas. A protection key may be in both strings.
    const LENGTH: usize = VmaFlags::BITS * 4 + 2 * 8 + 2;

    /// No names.
    const NONE: Self = Self {
        text: [0; Self::LENGTH],
        second: 0,
    };

    fn write(&mut self, of_range: Distinctive, of_neighbour: Distinctive) {
        self.second = self.write_at(0, of_range) + 1;
        self.write_at(self.second, of_neighbour);
    }

    /// Writes the names of `flags` at `start`, and returns the position after them, where a zero byte remains.
    fn write_at(&mut self, start: usize, flags: Distinctive) -> usize {
        let room = self
            .text
            .get_mut(start..Self::LENGTH - 1)
            .unwrap_or_default();
        let mut text = Bounded::new(&mut *room);
        // Names that do not fit are left out.
        let _ = flags.write_to(&mut text);
        let length = text.as_bytes().len();
        for byte in room.iter_mut().filter(|byte| **byte == b' ') {
            *byte = b',';
        }
        start + length
    }

    fn of_range(&self) -> *const c_char {
        self.text.as_ptr().cast()
    }

    fn of_neighbour(&self) -> *const c_char {
        // The last byte stays zero.
        let rest = self.text.get(self.second..).unwrap_or(&[0]);
        rest.as_ptr().cast()
    }
}
