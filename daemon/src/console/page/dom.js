// Small helpers for elements. Text always goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// Paths on a grid of 24 by 24.
const ICONS = {
  talk: "M4 5h16v10H11l-5 4v-4H4z",
  up: "M12 5v14M6 11l6-6 6 6",
  down: "M12 19V5M6 13l6 6 6-6",
  steady: "M5 12h14M13 6l6 6-6 6",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  muted: "M4 9v6h4l5 4V5L8 9zM16.5 9.5l5 5M21.5 9.5l-5 5",
  device: "M9 4h6v9H9zM6 11a6 6 0 0 0 12 0M12 17v4",
  setting: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  power: "M12 4v8M7 7a7 7 0 1 0 10 0",
};

/** A new HTML element with attributes and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** A new SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** One of the small pictures. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** Changes the text of a node when it differs. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows another small picture in a place, when it differs. */
export function setIcon(place, name) {
  if (place.dataset.icon === name) return;
  place.dataset.icon = name;
  place.replaceChildren(icon(name));
}

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);
