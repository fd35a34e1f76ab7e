// SPDX-License-Identifier: GPL-2.0

// Makes an element, with such properties and children.
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
