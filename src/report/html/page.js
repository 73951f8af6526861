// All rows can be read without this. It makes tables sortable and filterable, and shows a picture's numbers at the pointer.
const make = (name, props, ...inside) => {
  const node = Object.assign(document.createElement(name), props);
  node.append(...inside);
  return node;
};

// Each heading becomes a button that sorts; missing numbers stay last.
const sortable = (body, heads) => heads.forEach((head, column) => {
  const button = make("button", { type: "button" }, ...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows];
    const numeric = rows.some((row) => row.cells[column].dataset.v !== undefined);
    const key = (row) => {
      const cell = row.cells[column];
      if (!numeric) return cell.textContent;
      return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
    };
    const order = (a, b) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return (up ? 1 : -1) * (numeric ? a - b : a.localeCompare(b));
    };
    body.append(...rows.sort((a, b) => order(key(a), key(b))));
  });
});

// A word to look for, and a choice for each column of names that come again: departments, levels, stages.
const filterable = (table, body, heads) => {
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const name = (column) => heads[column].textContent;
  const word = make("input", { type: "search", placeholder: "any word" });
  const choices = [];
  heads.forEach((head, column) => {
    if (head.classList.contains("n")) return;
    const values = [...new Set(rows.map((row) => row.cells[column].textContent))];
    if (values.length < 2 || values.length > 60 || values.length === rows.length) return;
    const options = values.map((value) => make("option", { value, textContent: value }));
    const select = make("select", {}, make("option", { value: "", textContent: "all" }), ...options);
    choices.push([column, select]);
  });
  const told = make("output", {});
  const apply = () => {
    const wanted = word.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = texts.get(row).includes(wanted)
        && choices.every(([column, select]) => !select.value || row.cells[column].textContent === select.value);
      row.hidden = !fits;
      shown += fits;
    }
    told.textContent = `${shown} of ${rows.length} rows`;
  };
  const fields = [make("label", {}, "Find ", word)];
  for (const [column, select] of choices) fields.push(make("label", {}, `${name(column)} `, select));
  const bar = make("div", { className: "filter" }, ...fields, told);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
  bar.addEventListener("input", apply);
  apply();
  table.closest(".scroll").before(bar);
};

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  if (body.rows.length >= 6) filterable(table, body, heads);
  if (body.rows.length >= 3) sortable(body, heads);
}

// A mark's title follows the pointer at once. It is taken out meanwhile, so that the browser does not show it as well.
const tip = make("div", { className: "tip", hidden: true });
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
let held = null;
const release = () => {
  if (held) held.mark.prepend(held.title);
  held = null;
  tip.hidden = true;
};
document.addEventListener("pointerover", (event) => {
  release();
  const mark = event.target.closest("svg.plot :is(rect, circle)");
  const title = mark && mark.querySelector("title");
  if (!title) return;
  held = { mark, title };
  title.remove();
  tip.textContent = title.textContent;
  tip.hidden = false;
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18;
  const top = below + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
  tip.style.transform = `translate(${Math.max(left, 4)}px, ${top}px)`;
});
document.documentElement.addEventListener("pointerleave", release);
