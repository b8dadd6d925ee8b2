// Draws what the tables say: every figure of a chart is read from a table's cell, so both always agree.
// Lines differ by dash and point, areas by pattern, so that nothing rests on colour alone.
const MARKS = ["circle", "rect", "triangle"];
const DASHES = [[], [6, 4], [2, 3]];
const shown = new Map();
let printing = false;

function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  if (printing || matchMedia("print").matches) return { series: ["#0b5c73", "#7d4a00", "#4c5c65"], ink: "#17242b", quiet: "#4c5c65", rule: "#c9d3d8", sheet: "#ffffff" };
  return { series: [read("--accent"), read("--warning"), read("--quiet")], ink: read("--ink"), quiet: read("--quiet"), rule: read("--rule"), sheet: read("--sheet") };
}

// Full, striped, dotted.
function pattern(index, colours) {
  const colour = colours.series[index];
  if (index === 0) return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colours.sheet;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = colour;
  if (index === 1) {
    pen.lineWidth = 2.5;
    for (const start of [-8, 0, 8]) { pen.beginPath(); pen.moveTo(start, 8); pen.lineTo(start + 8, 0); pen.stroke(); }
  } else {
    for (const [x, y] of [[2, 2], [6, 6]]) { pen.beginPath(); pen.arc(x, y, 1.1, 0, 7); pen.fill(); }
  }
  return pen.createPattern(tile, "repeat");
}

function figure(text, unit) {
  if (text === null) return "–";
  if (unit === "share") return `${Math.round(text * 100)} %`;
  if (unit === "milliseconds") return `${(+text.toPrecision(3)).toLocaleString("en")} ms`;
  if (unit === "seconds") return text < 60 ? `${Math.round(text)} s` : text < 3600 ? `${+(text / 60).toPrecision(2)} min` : `${+(text / 3600).toPrecision(2)} h`;
  return (+text.toPrecision(4)).toLocaleString("en");
}

function read(box) {
  const { table, label, series, most, only } = box.dataset;
  const source = document.getElementById(table);
  const titles = [...source.tHead.rows[0].cells].map((cell) => cell.textContent);
  let rows = [...source.tBodies[0].rows];
  if (only) rows = rows.filter((row) => row.cells[0].dataset.v === only);
  if (most) rows = rows.slice(0, Number(most));
  const cell = (row, name) => [...row.cells].find((each) => each.dataset.c === name);
  const period = (row) => cell(row, "week_of") ?? cell(row, "month");
  const names = series.split(" ");
  return {
    days: label === "label" ? rows.map((row) => period(row).dataset.v) : null,
    labels: rows.map((row) => (label === "label" ? period(row).textContent.replace(/^(\d+ \w+) \d+$/, "$1") : cell(row, label).textContent.trim())),
    series: names.map((name) => ({
      title: titles[[...(rows[0]?.cells ?? [])].findIndex((each) => each.dataset.c === name)] ?? name,
      values: rows.map((row) => { const value = cell(row, name).dataset.v; return value === "" ? null : Number(value); }),
    })),
  };
}

// Small charts stand side by side, so they all have the periods of the whole page.
function aligned(content) {
  const all = document.querySelector("#t-burden, #t-over-time");
  if (!content.days || !all) return content;
  const cells = [...all.tBodies[0].rows].map((row) => row.cells[0]);
  const at = new Map(content.days.map((day, index) => [day, index]));
  return {
    labels: cells.map((cell) => cell.textContent.replace(/^(\d+ \w+) \d+$/, "$1")),
    series: content.series.map((each) => ({ title: each.title, values: cells.map((cell) => (at.has(cell.dataset.v) ? each.values[at.get(cell.dataset.v)] : null)) })),
  };
}

function wrapped(text) {
  const words = text.split(/(?<= )/);
  const lines = [""];
  for (const word of words) {
    if ((lines.at(-1) + word).length > 18 && lines.at(-1)) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trim());
}

