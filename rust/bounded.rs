// SPDX-License-Identifier: GPL-2.0

//! Text of a bounded length.

use core::{
    fmt,
    ops::DerefMut, //
};

/// Storage for text: a mutable slice of bytes.
pub(crate) trait Room: DerefMut<Target = [u8]> {}

impl<Bytes: DerefMut<Target = [u8]>> Room for Bytes {}

/// Text that never outgrows the storage it was created with.
pub(crate) struct Bounded<Bytes> {
    /// The storage, used and unused.
    bytes: Bytes,
    /// The number of bytes written.
    length: usize,
}

/// The error for a piece that does not fit. The text is unchanged.
#[derive(Debug)]
pub(crate) struct Full;

impl<Bytes: Room> Bounded<Bytes> {
    /// Creates an empty text that is stored in `bytes`.
    pub(crate) const fn new(bytes: Bytes) -> Self {
        Self { bytes, length: 0 }
    }

    /// Returns the text written so far.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Returns the number of bytes that still fit.
    pub(crate) fn room(&self) -> usize {
        self.bytes.len() - self.length
    }

    /// Appends all of `bytes` or nothing.
    #[inline]
    pub(crate) fn append_bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.length + bytes.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(Full)?;
        place.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    /// Appends as many bytes as fit, and returns their number.
    pub(crate) fn append_some(&mut self, bytes: &[u8]) -> usize {
        let some = bytes.get(..self.room()).unwrap_or(bytes);
        self.append_bytes(some).map_or(0, |()| some.len())
    }

    /// Keeps at most the first `bytes` bytes.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.length = self.length.min(bytes);
    }

    /// Deletes all text.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Appends the whole `piece` or nothing.
    pub(crate) fn append(&mut self, piece: fmt::Arguments<'_>) -> Result<(), Full> {
        self.append_whole(|text| fmt::Write::write_fmt(text, piece).map_err(|fmt::Error| Full))
    }

    /// Calls `append`, and removes the text that it appended if it fails.
    pub(crate) fn append_whole(
        &mut self,
        append: impl FnOnce(&mut Self) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let before = self.length;
        append(self).inspect_err(|Full| self.truncate(before))
    }
}

/// The two hexadecimal digits of each byte.
static DIGITS: [[u8; 2]; 256] = {
    const DIGIT: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [DIGIT[byte >> 4], DIGIT[byte & 0xf]];
        byte += 1;
    }
    digits
};

/// A number in hexadecimal, followed by one ASCII byte. (Formatting with `fmt` takes several times as long.)
pub(crate) struct Hex {
    digits: [u8; Self::MOST + 1],
    unused: usize,
}

impl Hex {
    /// The maximum number of digits.
    const MOST: usize = 2 * size_of::<usize>();

    /// Converts `number`, and appends the byte `then`.
    #[inline]
    pub(crate) fn of(number: usize, then: u8) -> Self {
        Self::with_digits(number, 1, then)
    }

    /// Converts `number` with at least `least` digits, and appends the byte `then`.
    #[inline]
    fn with_digits(number: usize, least: usize, then: u8) -> Self {
        let mut digits = [then; Self::MOST + 1];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
            if let Some(two) = DIGITS.get(usize::from(byte)) {
                pair.copy_from_slice(two);
            }
        }
        let unused = (number.leading_zeros() as usize / 4).min(Self::MOST - least);
        Self { digits, unused }
    }
}

impl<Bytes: Room> Bounded<Bytes> {
    /// Appends an address in hexadecimal with at least twelve digits, as in /proc/PID/maps, and the byte `then`.
    pub(crate) fn append_address(&mut self, addr: usize, then: u8) -> Result<(), Full> {
        self.append_hex(&Hex::with_digits(addr, 12, then))
    }

    /// Appends a converted number.
    #[inline]
    pub(crate) fn append_hex(&mut self, Hex { digits, unused }: &Hex) -> Result<(), Full> {
        self.append_bytes(digits.get(*unused..).unwrap_or(&[]))
    }

    /// Appends a string.
    #[inline]
    pub(crate) fn append_str(&mut self, piece: &str) -> Result<(), Full> {
        self.append_bytes(piece.as_bytes())
    }
}

impl<Bytes: Room> fmt::Write for Bounded<Bytes> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.append_str(piece).map_err(|Full| fmt::Error)
    }
}
