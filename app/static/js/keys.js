// One key per deed on the desk; no key fires while someone types or holds Ctrl, Alt or Meta.
//   <input data-key="/">  is focused;  <a data-key="o">, <button data-key="s">  are clicked
//   <a data-key="g b">  is clicked by g and then b; any other key after g does nothing, and Escape takes g back
//   "?" opens <dialog id="keys"> with <dl data-keys> filled from the page; "j" and "k" walk the rows of a table
//   "x" ticks the row that "j" and "k" have come to
//   data-key-name  names the deed in that list when the element's own text would not do.

const silent = "[type=checkbox], [type=radio], [type=file], [type=submit]"; // inputs that no letter is typed into
const typing = (element) => element.closest(`input:not(${silent}), textarea, select, [contenteditable]`);
const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const keyed = () => [...document.querySelectorAll("[data-key]")].filter((element) => shown(element) && !element.disabled);

function named(element) {
  if (element.dataset.keyName) return element.dataset.keyName;
  if (element.matches("input")) return element.labels?.[0]?.textContent || element.placeholder;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, .rail-count").forEach((extra) => extra.remove());
  return copy.textContent.trim();
}

function list() {
  const dialog = document.querySelector("#keys");
  const rows = keyed().map((element) => {
    const row = Object.assign(document.createElement("div"), { className: "fact" });
    const term = document.createElement("dt"), what = document.createElement("dd");
    term.append(Object.assign(document.createElement("kbd"), { className: "key", textContent: element.dataset.key }));
    what.textContent = named(element);
    row.append(term, what);
    return row;
  });
  dialog.querySelector("[data-keys]").replaceChildren(...rows);
  dialog.showModal();
}

function walk(by) {
  const rows = [...document.querySelectorAll("tbody th a, tbody td:first-child a")].filter(shown);
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
}

function tick() {
  const box = document.activeElement.closest("tbody tr")?.querySelector("input[type=checkbox]:not(:disabled)");
  box?.click();
  return Boolean(box);
}

let lead = "";

document.addEventListener("keydown", (event) => {
  if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const pressed = lead + event.key;
  lead = "";
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (pressed.length > 1 && pressed.includes(" ")) return keyed().find((candidate) => candidate.dataset.key === pressed)?.click();
  if (keyed().some((candidate) => candidate.dataset.key.startsWith(`${event.key} `))) lead = `${event.key} `;
  else if (event.key === "?" && document.querySelector("#keys")) list();
  else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
  else if (event.key !== "x" || !tick()) {
    const element = keyed().find((candidate) => candidate.dataset.key === event.key);
    if (!element) return;
    element.focus();
    if (element.matches("input, select, textarea")) element.select?.();
    else element.click();
  }
  event.preventDefault();
});
