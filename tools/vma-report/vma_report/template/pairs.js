// SPDX-License-Identifier: GPL-2.0

// The table of pairs. There may be a million of them, so the document only has the visible rows,
// which are moved and filled again as the table is scrolled.

// The greatest height over which browsers scroll. With more rows, a step of the scroll bar is
// several rows.
const MOST_PIXELS = 8000000;

const COLUMNS = [
  { name: "address", title: "The upper VMA starts at" },
  { name: "lower", title: "Lower VMA" },
  { name: "upper", title: "Upper VMA" },
  { name: "causes", title: "Causes" },
  { name: "why", title: "Why they are apart" },
];

class PairTable {
  // chose(pair) is called when a pair is clicked, or Enter is pressed on it.
  constructor(explanation, { table, head, scroll, space, rows, found }, chose) {
    Object.assign(this, { explanation, table, scroll, space, rows, found, chose });
    this.names = explanation.summary.causes.map(({ cause }) => cause);
    this.chosenCauses = new Set();
    this.terms = [];
    this.sorting = { name: "address", isDescending: false };
    this.chosenPair = -1;
    this.pool = [];
    this.frame = 0;
    this.makeHead(head);
    scroll.addEventListener("scroll", () => this.refresh());
    new ResizeObserver(() => this.measure()).observe(scroll);
    table.addEventListener("keydown", (event) => this.press(event));
    this.select();
  }

  makeHead(head) {
    this.headCells = COLUMNS.map(({ name, title }) => {
      const button = make("button", { type: "button", textContent: title });
      button.addEventListener("click", () => this.sortBy(name));
      const cell = make("div", { className: name }, button);
      cell.setAttribute("role", "columnheader");
      return cell;
    });
    head.append(...this.headCells);
  }

  showCauses(causes) {
    this.chosenCauses = causes;
    this.select();
  }

  // Filters the rows by words. All words have to be in a row's text or addresses, or be an address
  // in one of its VMAs.
  filter(text) {
    this.terms = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.select();
  }

  sortBy(name) {
    const isDescending = this.sorting.name === name && !this.sorting.isDescending;
    this.sorting = { name, isDescending };
    this.sort();
  }

  // Selects the pairs that are shown.
  select() {
    const { pairs, reasons } = this.explanation;
    const matchers = this.terms.map((term) => this.matcherOf(term));
    const hasCause = Uint8Array.from(reasons, (reason) => this.isAmongChosen(reason));
    const kept = new Uint32Array(pairs.count);
    let count = 0;
    for (let pair = 0; pair < pairs.count; pair++) {
      if (hasCause[pairs.reasons[pair]] && matchers.every((matches) => matches(pair))) {
        kept[count++] = pair;
      }
    }
    this.order = kept.slice(0, count);
    this.found.textContent =
      count === pairs.count
        ? `${numberInWords(count)} boundaries`
        : `${numberInWords(count)} of ${numberInWords(pairs.count)} boundaries`;
    this.table.setAttribute("aria-rowcount", count + 1);
    this.measure();
    this.sort();
  }

  // Measures the height of rows, which are higher on a telephone.
  measure() {
    this.rowHeight = parseFloat(getComputedStyle(this.table).getPropertyValue("--row-height"));
    this.space.style.height = `${Math.min(this.order.length * this.rowHeight, MOST_PIXELS)}px`;
    this.refresh();
  }

  isAmongChosen({ causes }) {
    const mergeable = this.names.length;
    const own = causes.length ? causes : [mergeable];
    return this.chosenCauses.size === 0 || own.some((cause) => this.chosenCauses.has(cause));
  }

  matcherOf(term) {
    const { pairs, reasons, natures, vmas } = this.explanation;
    const isInReason = Uint8Array.from(reasons, (reason) => this.textOf(reason).includes(term));
    const isInNature = Uint8Array.from(natures, (told) => told.join(" ").toLowerCase().includes(term));
    const isInWords = (pair) => {
      const upper = pairs.upperVmas[pair];
      return isInReason[pairs.reasons[pair]] || isInNature[vmas.natures[upper]] || isInNature[vmas.natures[upper - 1]];
    };
    const digits = term.replace(/^0x/, "");
    if (!/^[0-9a-f]{3,16}$/.test(digits)) {
      return isInWords;
    }
    const address = parseInt(digits, 16) / 4096;
    return (pair) =>
      isInWords(pair) ||
      (pairs.starts[pair] <= address && address < pairs.ends[pair]) ||
      addressInWords(pairs.uppers[pair]).includes(digits);
  }

  // Returns the text of a reason in lower case, which is made only once.
  textOf(reason) {
    reason.text ??= [...reason.words, ...reason.causes.map((cause) => this.names[cause])].join("\n").toLowerCase();
    return reason.text;
  }

  sort() {
    const { name, isDescending } = this.sorting;
    const keys = this.keys(name);
    const sign = isDescending ? -1 : 1;
    this.order.sort((one, other) => sign * (keys[one] - keys[other]) || one - other);
    this.headCells.forEach((cell, place) => {
      const isSorted = COLUMNS[place].name === name;
      cell.setAttribute("aria-sort", !isSorted ? "none" : isDescending ? "descending" : "ascending");
    });
    this.scroll.scrollTop = 0;
    this.refresh();
  }

