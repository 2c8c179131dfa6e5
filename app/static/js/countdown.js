// Counts down on the server's clock and says when the moment has come.
//   <div data-countdown="2026-11-27T19:00:00Z" data-live="/drops/x/live" data-now="…" data-words-days="days" …><p data-field hidden>
// data-countdown  the moment; data-live  JSON whose `now` is the server's clock (half the round trip is added);
// data-now  the server's clock when the page was made; data-words-*  units. The clock is measured again whenever the
// tab wakes. Answers may be up to a second old and are never early, so the latest reading is the truest.
// Sends "runout:due" on the document at zero; where no live.js listens for the state, the page is loaded again.

const SECOND = 1000;
let readings = [];
const now = () => Date.now() + (readings.length ? Math.max(...readings) : 0);
const read = (server, halfTrip = 0) => {
  const moment = Date.parse(server);
  if (!Number.isNaN(moment)) readings.push(moment + halfTrip - Date.now());
};

async function measure(url) {
  const sent = performance.now();
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.ok) read((await response.json()).now, (performance.now() - sent) / 2);
  } catch {
    // offline: the last reading stands
  }
}

function parts(left) {
  const seconds = Math.max(0, Math.ceil(left / SECOND));
  const units = { days: Math.floor(seconds / 86400), hours: Math.floor(seconds / 3600) % 24, minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 };
  return Object.entries(units).filter(([unit, n]) => n || unit === "minutes" || unit === "seconds" || (unit === "hours" && units.days));
}

function paint(box, field, left) {
  const shown = parts(left);
  if (field.children.length !== shown.length) field.replaceChildren(...shown.map(() => document.createElement("span")));
  shown.forEach(([unit, n], place) => {
    const part = field.children[place];
    if (!part.className) {
      part.className = "countdown-part";
      part.append(document.createElement("span"), document.createElement("span"));
      part.lastChild.className = "countdown-unit";
    }
    part.firstChild.textContent = unit === "days" ? n : String(n).padStart(2, "0");
    part.lastChild.textContent = box.dataset[`words${unit[0].toUpperCase()}${unit.slice(1)}`] || unit;
  });
}

function due(box, field) {
  field.classList.add("countdown-flood");
  document.dispatchEvent(new CustomEvent("runout:due", { detail: { url: box.dataset.live } }));
  if (!document.querySelector("#drop-state[data-live]")) setTimeout(() => location.reload(), 1500 + Math.random() * 1500);
}

function start(box) {
  if (box.dataset.counting) return;
  box.dataset.counting = "yes";
  const field = box.querySelector("[data-field]");
  const opens = Date.parse(box.dataset.countdown);
  if (!field || Number.isNaN(opens)) return;
  read(box.dataset.now || "");
  field.hidden = false;
  const step = () => {
    if (!box.isConnected) return;
    const left = opens - now();
    paint(box, field, left);
    if (left <= 0) due(box, field);
    else setTimeout(step, Math.min(left, left % SECOND || SECOND) + 15);
  };
  measure(box.dataset.live).then(step);
  paint(box, field, opens - now());
}

const boxes = () => document.querySelectorAll("[data-countdown]");
boxes().forEach(start);
document.addEventListener("runout:swapped", () => boxes().forEach(start));
document.addEventListener("runout:clock", (event) => read(event.detail.now, event.detail.halfTrip));
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !boxes().length) return;
  const before = readings;
  readings = [];
  measure(boxes()[0].dataset.live).then(() => { if (!readings.length) readings = before; });
});
