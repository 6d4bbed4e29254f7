// Elements and numbers as text.
"use strict";

// element("td", {class: "right"}, "text", otherElement): texts are set as text, never as markup.
function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {}))
    if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
  for (const child of children.flat()) if (child !== undefined && child !== null && child !== "") node.append(child);
  return node;
}

// Three significant digits, thousands set apart: 0.012, 1.23, 45.6, 789, 12,345.
function number(x, digits) {
  if (typeof x !== "number") return x === null || x === undefined ? "\u2013" : String(x);
  if (!Number.isFinite(x)) return "\u2013";
  const size = Math.abs(x);
  let decimals = digits;
  if (decimals === undefined) {
    if (size === 0 || size >= 100 || Number.isInteger(x)) decimals = 0;
    else if (size >= 1) decimals = size >= 10 ? 1 : 2;
    else decimals = Math.min(6, 2 - Math.floor(Math.log10(size)));
  }
  return x.toLocaleString("en-US", {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
}

function isRange(value) {
  return value !== null && typeof value === "object" && "mid" in value && "low" in value && "high" in value;
}

// "1.2 to 3.4", or the one number where the range is a point.
function spread(range, digits) {
  return range.low === range.high ? "" : number(range.low, digits) + " to " + number(range.high, digits);
}

function paragraphs(texts, className) {
  return (texts || []).map((text) => element("p", {class: className}, text));
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
