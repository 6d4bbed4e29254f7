// Charts on Chart.js: lines, bars (stacked or not) and scatters, with marked limits, and their numbers as a table below.
"use strict";

const drawn = [];

// A line across the plot at a value of an axis, with its name: {axis: "x", at: 2, label: "limit"}.
const marksPlugin = {
  id: "marks",
  afterDatasetsDraw(chart, _, options) {
    const {ctx, chartArea: area, scales} = chart, taken = [];
    for (const mark of options.list || []) {
      const pixel = scales[mark.axis].getPixelForValue(mark.at);
      if (!(pixel >= (mark.axis === "x" ? area.left : area.top) && pixel <= (mark.axis === "x" ? area.right : area.bottom))) continue;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = color("--bad");
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      if (mark.axis === "x") { ctx.moveTo(pixel, area.top); ctx.lineTo(pixel, area.bottom); }
      else { ctx.moveTo(area.left, pixel); ctx.lineTo(area.right, pixel); }
      ctx.stroke();
      ctx.font = "12px system-ui, sans-serif";
      const late = mark.axis === "x" && pixel > (area.left + area.right) / 2;
      ctx.textAlign = mark.axis === "x" ? (late ? "right" : "left") : "right";
      const x = mark.axis === "x" ? pixel + (late ? -5 : 5) : area.right - 4;
      const width = ctx.measureText(mark.label).width, left = ctx.textAlign === "right" ? x - width : x;
      let y = mark.axis === "x" ? area.bottom - 8 : pixel - 5;
      while (taken.some((t) => Math.abs(t.y - y) < 14 && left < t.right && left + width > t.left)) y -= 16;
      taken.push({left, right: left + width, y});
      ctx.globalAlpha = 0.85;
      ctx.fillStyle = color("--card");
      ctx.fillRect(ctx.textAlign === "right" ? x - width - 2 : x - 2, y - 11, width + 4, 14);
      ctx.globalAlpha = 1;
      ctx.fillStyle = color("--bad");
      ctx.fillText(mark.label, x, y);
      ctx.restore();
    }
  },
};

// Names beside the points that ask for one.
const namesPlugin = {
  id: "names",
  afterDatasetsDraw(chart) {
    const {ctx, chartArea: area} = chart;
    ctx.save();
    ctx.font = "12px system-ui, sans-serif";
    ctx.fillStyle = color("--ink");
    const taken = [];
    chart.data.datasets.forEach((dataset, index) => {
      if (!chart.isDatasetVisible(index)) return;
      chart.getDatasetMeta(index).data.forEach((point, i) => {
        const name = dataset.data[i] && dataset.data[i].named;
        if (!name) return;
        const width = ctx.measureText(name).width;
        const left = point.x + 8 + width > area.right ? point.x - 8 - width : point.x + 8;
        const top = point.y - 8;
        if (taken.some((t) => Math.abs(t.y - top) < 14 && left < t.right && left + width > t.left)) return;
        taken.push({left, right: left + width, y: top});
        ctx.fillText(name, left, top);
      });
    });
    ctx.restore();
  },
};

function axisOf(axis, extra) {
  return Object.assign({
    type: axis.scale === "log" ? "logarithmic" : axis.categories ? "category" : "linear",
    beginAtZero: axis.scale !== "log" && axis.zero !== false,
    min: axis.min, max: axis.max,
    title: {display: Boolean(axis.label), text: axis.label, color: color("--soft")},
    grid: {color: color("--grid"), borderColor: color("--line")},
    ticks: {color: color("--soft"), maxRotation: 0, autoSkip: true, maxTicksLimit: 9},
  }, extra);
}

function quietTicks(scale) {  // decades and their halves only: a logarithmic axis names too many
  if (scale.type !== "logarithmic") return;
  scale.ticks.callback = (value) => {
    const lead = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    return [1, 2, 5].some((n) => Math.abs(lead - n) < 1e-6) ? number(value) : "";
  };
}

