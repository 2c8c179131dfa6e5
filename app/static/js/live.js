// Keeps strips, counts and the drop's state true without a reload.
//   <div id="drop-state" data-live="/drops/x/live" data-state="open">…</div>   swapped when the state changes
//   <figure data-strip data-run="x-tape" data-copies="aahs…">                  redrawn tick by tick
//   <… data-run="x-tape"> <span data-counts data-words="{} free|{} held|{} sold|{} withdrawn|of {}">
//   <span data-figure="held">                                                  a sum over the runs
// Asks every 2–3 s while the page is seen, more slowly when it fails, at once when the tab wakes or on "runout:due";
// sends "runout:clock" {now, halfTrip}, "runout:live" {…the JSON} and "runout:swapped" on the document.

const SVG = "http://www.w3.org/2000/svg";
const KINDS = { a: "free", h: "held", s: "sold", w: "withdrawn" };
const source = document.querySelector("#drop-state[data-live], [data-live][data-state]");
let failures = 0, timer = 0, urgent = 0, said = 0, asking = false;

function tick(letter, at, height, hatch) {
  const left = at * 10 + 1.5;
  if (letter === "w") return `M${left} ${height + 1}h7`;
  const box = `M${left} 1h7v${height}h-7z`;
  const step = Math.floor(height / hatch);
  return letter === "h" ? `${box}M${left} ${step}l7-6${`m-7 ${step + 6}l7-6`.repeat(hatch - 1)}` : box;
}

function path(kind, d) {
  const drawn = document.createElementNS(SVG, "path");
  drawn.setAttribute("class", kind);
  drawn.setAttribute("d", d);
  return drawn;
}

function redraw(strip, copies) {
  const before = strip.dataset.copies;
  if (before === copies) return;
  strip.dataset.copies = copies;
  const size = copies.length <= 60 ? 5 : copies.length <= 1000 ? 10 : 20;
  const [height, hatch] = size === 20 ? [14, 2] : [28, 4];
  strip.querySelectorAll(".strip-group svg").forEach((svg, group) => {
    const now = copies.slice(group * size, (group + 1) * size);
    const was = before.slice(group * size, (group + 1) * size);
    if (now === was) return;
    const byKind = {};
    [...now].forEach((letter, at) => { byKind[letter] = (byKind[letter] || "") + tick(letter, at, height, hatch); });
    const went = [...now].map((letter, at) => ("hs".includes(letter) && was[at] === "a" ? tick("s", at, height, hatch) : "")).filter(Boolean);
    svg.replaceChildren(...Object.entries(byKind).map(([letter, d]) => path(KINDS[letter], d)), ...went.map((d) => path("strip-went", d)));
    setTimeout(() => svg.querySelectorAll(".strip-went").forEach((gone) => gone.remove()), 1200);
  });
}

function recount(place, run) {
  const words = (place.dataset.words || "{} free|{} held|{} sold|{} withdrawn|of {}").split("|");
  const parts = ["available", "held", "sold", "withdrawn"].flatMap((name, at) => {
    if (!run[name] && name !== "sold") return [];
    const part = document.createElement("span");
    part.className = `key-${name === "available" ? "free" : name}`;
    part.textContent = words[at].replace("{}", run[name]);
    return [part];
  });
  place.replaceChildren(...parts.flatMap((part, at) => (at ? [" · ", part] : [part])), ` ${words[4].replace("{}", run.made)}`);
}

function say(text) {
  let voice = document.querySelector("#live-voice");
  if (!voice) {
    voice = Object.assign(document.createElement("p"), { id: "live-voice", className: "vh" });
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = text.replace(/\s+/g, " ").trim();
}

async function swap() {
  const response = await fetch(location.href, { cache: "reload" });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#drop-state"), old = document.querySelector("#drop-state");
  if (!fresh || !old || fresh.dataset.state === old.dataset.state) return;
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
  document.dispatchEvent(new CustomEvent("runout:swapped"));
  say(fresh.querySelector("h1, h2, [data-announce]")?.textContent || fresh.textContent.slice(0, 140));
}

function show(data) {
  for (const run of data.runs || []) {
    const own = `[data-run="${CSS.escape(run.run)}"]`;
    document.querySelectorAll(`[data-strip]${own}`).forEach((strip) => redraw(strip, run.copies));
    document.querySelectorAll(`${own} [data-counts]`).forEach((place) => {
      const before = place.textContent;
      recount(place, run);
      if (before !== place.textContent && Date.now() - said > 30000) { said = Date.now(); say(place.textContent); }
    });
  }
  document.querySelectorAll("[data-figure]").forEach((place) => {
    place.textContent = data.runs.reduce((sum, run) => sum + (run[place.dataset.figure] ?? 0), 0);
  });
  document.dispatchEvent(new CustomEvent("runout:live", { detail: data }));
  const state = document.querySelector("#drop-state");
  return state && data.state !== state.dataset.state ? swap() : null;
}

async function ask() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = true;
  const sent = performance.now();
  try {
    const response = await fetch(source.dataset.live, { headers: { Accept: "application/json" }, cache: "no-cache" });
    if (!response.ok) throw new Error(String(response.status));
    const data = await response.json();
    document.dispatchEvent(new CustomEvent("runout:clock", { detail: { now: data.now, halfTrip: (performance.now() - sent) / 2 } }));
    await show(data);
    failures = 0;
  } catch {
    failures += 1;
  }
  asking = false;
  const pause = failures ? Math.min(30000, 2000 * 2 ** failures) : urgent-- > 0 ? 500 : 2500;
  timer = setTimeout(ask, pause * (0.8 + Math.random() * 0.4));
}

if (source) {
  timer = setTimeout(ask, 1000 + Math.random() * 1500);
  document.addEventListener("visibilitychange", ask);
  document.addEventListener("runout:due", () => { urgent = 12; setTimeout(ask, Math.random() * 400); });
}
