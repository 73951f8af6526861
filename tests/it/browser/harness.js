// Looks at each page in a frame of several widths, uses it, and leaves a verdict in the document. `pages` is [name, html].
const WIDTHS = [360, 768, 1440];
// A4 less the margins of the print style, at 96 dots an inch.
const PAPER = 673;

// Reading a size lays out the frame and what is in it. Time is virtual here, so nothing waits for a screen to be drawn.
const sized = async (frame, width) => {
  frame.style.width = `${width}px`;
  await new Promise((done) => setTimeout(done, 20));
  return frame.offsetWidth;
};

// Runs in the page before its own script does.
const listen = `<script>
window.heard = [];
window.addEventListener("error", (event) => window.heard.push("error: " + event.message));
window.addEventListener("unhandledrejection", (event) => window.heard.push("rejection: " + event.reason));
document.addEventListener("securitypolicyviolation", (event) => window.heard.push("refused: " + event.violatedDirective));
for (const level of ["error", "warn"]) console[level] = (...words) => window.heard.push(level + ": " + words.join(" "));
</script>`;

const load = (html) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = "border:0;height:900px;width:1440px";
  frame.addEventListener("load", () => done(frame));
  frame.srcdoc = html.replace("<head>", "<head>" + listen);
  document.body.append(frame);
});

const name = (node) => {
  const caption = node.closest("table")?.caption?.textContent ?? node.textContent;
  return `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} "${caption.trim().slice(0, 40)}"`;
};

// What sticks out of the page: nothing may, but inside of a window that scrolls.
const overflow = (doc, width) => {
  if (doc.documentElement.scrollWidth <= width) return [];
  const out = [...doc.body.querySelectorAll("*")].filter((node) =>
    node.getBoundingClientRect().right > width + 0.5 && !node.closest(".scroll"));
  return [`${doc.documentElement.scrollWidth} px wide at ${width}: ${out.slice(0, 3).map(name).join(", ")}`];
};

const visible = (body) => [...body.rows].filter((row) => row.checkVisibility());

const sorting = (table, problems) => {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex((head, at) =>
    [...body.rows].filter((row) => row.cells[at].dataset.v !== undefined).length > 2);
  const button = heads[Math.max(column, 0)].querySelector("button");
  if (!button) return problems.push(`no button to sort ${name(table)}`);
  const before = body.rows.length;
  for (const [state, sign] of [["ascending", 1], ["descending", -1]]) {
    button.click();
    if (heads[Math.max(column, 0)].getAttribute("aria-sort") !== state) problems.push(`${name(table)} is not ${state}`);
    const values = [...body.rows].map((row) => row.cells[Math.max(column, 0)])
      .map((cell) => (column < 0 ? cell.textContent : cell.dataset.v && Number(cell.dataset.v)));
    const known = values.filter((value) => value !== undefined);
    const known_first = values.findIndex((value) => value === undefined);
    if (known_first >= 0 && known_first < known.length) problems.push(`${name(table)} has gaps before numbers`);
    const order = (a, b) => (column < 0 ? a.localeCompare(b) : a - b) * sign;
    if (known.some((value, at) => at > 0 && order(known[at - 1], value) > 0)) problems.push(`${name(table)}: not ${state}`);
  }
  if (body.rows.length !== before) problems.push(`sorting lost rows of ${name(table)}`);
};

const filtering = (doc, win, table, problems) => {
  const body = table.tBodies[0];
  const bar = table.closest(".scroll").previousElementSibling;
  if (!bar?.classList.contains("filter")) return problems.push(`nothing to filter ${name(table)} with`);
  const input = bar.querySelector("input");
  const type = (field, value) => {
    field.value = value;
    field.dispatchEvent(new win.Event("input", { bubbles: true }));
  };
  const all = visible(body).length;
  const word = body.rows[body.rows.length - 1].cells[0].textContent;
  type(input, word.toUpperCase());
  const wanted = [...body.rows].filter((row) => row.textContent.toLowerCase().includes(word.trim().toLowerCase())).length;
  if (visible(body).length !== wanted || wanted === 0) problems.push(`${name(table)}: ${visible(body).length} rows, not ${wanted}`);
  if (bar.querySelector("output").textContent !== `${wanted} of ${all} rows`) problems.push(`${name(table)} miscounts`);
  type(input, "\u0000 is nowhere");
  if (visible(body).length) problems.push(`${name(table)} shows rows for a word that is nowhere`);
  type(input, "");
  for (const select of bar.querySelectorAll("select")) {
    const heading = select.labels[0].firstChild.textContent.trim();
    const column = [...table.tHead.rows[0].cells].findIndex((head) => head.textContent === heading);
    const value = select.options[select.options.length - 1].value;
    type(select, value);
    const shown = visible(body);
    if (!shown.length || shown.length === all || shown.some((row) => row.cells[column].textContent !== value)) {
      problems.push(`${name(table)}: choosing ${heading} ${value} shows ${shown.length} of ${all} rows`);
    }
    type(select, "");
  }
  if (visible(body).length !== all) problems.push(`${name(table)} does not come back whole`);
};

