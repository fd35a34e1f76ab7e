// SPDX-License-Identifier: GPL-2.0

// Numbers in words. The words for rules, flags and causes are in the data.

// Returns a number of pages as an address, as in /proc/PID/maps. Fractions of a page become bytes.
function addressInWords(pages) {
  const whole = Math.floor(pages);
  const bytes = Math.floor((pages - whole) * 4096);
  return whole.toString(16) + bytes.toString(16).padStart(3, "0");
}

function rangeInWords(start, end) {
  return `${addressInWords(start)}-${addressInWords(end)}`;
}

function sizeInWords(pages) {
  let size = pages * 4;
  let unit = "KiB";
  for (const larger of ["MiB", "GiB", "TiB", "PiB"]) {
    if (size < 1024) {
      break;
    }
    size /= 1024;
    unit = larger;
  }
  return `${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} ${unit}`;
}

// Returns the rights of a VMA in letters, as in /proc/PID/maps. Empty if the file does not have
// them.
function rightsOf({ vmas, natures }, vma) {
  return natures[vmas.natures[vma]]?.[0] ?? "";
}

function kindOf({ vmas, natures }, vma) {
  return natures[vmas.natures[vma]]?.[1] ?? "";
}

function natureInWords(explanation, vma) {
  return [rightsOf(explanation, vma), kindOf(explanation, vma)].filter(Boolean).join(" ");
}

// Returns rights in words. Letters without words stand for missing rights.
function rightsInWords({ rights: words }, rights) {
  const told = [...rights].map((letter) => words[letter]).filter(Boolean);
  return told.length ? `${rights} (${told.join(", ")})` : rights;
}

function numberInWords(number) {
  return number.toLocaleString("en");
}

function vmasInWords(number) {
  return number === 1 ? "1 VMA" : `${numberInWords(number)} VMAs`;
}
