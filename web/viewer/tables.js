// Tables: cells that are texts, numbers, ranges or tags; sortable by their heads; they scroll inside their own frame.
// A long column, where there is one the last, goes below its row on a narrow screen.
"use strict";

function sortKey(value) {
  if (isRange(value)) return value.mid;
  if (value !== null && typeof value === "object" && "tag" in value) return value.tag;
  if (value !== null && typeof value === "object" && "text" in value) return value.text;
  return value === null || value === undefined ? Infinity : value;
}

// From the smallest low to the largest high of the column, logarithmic.
function rangeBar(range, span) {
  const percent = (x) => Math.max(0, Math.min(100, (100 * Math.log(x / span.low)) / Math.log(span.high / span.low))).toFixed(2) + "%";
  const bar = element("span", {class: "range", "aria-hidden": "true"}, element("i"), element("b"));
  bar.children[0].style.left = percent(range.low);
  bar.children[0].style.right = (100 - parseFloat(percent(range.high))).toFixed(2) + "%";
  bar.children[1].style.left = percent(range.mid);
  return bar;
}

function cellOf(column, value, span) {
  const right = column.align === "right";
  const cell = element(column.head ? "th" : "td", {class: right ? "right" : column.key === "source" ? "source" : column.long ? "long" : "", scope: column.head ? "row" : null});
  if (isRange(value)) {
    cell.append(number(value.mid, column.digits));
    const text = spread(value, column.digits);
    if (text) cell.append(element("small", {}, text));
    if (column.bar && text) cell.append(rangeBar(value, span));
  } else if (value !== null && typeof value === "object" && "tag" in value) {
    cell.append(element("span", {class: "tag " + (value.tone || "")}, value.tag));
    if (value.note) cell.append(element("small", {}, value.note));
  } else if (value !== null && typeof value === "object" && "text" in value) {
    if (value.color) {
      const swatch = element("i", {class: "swatch", "aria-hidden": "true"});
      swatch.style.background = "var(--" + value.color + ")";
      cell.append(swatch);
    }
    cell.append(value.text, value.note ? element("small", {}, value.note) : "");
  } else {
    cell.append(typeof value === "number" ? number(value, column.digits) : value === null || value === undefined ? "\u2013" : value);
  }
  return cell;
}

function sortRows(table, body, rows, column, head) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const ordered = rows.slice().sort((a, b) => {
    const x = sortKey(a.row[column.key]), y = sortKey(b.row[column.key]);
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return (down ? -order : order) || a.index - b.index;
  });
  for (const {node} of ordered) body.append(node);
}

// data: {columns: [{key, label, unit, align, digits, bar, head}], rows: [{key: value, ..., _best, _no}], caption}
function tableOf(data, label) {
  const explained = data.columns.some((c) => c.long);
  const table = element("table", {class: (data.columns.length > 4 ? "wide" : "") + (explained ? " explained" : "")});
  table.style.setProperty("--numbers", data.columns.filter((c) => !c.long).length - 1);
  if (data.caption) table.append(element("caption", {}, data.caption));
  const spans = {};
  for (const column of data.columns.filter((c) => c.bar)) {
    const ranges = data.rows.map((row) => row[column.key]).filter(isRange);
    spans[column.key] = {low: Math.min(...ranges.map((r) => r.low)), high: Math.max(...ranges.map((r) => r.high))};
  }
  const body = element("tbody");
  const rows = data.rows.map((row, index) => {
    const node = element("tr", {class: row._best ? "best" : row._no ? "no" : ""});
    for (const column of data.columns) node.append(cellOf(column, row[column.key], spans[column.key]));
    body.append(node);
    return {row, node, index};
  });
  const heads = data.columns.map((column) => {
    const button = element("button", {type: "button", title: column.hint || null}, column.label);
    const head = element("th", {scope: "col", class: column.align === "right" ? "right" : column.long ? "long" : ""}, button,
      column.unit ? element("small", {}, column.unit) : "");
    button.addEventListener("click", () => sortRows(table, body, rows, column, head));
    return head;
  });
  table.append(element("thead", {}, element("tr", {}, heads)), body);
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label || "Table"}, table);
}
