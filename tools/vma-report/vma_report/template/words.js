// SPDX-License-Identifier: GPL-2.0

// How things are told to people.

// Flags have the names that they have in the line VmFlags of smaps.
const FLAGS = {
  rd: "may be read",
  wr: "may be written",
  ex: "may be executed",
  sh: "MAP_SHARED",
  mr: "mprotect may allow to read",
  mw: "mprotect may allow to write",
  me: "mprotect may allow to execute",
  ms: "may be shared",
  gd: "MAP_GROWSDOWN",
  pf: "page frames of a driver",
  gu: "MADV_GUARD_INSTALL was used",
  lo: "mlock",
  io: "memory of a device",
  sr: "MADV_SEQUENTIAL",
  rr: "MADV_RANDOM",
  dc: "MADV_DONTFORK",
  de: "mremap cannot enlarge it",
  lf: "MLOCK_ONFAULT",
  ac: "accounted as committed memory",
  nr: "MAP_NORESERVE",
  ht: "MAP_HUGETLB",
  sf: "MAP_SYNC",
  ar: "a flag of this architecture",
  bt: "PROT_BTI",
  wf: "MADV_WIPEONFORK",
  dd: "MADV_DONTDUMP",
  sd: "soft-dirty",
  mm: "pages of a driver",
  hg: "MADV_HUGEPAGE",
  nh: "MADV_NOHUGEPAGE",
  mg: "MADV_MERGEABLE",
  um: "userfaultfd, missing pages",
  uw: "userfaultfd, write-protected",
  ui: "userfaultfd, minor faults",
  ur: "userfaultfd, accesses",
  dp: "MAP_DROPPABLE",
  sl: "mseal",
  "??": "flags that smaps has no name for",
};

function flagsInWords(names) {
  return names
    .split(" ")
    .map((name) => (Object.hasOwn(FLAGS, name) ? `${name} (${FLAGS[name]})` : name))
    .join(", ");
}

function blockerInWords(blocker) {
  switch (blocker.rule) {
    case "close":
      return "the drivers of both have to see them closed";
    case "special":
      return "special mappings never merge";
    case "flags":
      return `flags differ: ${[
        blocker.only_lower && `only the lower one has ${flagsInWords(blocker.only_lower)}`,
        blocker.only_upper && `only the upper one has ${flagsInWords(blocker.only_upper)}`,
      ]
        .filter(Boolean)
        .join("; ")}`;
    case "file":
      return `files differ: ${blocker.lower ?? "none"} below, ${blocker.upper ?? "none"} above`;
    case "pgoff":
      return `page offset ${blocker.found}, not ${blocker.expected}, as would continue the lower one`;
    case "anon_pgoff":
      return `anonymous page offset ${blocker.found}, not ${blocker.expected}, as would continue the lower one`;
    case "anon_vma":
      return "anon_vmas differ: both were written before they were neighbours";
    case "fork":
      return `the ${blocker.inherited} one's anon_vma was inherited by fork`;
    case "policy":
      return `NUMA policies differ: ${blocker.lower} below, ${blocker.upper} above`;
    case "userfaultfd":
      return "userfaultfds differ";
    case "name":
      return `names differ: ${nameInWords(blocker.lower)} below, ${nameInWords(blocker.upper)} above`;
    case "adjacent":
      return "they are not adjacent";
    case "end":
      return "it touches no end of its VMA";
    default:
      return "a move does not allow it";
  }
}

function nameInWords(name) {
  return name === null ? "none" : `"${name}"`;
}

const MAY_BE_ONE = "may be one; nothing has asked for it yet";

function reasonInWords(reason) {
  return reason.blockers.length ? reason.blockers.map(blockerInWords).join("; ") : MAY_BE_ONE;
}

// A number of pages as an address, as in /proc/PID/maps. Parts of pages are bytes.
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

function numberInWords(number) {
  return number.toLocaleString("en");
}

function vmasInWords(number) {
  return number === 1 ? "1 VMA" : `${numberInWords(number)} VMAs`;
}
