// SPDX-License-Identifier: GPL-2.0

// The summary: the sentences, the causes, the longest runs.

// Returns the use of the limit in words. A range has no limit, only a process has.
function usedInWords({ vmas, max_map_count: most }) {
  if (most === null) {
    return `${vmasInWords(vmas)} in the range that was asked about`;
  }
  const share = ((vmas * 100) / Math.max(most, 1)).toFixed(1);
  return `${vmasInWords(vmas)} of at most ${numberInWords(most)} (vm.max_map_count, ${share}% used)`;
}

function touchingInWords(summary) {
  const touching = [
    `${numberInWords(summary.touching)} touch the next one`,
    `${numberInWords(summary.mergeable)} are mergeable with it`,
    `${numberInWords(summary.alone)} touch no other`,
  ].join(", ");
  const merged =
    summary.remaining === summary.vmas
      ? ""
      : `; ${vmasInWords(summary.remaining)} would remain if those that are mergeable merged`;
  return `${touching}${merged}.`;
}

function key(kind, text) {
  return [make("span", { className: `key ${kind}` }), make("b", { textContent: text })];
}

function showVerdict(explanation, { heading, answer, meter, limit }) {
  const { summary } = explanation;
  const [first] = summary.steps;
  const rest = first ? first.remaining : summary.remaining;
  const most = Math.max(summary.max_map_count ?? 0, summary.vmas, 1);
  heading.textContent = `Why there are ${vmasInWords(summary.vmas)}`;
  answer.append(...summary.answer.map((sentence) => make("p", { textContent: `${sentence}.` })));
  const [all, remaining] = meter.children;
  all.style.width = `${(summary.vmas / most) * 100}%`;
  remaining.style.width = `${(Math.min(rest, summary.vmas) / most) * 100}%`;
  const used = usedInWords(summary);
  meter.setAttribute("aria-valuemax", most);
  meter.setAttribute("aria-valuenow", summary.vmas);
  meter.setAttribute("aria-valuetext", used);
  limit.append(...key("all", used), " ");
  if (first) {
    limit.append(...key("rest", `${numberInWords(first.remaining)} without the main cause`), " ");
  }
  limit.append(touchingInWords(summary));
}

function showCauses({ summary, advice }, body) {
  body.append(
    ...summary.causes.map(({ cause, boundaries, by_itself: byItself, without }, place) => {
      const name = make("th", { scope: "row" }, make("span", {}, letterElement(place), cause));
      if (advice[place]) {
        name.append(make("p", { className: "quiet", textContent: advice[place] }));
      }
      const numbers = [boundaries, byItself, without].map((number) =>
        make("td", { className: "number", textContent: numberInWords(number) }),
      );
      // The length of the bar is the number of VMAs that disappear without the cause.
      const length = make("div");
      const disappearing = summary.remaining - without;
      length.style.width = `${(disappearing / Math.max(summary.vmas, 1)) * 100}%`;
      const track = make("div", { className: "track", role: "img", ariaLabel: numberInWords(disappearing) }, length);
      const bar = make("td", {}, track);
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
      const letters = make("span", { className: "letters" }, ...causes.map(letterElement));
      const show = make("span", { className: "unseen", textContent: "Show " });
      const button = make("button", { type: "button" }, letters, show, what);
      button.setAttribute("aria-controls", "strip where");
      button.addEventListener("click", () => chose(run));
      return make("li", {}, button);
    }),
  );
}

// Makes buttons that show only some of the causes. changed(causes) is called with the pressed
// causes; none stand for all.
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
