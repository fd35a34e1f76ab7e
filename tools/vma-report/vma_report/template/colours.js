// SPDX-License-Identifier: GPL-2.0

// Each cause has a letter and a colour; the letter alone is enough to identify it. The colours are
// those of Okabe and Ito, which people with any kind of colour vision can tell apart. From the
// eighth cause on, causes have only letters, on grey.

const CAUSE_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];
const OTHER_COLOUR = "#9aa3ae";
const INK_ON_FIRST = "#ffffff";
const INK_ON_OTHERS = "#000000";

function colourOf(cause) {
  return CAUSE_COLOURS[cause] ?? OTHER_COLOUR;
}

function inkOn(cause) {
  return cause === 0 ? INK_ON_FIRST : INK_ON_OTHERS;
}

function letterOf(cause) {
  const [first, letter] = cause < 26 ? ["A", cause] : ["a", cause - 26];
  return String.fromCharCode(first.charCodeAt(0) + letter);
}

// Returns the colours of the theme that a canvas needs.
function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    card: colour("--card"),
    ink: colour("--ink"),
    quiet: colour("--quiet"),
    hole: colour("--hole"),
    holeLine: colour("--hole-line"),
    mergeable: colour("--mergeable"),
    mark: colour("--mark"),
    accent: colour("--accent"),
  };
}

// The word for VMAs without a cause, where there is no room for the words in the data.
const MERGEABLE = "mergeable";

// Makes an element with a letter, which is hidden from screen readers: its meaning is beside it in words.
function letterElement(cause) {
  const letter = make("span", { className: "letter", textContent: letterOf(cause), ariaHidden: "true" });
  letter.style.background = colourOf(cause);
  letter.style.color = inkOn(cause);
  return letter;
}

function mergeableElement() {
  return make("span", { className: "letter mergeable", textContent: "=", ariaHidden: "true" });
}

// Makes one element with a letter for each cause, with the names of the causes as its label.
function lettersElement(causes, names) {
  const title = causes.length ? causes.map((cause) => names[cause]).join(", ") : MERGEABLE;
  const inside = causes.length ? causes.map(letterElement) : [mergeableElement()];
  const letters = make("span", { className: "letters", title }, ...inside);
  letters.setAttribute("role", "img");
  return letters;
}