// A piece of the line with its point, as the default legend shows only the point.
function sample(index, colours) {
  const piece = document.createElement("canvas");
  piece.width = 34; piece.height = 12;
  const pen = piece.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colours.series[index];
  pen.lineWidth = 2;
  pen.setLineDash(DASHES[index]);
  pen.beginPath(); pen.moveTo(0, 6); pen.lineTo(34, 6); pen.stroke();
  pen.beginPath();
  if (index === 0) pen.arc(17, 6, 4, 0, 7); else pen.rect(13, 2, 8, 8);
  pen.fill();
  return piece;
}

function legend(box, content, colours) {
  const lines = box.dataset.chart === "line";
  const names = { color: colours.ink, usePointStyle: lines, pointStyleWidth: 36, boxWidth: 24, boxHeight: 12, padding: 12 };
  if (lines) names.generateLabels = () => content.series.map((each, index) => ({ text: each.title, datasetIndex: index, pointStyle: sample(index, colours), fontColor: colours.ink, lineWidth: 0 }));
  const several = content.series.length > 1 && !box.classList.contains("little");
  return { display: several, align: "start", labels: names, onClick: null };
}

function axes(box, content, colours, sideways) {
  const { chart: kind, unit } = box.dataset;
  const little = box.classList.contains("little");
  const values = {
    beginAtZero: true,
    // Seconds are written whole, so a shorter axis would write the same ones again.
    suggestedMax: unit === "seconds" ? 5 : undefined,
    stacked: kind === "stack",
    max: unit === "share" ? 1 : undefined,
    border: { display: false },
    grid: { color: colours.rule },
    ticks: { color: colours.quiet, maxTicksLimit: little ? 3 : 6, precision: unit === "count" ? 0 : undefined, stepSize: unit === "share" ? (little ? 0.5 : 0.25) : undefined, callback: (value) => figure(value, unit) },
  };
  const names = {
    stacked: kind === "stack",
    offset: kind !== "line" || content.labels.length === 1,
    border: { color: colours.quiet },
    grid: { display: false },
    ticks: {
      color: colours.quiet, autoSkip: !sideways, maxRotation: 0, maxTicksLimit: little ? 3 : undefined,
      ...(sideways ? { callback(value) { return wrapped(this.getLabelForValue(value)); } } : {}),
    },
  };
  return sideways ? { x: values, y: names } : { x: names, y: values };
}

function dataset(box, each, index, colours) {
  const colour = colours.series[index];
  const base = { label: each.title, data: each.values, borderColor: colour };
  if (box.dataset.chart !== "line") return { ...base, backgroundColor: pattern(index, colours), borderWidth: 1, maxBarThickness: 32 };
  // The later series lie behind: larger, so that points of the same place are both seen.
  const size = (box.classList.contains("little") ? 2.5 : 4) + 1.5 * index;
  return { ...base, backgroundColor: colour, borderDash: DASHES[index], borderWidth: 2, pointStyle: MARKS[index], radius: size, hoverRadius: size + 2, spanGaps: true, clip: 8 };
}

function draw(box) {
  const { chart: kind, unit, only } = box.dataset;
  const colours = palette();
  const content = only ? aligned(read(box)) : read(box);
  const sideways = kind === "stack" || kind === "bars";
  shown.get(box)?.destroy();
  shown.set(box, new Chart(box.querySelector("canvas"), {
    type: kind === "line" ? "line" : "bar",
    data: { labels: content.labels, datasets: content.series.map((each, index) => dataset(box, each, index, colours)) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: sideways ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: sideways ? "y" : "x" },
      font: { family: getComputedStyle(document.body).fontFamily },
      scales: axes(box, content, colours, sideways),
      plugins: {
        legend: legend(box, content, colours),
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${figure(item.raw, unit)}` } },
      },
    },
  }));
}

function drawAll() {
  for (const box of document.querySelectorAll("[data-chart]")) draw(box);
}

if (globalThis.Chart) {
  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // The browser says that it will print before print styles hold.
  addEventListener("beforeprint", () => { printing = true; drawAll(); for (const chart of shown.values()) chart.resize(); });
  addEventListener("afterprint", () => { printing = false; drawAll(); });
}
