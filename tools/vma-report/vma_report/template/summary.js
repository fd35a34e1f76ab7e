// SPDX-License-Identifier: GPL-2.0

// What it all amounts to: the sentences, the causes, the longest runs.

// As `explain` says it in its first line.
function culpritInWords(summary) {
  const apart = summary.touching - summary.mergeable;
  const [first] = summary.causes;
  if (!first) {
    return "Nothing keeps VMAs apart that touch.";
  }
  const share = Math.floor((first.pairs * 100) / Math.max(apart, 1));
  const begin = `Main cause: ${first.cause}, in ${numberInWords(first.pairs)} of ${numberInWords(apart)} pairs (${share}%)`;
  return first.without === summary.remaining
    ? `${begin}; but no cause is enough by itself to keep any apart.`
    : `${begin}; without it, ${vmasInWords(first.without)} would remain, not ${numberInWords(summary.remaining)}.`;
}

// A VMA that touches no other one is in the file only as a number.
function limitInWords({ summary, vmas }) {
  const touching = `${numberInWords(summary.touching)} pairs touch, ${numberInWords(summary.mergeable)} of them mergeable`;
  const alone =
    summary.remaining === summary.vmas ? "" : `; ${vmasInWords(summary.remaining)} would remain if these were merged`;
  const untold = summary.vmas - vmas.count;
  const single =
    vmas.count > 0 && untold > 0
      ? ` ${vmasInWords(untold)} ${untold === 1 ? "touches" : "touch"} no other; the strip has all the rest.`
      : "";
  return `${touching}${alone}.${single}`;
}

function key(kind, text) {
  return [make("span", { className: `key ${kind}` }), make("b", { textContent: text })];
}

function showVerdict(explanation, { heading, culprit, meter, limit }) {
  const { summary } = explanation;
  const [first] = summary.causes;
  const rest = first ? first.without : summary.remaining;
  const most = Math.max(summary.max_map_count, summary.vmas, 1);
  heading.textContent = `Why there are ${vmasInWords(summary.vmas)}`;
  culprit.textContent = culpritInWords(summary);
  const [all, remaining] = meter.children;
  all.style.width = `${(summary.vmas / most) * 100}%`;
  remaining.style.width = `${(Math.min(rest, summary.vmas) / most) * 100}%`;
  const share = ((summary.vmas * 100) / Math.max(summary.max_map_count, 1)).toFixed(1);
  const used = `${vmasInWords(summary.vmas)} of at most ${numberInWords(summary.max_map_count)} (vm.max_map_count, ${share}% used)`;
  meter.setAttribute("aria-label", used);
  limit.append(...key("all", used), " ");
  if (first && first.without !== summary.remaining) {
    limit.append(...key("rest", `${numberInWords(first.without)} without the main cause`), " ");
  }
  limit.append(limitInWords(explanation));
}

function showCauses({ summary, advice }, body) {
  body.append(
    ...summary.causes.map(({ cause, pairs, alone, without }, place) => {
      const name = make("td", {}, make("span", {}, letterElement(place), cause));
      if (advice[place]) {
        name.append(make("p", { className: "quiet", textContent: advice[place] }));
      }
      const numbers = [pairs, alone, without].map((number) =>
        make("td", { className: "number", textContent: numberInWords(number) }),
      );
      const length = make("div");
      length.style.width = `${(without / Math.max(summary.vmas, 1)) * 100}%`;
      const bar = make("td", {}, make("div", { className: "track" }, length));
      return make("tr", {}, name, ...numbers, bar);
    }),
  );
}

function showRuns(summary, list, chose) {
  const names = summary.causes.map(({ cause }) => cause);
  list.append(
    ...summary.runs.map((run) => {
      const causes = run.causes.map((cause) => names.indexOf(cause)).sort((a, b) => a - b);
      const where = make("span", { className: "address", textContent: rangeInWords(...run.range) });
      const told = `${vmasInWords(run.vmas)}: ${run.causes.join(", ")}`;
      const what = make("span", { className: "what" }, told, make("br"), where);
      const button = make("button", { type: "button" }, lettersElement(causes, names), what);
      button.addEventListener("click", () => chose(run));
      return make("li", {}, button);
    }),
  );
}

// Buttons, to see only some of the causes. changed(causes): with those pressed, none for all.
function showLegend(explanation, element, changed) {
  const { summary } = explanation;
  const pressed = new Set();
  const legendButton = (place, letter, text) => {
    const button = make("button", { type: "button" }, letter, text);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      if (!pressed.delete(place)) {
        pressed.add(place);
      }
      button.setAttribute("aria-pressed", String(pressed.has(place)));
      changed(pressed);
    });
    return button;
  };
  element.append(...summary.causes.map(({ cause }, place) => legendButton(place, letterElement(place), cause)));
  if (summary.mergeable > 0) {
    element.append(legendButton(summary.causes.length, mergeableElement(), MERGEABLE));
  }
}
