// SPDX-License-Identifier: GPL-2.0

// The details of a VMA: its addresses, and the reasons that keep it apart from the VMAs below and above.

class Detail {
  constructor(explanation, element) {
    this.explanation = explanation;
    this.element = element;
    this.names = explanation.summary.causes.map(({ cause }) => cause);
    this.show(-1);
  }

  show(vma) {
    if (vma < 0) {
      this.hint(
        this.explanation.vmas.count ? "Point to a VMA, or click it to keep it here." : "There are no VMAs in the file.",
      );
      return;
    }
    const { below, above } = this.explanation.vmas;
    this.element.replaceChildren(
      this.side("the one below", below[vma], vma - 1),
      this.itself(vma),
      this.side("the one above", above[vma], vma + 1),
    );
  }

  showHoleBelow(vma) {
    const { starts, ends } = this.explanation.vmas;
    const range = rangeInWords(ends[vma - 1], starts[vma]);
    const size = sizeInWords(starts[vma] - ends[vma - 1]);
    this.hint(`${range}: a hole of ${size}, in which nothing is mapped.`);
  }

  hint(words) {
    const hint = make("p", { className: "quiet", textContent: words });
    this.element.replaceChildren(make("div", { className: "hint" }, hint));
  }

  itself(vma) {
    const { starts, ends } = this.explanation.vmas;
    const units = ends[vma] - starts[vma];
    const { pageSize } = this.explanation;
    const pages = (units * 4096) / pageSize;
    const rights = rightsInWords(this.explanation, rightsOf(this.explanation, vma));
    const told = [kindOf(this.explanation, vma), rights].filter(Boolean);
    return make(
      "div",
      {},
      heading("The VMA"),
      make("p", { className: "vma address", textContent: rangeInWords(starts[vma], ends[vma]) }),
      ...told.map((words) => make("p", { className: "nature", textContent: words })),
      make(
        "p",
        {},
        `${sizeInWords(units)}, ${numberInWords(pages)} ${pages === 1 ? "page" : "pages"} of ${pageSize / 1024} KiB`,
      ),
    );
  }

  side(neighbour, pair, vma) {
    if (pair < 0) {
      const nothing = make("p", { className: "quiet", textContent: "There is none." });
      return make("div", {}, heading(`To ${neighbour}`), nothing);
    }
    const { starts, ends } = this.explanation.vmas;
    const nature = [sizeInWords(ends[vma] - starts[vma]), natureInWords(this.explanation, vma)];
    const { words, causes } = this.explanation.reasons[this.explanation.pairs.reasons[pair]];
    return make(
      "div",
      {},
      heading(causes.length ? `Kept from ${neighbour} because` : `With ${neighbour}`),
      make("p", { className: "nature", textContent: nature.filter(Boolean).join(", ") }),
      lettersElement(causes, this.names),
      make("ul", {}, ...words.map((each) => make("li", { textContent: each }))),
    );
  }
}

function heading(text) {
  return make("h3", { textContent: text });
}
