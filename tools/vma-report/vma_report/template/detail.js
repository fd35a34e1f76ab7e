// SPDX-License-Identifier: GPL-2.0

// What is known of a VMA: where it is, and what keeps it from the ones below and above.

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
        this.explanation.vmas.count
          ? "Point to a VMA, or click it to keep it here."
          : "No two VMAs are in the file.",
      );
      return;
    }
    const { below, above } = this.explanation.vmas;
    this.element.replaceChildren(
      this.side("the one below", below[vma]),
      this.itself(vma),
      this.side("the one above", above[vma]),
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
    return make(
      "div",
      {},
      heading("The VMA"),
      make("p", { className: "vma address", textContent: rangeInWords(starts[vma], ends[vma]) }),
      make("p", {}, `${sizeInWords(units)}, ${numberInWords(pages)} ${pages === 1 ? "page" : "pages"} of ${pageSize / 1024} KiB`),
    );
  }

  side(neighbour, pair) {
    if (pair < 0) {
      const nothing = make("p", { className: "quiet", textContent: "There is none." });
      return make("div", {}, heading(`To ${neighbour}`), nothing);
    }
    const { words, causes } = this.explanation.reasons[this.explanation.pairs.reasons[pair]];
    return make(
      "div",
      {},
      heading(causes.length ? `Kept from ${neighbour} because` : `With ${neighbour}`),
      lettersElement(causes, this.names),
      make("ul", {}, ...words.map((each) => make("li", { textContent: each }))),
    );
  }
}

function heading(text) {
  return make("h3", { textContent: text });
}