function datasetsOf(chart) {
  return chart.series.map((series, i) => {
    const stroke = color(typeof series.color === "string" ? "--" + series.color : "--s" + ((series.color === undefined ? i : series.color) % 10));
    const bars = chart.type === "bar";
    return {
      label: series.name,
      data: bars ? series.values : series.points,
      borderColor: stroke,
      backgroundColor: series.blank ? "transparent" : bars || chart.type === "scatter" ? stroke : stroke + (chart.stacked ? "99" : "22"),
      borderWidth: bars ? 0 : 2, borderDash: series.dashed ? [6, 4] : undefined,
      showLine: chart.type === "line" || series.line === true,
      pointRadius: chart.type === "line" ? 0 : series.size === undefined ? 5 : series.size, pointHitRadius: 10,
      pointStyle: series.size === 0 ? "line" : ["circle", "rect", "triangle", "rectRot"][(series.shape || 0) % 4],
      stepped: series.stepped ? "middle" : false, fill: chart.stacked && chart.type === "line" ? (i ? "-1" : "origin") : series.fill ? "origin" : false, tension: 0, maxBarThickness: 34,
    };
  });
}

function configOf(chart) {
  const flat = chart.type === "bar" && chart.across;
  const x = axisOf(chart.x, {stacked: chart.stacked}), y = axisOf(chart.y, {stacked: chart.stacked});
  const [value, names] = flat ? [x, y] : [y, x];
  if (chart.type === "bar") { names.ticks.autoSkip = false; names.grid.display = false; value.type = "linear"; }
  quietTicks(x); quietTicks(y);
  const label = (item) => {
    const point = item.raw;
    const head = (point && point.label) || item.dataset.label;
    if (point && point.detail) return [head, ...point.detail];
    if (chart.type === "bar") return item.dataset.label + ": " + number(point) + " " + (chart.unit || "");
    return head + ": " + number(point.x) + " / " + number(point.y);
  };
  return {
    type: chart.type === "bar" ? "bar" : "scatter",
    data: {labels: (flat ? chart.y : chart.x).categories, datasets: datasetsOf(chart)},
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: flat ? "y" : "x",
      interaction: {mode: chart.type === "bar" ? "index" : "nearest", intersect: false, axis: flat ? "y" : chart.type === "scatter" ? "xy" : "x"},
      scales: {x, y},
      plugins: {
        legend: {position: "bottom", labels: {filter: (item) => !chart.series[item.datasetIndex].blank, color: color("--ink"), usePointStyle: true, boxWidth: 9, boxHeight: 9, padding: 12}},
        tooltip: {callbacks: {label}, filter: (item) => !chart.series[item.datasetIndex].blank},
        marks: {list: chart.marks || []},
      },
    },
    plugins: [marksPlugin, namesPlugin],
  };
}

function numbersOf(chart) {
  if (chart.type === "bar") {
    const names = (chart.across ? chart.y : chart.x).categories;
    const shown = chart.series.filter((s) => !s.blank);
    const columns = [{key: "name", label: "", head: true}, ...shown.map((s, i) => ({key: "s" + i, label: s.name, align: "right"}))];
    const rows = names.map((name, at) => Object.assign({name: [].concat(name).join(", ")}, ...shown.map((s, i) => ({["s" + i]: s.values[at]}))));
    return {columns, rows};
  }
  const columns = [{key: "series", label: "Series", head: true}, {key: "x", label: chart.x.label, align: "right"}, {key: "y", label: chart.y.label, align: "right"}];
  const rows = chart.series.flatMap((s) => s.points.filter((p) => p.y !== null).map((p) => ({series: p.label || s.name, x: p.x, y: p.y})));
  return {columns, rows};
}

// One figure: the chart, how to read it, and its numbers.
function figureOf(chart, title) {
  const canvas = element("canvas", {role: "img", "aria-label": chart.summary || title});
  const frame = element("div", {class: "chart"}, canvas);
  if (chart.height) frame.style.height = chart.height + "px";
  if (chart.square) Object.assign(frame.style, {height: "auto", aspectRatio: "1", maxWidth: (chart.height || 460) + "px"});
  const details = element("details", {}, element("summary", {}, "The numbers"));
  details.addEventListener("toggle", () => { if (details.children.length === 1) details.append(tableOf(numbersOf(chart), title)); });
  drawn.push({chart, canvas, instance: null});
  return element("figure", {}, chart.title ? element("h3", {}, chart.title) : "", frame,
    element("figcaption", {}, chart.reading || ""), details);
}

// Draws all charts, again when the colours change.
function drawCharts() {
  for (const entry of drawn) {
    if (entry.instance) entry.instance.destroy();
    entry.instance = new Chart(entry.canvas, configOf(entry.chart));
  }
}
