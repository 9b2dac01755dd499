"use strict";
// The page works without this. It narrows the rows that are there while somebody types.
(() => {
  const form = document.getElementById("filter");
  const box = document.getElementById("q");
  const table = document.getElementById("rows");
  const count = document.getElementById("count");
  if (!form || !box || !table || !count) return;
  form.hidden = false;
  const told = count.textContent;
  const start = box.value.trim().toLowerCase();
  const rows = [...table.tBodies[0].rows].map((row) => [row, row.cells[0].textContent.toLowerCase()]);
  const narrow = () => {
    const text = box.value.trim().toLowerCase();
    let shown = 0;
    for (const [row, name] of rows) {
      row.hidden = !name.includes(text);
      shown += row.hidden ? 0 : 1;
    }
    const more = form.method === "get" && form.querySelector("button") ? "; Enter asks for all" : "";
    count.textContent = text === start ? told : `${shown} of the ${rows.length} on this page match${more}`;
  };
  box.addEventListener("input", narrow);
  if (!form.querySelector("button")) form.addEventListener("submit", (event) => event.preventDefault());
})();
