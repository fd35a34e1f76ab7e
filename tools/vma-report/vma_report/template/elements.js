// SPDX-License-Identifier: GPL-2.0

// Scrolls to an element that is out of sight, so that a click shows its effect.
function bringIntoView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) {
    element.scrollIntoView({ block: "center" });
  }
}

// Makes an element with these properties and children.
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