const structure = (doc, problems) => {
  const levels = [...doc.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((head) => Number(head.tagName[1]));
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) problems.push("not one h1, first of all");
  levels.forEach((level, at) => {
    if (at > 0 && level > levels[at - 1] + 1) problems.push(`heading ${at} jumps from ${levels[at - 1]} to ${level}`);
  });
  for (const table of doc.querySelectorAll("table")) if (!table.caption?.textContent.trim()) problems.push("a table without caption");
  for (const svg of doc.querySelectorAll("svg[role=img]")) {
    const named = svg.getAttribute("aria-labelledby").split(" ").every((id) => doc.getElementById(id)?.textContent.trim());
    if (!named) problems.push("a picture without name or description");
  }
  for (const svg of doc.querySelectorAll("svg:not([role=img])")) {
    if (svg.getAttribute("aria-hidden") !== "true") problems.push("a picture that is neither named nor hidden");
  }
  for (const field of doc.querySelectorAll("input,select")) if (!field.labels.length) problems.push("a field without label");
  for (const section of doc.querySelectorAll(".question")) {
    if (!section.querySelector(".limits, .empty")) problems.push(`${section.getAttribute("aria-labelledby")} does not say what stays open`);
    if (!section.querySelector(".method")) problems.push(`${section.getAttribute("aria-labelledby")} has no method`);
  }
  const skip = doc.querySelector("a.skip");
  if (!skip || !doc.querySelector(skip.getAttribute("href"))) problems.push("the skip link leads nowhere");
};

// The printed page: print rules hold, screen rules do not.
const print = async (frame, problems) => {
  const { contentDocument: doc, contentWindow: win } = frame;
  for (const sheet of doc.styleSheets) for (const rule of sheet.cssRules) {
    if (!rule.media) continue;
    if (rule.media.mediaText === "print") rule.media.mediaText = "all";
    else if (rule.media.mediaText.startsWith("screen")) rule.media.mediaText = "not all";
  }
  await sized(frame, PAPER);
  problems.push(...overflow(doc, PAPER).map((text) => `on paper: ${text}`));
  const edge = doc.documentElement.clientWidth + 0.5;
  for (const table of doc.querySelectorAll("table")) {
    if (!table.checkVisibility()) continue;
    const around = table.closest(".scroll");
    if (table.getBoundingClientRect().right > edge) problems.push(`on paper ${name(table)} is cut at the side`);
    if (around && around.scrollHeight > around.clientHeight + 1 && win.getComputedStyle(around).overflowY !== "visible") {
      problems.push(`on paper ${name(table)} is cut below`);
    }
  }
};

const look = async (html) => {
  const frame = await load(html);
  const { contentDocument: doc, contentWindow: win } = frame;
  const problems = [];
  structure(doc, problems);
  for (const fold of doc.querySelectorAll("details")) fold.open = true;
  for (const width of WIDTHS) {
    await sized(frame, width);
    problems.push(...overflow(doc, width));
  }
  const tables = [...doc.querySelectorAll("table.sortable")];
  const long = tables.filter((table) => table.tBodies[0].rows.length >= 6);
  tables.filter((table) => table.tBodies[0].rows.length >= 3).forEach((table) => sorting(table, problems));
  long.forEach((table) => filtering(doc, win, table, problems));
  const bar = doc.querySelector("svg.plot.wide :is(rect, circle):has(title)");
  if (bar) {
    const says = bar.querySelector("title").textContent;
    bar.dispatchEvent(new win.PointerEvent("pointerover", { bubbles: true }));
    const tip = doc.querySelector(".tip");
    if (tip.hidden || tip.textContent !== says) problems.push("a picture does not say its numbers at the pointer");
  }
  await print(frame, problems);
  problems.push(...win.heard);
  const asked = win.performance.getEntriesByType("resource").map((entry) => entry.name);
  if (asked.length) problems.push(`asked for ${asked.join(", ")}`);
  const seen = { tables: tables.length, filtered: long.length, pictures: doc.querySelectorAll("svg[role=img]").length };
  frame.remove();
  return { problems, ...seen };
};

(async () => {
  const verdict = {};
  for (const [page, html] of pages) verdict[page] = await look(html).catch((error) => ({ problems: [String(error)] }));
  const out = document.createElement("pre");
  out.id = "verdict";
  out.textContent = JSON.stringify(verdict);
  document.body.replaceChildren(out);
})();
