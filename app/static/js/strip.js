// Redraws strips, counts and figures when live.js has news ("runout:live").
//   <figure data-strip data-run="x-tape" data-copies="aahs…">                  redrawn group by group; a tick that went fills
//   <… data-run="x-tape"> <span data-counts data-words="{} free|{} held|{} sold|{} withdrawn|of {}">
//   <span data-figure="held">                                                  a sum over the runs
// The geometry is the one of app/web/strip.py. Changed counts are said politely, at most twice a minute.

const SVG = "http://www.w3.org/2000/svg";
const KINDS = { a: "free", h: "held", s: "sold", w: "withdrawn" };
let said = 0;

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

document.addEventListener("runout:live", ({ detail: { runs = [] } }) => {
  for (const run of runs) {
    const own = `[data-run="${CSS.escape(run.run)}"]`;
    document.querySelectorAll(`[data-strip]${own}`).forEach((strip) => redraw(strip, run.copies));
    document.querySelectorAll(`${own} [data-counts]`).forEach((place) => {
      const before = place.textContent;
      recount(place, run);
      if (before === place.textContent || Date.now() - said < 30000) return;
      said = Date.now();
      document.dispatchEvent(new CustomEvent("runout:say", { detail: { text: place.textContent } }));
    });
  }
  document.querySelectorAll("[data-figure]").forEach((place) => {
    place.textContent = runs.reduce((sum, run) => sum + (run[place.dataset.figure] ?? 0), 0);
  });
});
