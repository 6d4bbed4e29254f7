// The report: title, the answer, then sections of the kinds text, table, chart and assumptions.
"use strict";

function answerOf(answer) {
  const figures = (answer.figures || []).map((figure) => element("div", {class: "figure"}, element("dt", {}, figure.label),
    element("dd", {}, figure.value, " ", element("small", {}, figure.unit || "")),
    figure.note ? element("dd", {class: "note"}, figure.note) : ""));
  return element("div", {class: "answer"}, element("p", {class: "headline"}, answer.headline), paragraphs(answer.question, "question"),
    figures.length ? element("dl", {class: "figures"}, figures) : "", paragraphs(answer.text, "lead"));
}

function assumptionsOf(section) {
  const columns = [{key: "what", label: "Number", head: true}, {key: "value", label: "Value"}, {key: "effect", label: "If it is wrong", hint: section.effect_hint},
    {key: "source", label: "Why this one"}];
  return tableOf({columns: section.facts.some((f) => f.effect) ? columns : columns.filter((c) => c.key !== "effect"), rows: section.facts}, section.title);
}

const kinds = {
  text: () => [],
  table: (section) => (section.tables || [section.table]).flatMap((table) => [table.title ? element("h3", {}, table.title) : "",
    tableOf(table, table.title || section.title)]),
  chart: (section) => element("div", {class: section.charts.length > 1 ? "charts" : ""}, section.charts.map((chart) => figureOf(chart, section.title))),
  assumptions: (section) => assumptionsOf(section),
};

function sectionOf(section) {
  const body = (kinds[section.kind] || kinds.text)(section);
  return element("section", {id: section.id, "aria-labelledby": section.id + "-title"},
    element("h2", {id: section.id + "-title"}, section.title), paragraphs(section.text), body, paragraphs(section.after, "after"));
}

function show(report) {
  document.title = report.title;
  const links = report.sections.map((section) => element("a", {href: "#" + section.id}, section.title));
  document.body.prepend(
    element("header", {class: "top"}, element("h1", {}, report.title), element("p", {class: "subtitle"}, report.subtitle || ""),
      report.answer ? answerOf(report.answer) : "", element("nav", {class: "contents", "aria-label": "Contents"}, links)),
    element("main", {}, report.sections.map(sectionOf)),
    element("footer", {}, paragraphs(report.foot)));
  drawCharts();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
}

show(JSON.parse(document.getElementById("report-data").textContent));