  keys(name) {
    const { pairs, reasons } = this.explanation;
    switch (name) {
      case "lower":
        return pairs.boundaries.map((boundary, pair) => boundary - pairs.starts[pair]);
      case "upper":
        return pairs.ends.map((end, pair) => end - pairs.uppers[pair]);
      case "causes": {
        // Sorts by the worst cause, then by the number of causes.
        const ofReason = reasons.map(({ causes }) =>
          causes.length ? causes[0] * 64 + causes.length : this.names.length * 64,
        );
        return Float64Array.from(pairs.reasons, (reason) => ofReason[reason]);
      }
      case "why": {
        const sorted = reasons.map((_, place) => place);
        const told = reasons.map(({ words }) => words.join("; "));
        sorted.sort((one, other) => (told[one] < told[other] ? -1 : 1));
        const placeOf = new Float64Array(reasons.length);
        sorted.forEach((reason, place) => {
          placeOf[reason] = place;
        });
        return Float64Array.from(pairs.reasons, (reason) => placeOf[reason]);
      }
      default:
        return pairs.uppers;
    }
  }

  refresh() {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  // The scroll position of the table, in rows.
  get firstRow() {
    const { scroll, order } = this;
    const hidden = scroll.scrollHeight - scroll.clientHeight;
    const rows = order.length - scroll.clientHeight / this.rowHeight;
    return hidden > 0 && rows > 0 ? (scroll.scrollTop / hidden) * rows : 0;
  }

  draw() {
    const { rows, order, pool, scroll } = this;
    const first = this.firstRow;
    const needed = Math.ceil(scroll.clientHeight / this.rowHeight) + 1;
    while (pool.length < needed) {
      pool.push(this.makeRow());
      rows.append(pool.at(-1).row);
    }
    pool.forEach((row, place) => {
      const index = Math.floor(first) + place;
      row.row.hidden = index >= order.length || place >= needed;
      if (!row.row.hidden) {
        row.row.style.transform = `translateY(${(index - first) * this.rowHeight}px)`;
        this.fill(row, index);
      }
    });
  }

  makeRow() {
    const cells = COLUMNS.map(({ name }) => {
      const cell = make("div", { className: name });
      cell.setAttribute("role", "gridcell");
      return cell;
    });
    const row = make("div", {}, ...cells);
    row.setAttribute("role", "row");
    const made = { row, cells, pair: -1 };
    row.addEventListener("click", () => this.choose(made.pair));
    return made;
  }

  fill(made, index) {
    const { pairs, reasons } = this.explanation;
    const pair = this.order[index];
    const isChosen = pair === this.chosenPair;
    made.row.setAttribute("aria-selected", String(isChosen));
    made.row.setAttribute("aria-rowindex", index + 2);
    made.row.id = isChosen ? "chosen-pair" : "";
    if (made.pair === pair) {
      return;
    }
    made.pair = pair;
    const reason = reasons[pairs.reasons[pair]];
    const [address, lower, upper, causes, why] = made.cells;
    const above = pairs.upperVmas[pair];
    address.textContent = addressInWords(pairs.uppers[pair]);
    lower.replaceChildren(...this.side(above - 1, pairs.boundaries[pair] - pairs.starts[pair]));
    upper.replaceChildren(...this.side(above, pairs.ends[pair] - pairs.uppers[pair]));
    causes.replaceChildren(lettersElement(reason.causes, this.names));
    why.textContent = reason.words.join("; ");
    why.title = why.textContent;
  }

  // Returns elements for the size and the description of a VMA.
  side(vma, pages) {
    const words = natureInWords(this.explanation, vma);
    const size = make("span", { className: "size", textContent: sizeInWords(pages) });
    return [size, " ", make("span", { className: "nature", textContent: words, title: words })];
  }

  choose(pair) {
    this.mark(pair);
    this.chose(pair);
  }

  // Marks a row, and scrolls to it if it is out of sight.
  mark(pair) {
    this.chosenPair = pair;
    const index = pair < 0 ? -1 : this.order.indexOf(pair);
    if (index >= 0) {
      this.bringIntoSight(index);
      this.table.setAttribute("aria-activedescendant", "chosen-pair");
    } else {
      this.table.removeAttribute("aria-activedescendant");
    }
    this.refresh();
  }

  bringIntoSight(index) {
    const { scroll, order } = this;
    const visible = scroll.clientHeight / this.rowHeight;
    const first = this.firstRow;
    if (index >= first && index + 1 <= first + visible) {
      return;
    }
    // A nearby row is brought to the nearer edge, any other row to the middle.
    const isNear = index >= first - visible && index < first + 2 * visible;
    const middle = Math.max(index + 0.5 - visible / 2, 0);
    const wanted = !isNear ? middle : index < first ? index : index + 1 - visible;
    const hidden = scroll.scrollHeight - scroll.clientHeight;
    scroll.scrollTop = (wanted / Math.max(order.length - visible, 1)) * hidden;
  }

  press(event) {
    if (event.target !== this.table || this.order.length === 0) {
      return;
    }
    const page = Math.floor(this.scroll.clientHeight / this.rowHeight);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page };
    const at = this.order.indexOf(this.chosenPair);
    const last = this.order.length - 1;
    let next;
    if (event.key in steps) {
      next = at < 0 ? Math.floor(this.firstRow) : Math.min(Math.max(at + steps[event.key], 0), last);
    } else if (event.key === "Home") {
      next = 0;
    } else if (event.key === "End") {
      next = last;
    } else if (event.key === "Enter" && at >= 0) {
      this.chose(this.chosenPair);
    } else {
      return;
    }
    event.preventDefault();
    if (next !== undefined) {
      this.mark(this.order[next]);
    }
  }
}
