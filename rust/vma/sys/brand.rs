// SPDX-License-Identifier: GPL-2.0

//! Brands, which keep the items of one address space apart from those of another.

use core::marker::PhantomData;

/// A lifetime that identifies an address space: all types of that address space share it, and no types of another do.
/// It is invariant, so the compiler can neither shorten nor extend it.
pub(super) type Brand<'g> = PhantomData<fn(&'g ()) -> &'g ()>;
