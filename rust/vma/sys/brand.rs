// SPDX-License-Identifier: GPL-2.0

//! Brands, which keep what belongs to one address space apart from what belongs to another.

use core::marker::PhantomData;

/// A lifetime that the types of one address space share, and those of no other: nothing outlives it, and
/// nothing can shorten it.
pub(super) type Brand<'g> = PhantomData<fn(&'g ()) -> &'g ()>;
