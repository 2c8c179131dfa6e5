// Asks how the drop stands, tells the page, and swaps the drop's block when its state changes.
//   <div id="drop-state" data-live="/drops/x/live" data-state="open">…</div>   data-again="45" fetches it anew after 45 s
// Any element with data-live and data-state is asked about; only #drop-state is swapped (the desk has none).
// Asks every 2–3 s while the page is seen, more slowly when it fails, at once when the tab wakes or on "runout:due".
// Sends on the document: "runout:clock" {now, halfTrip}, "runout:live" {…the JSON}, "runout:swapped". Hears "runout:say"
// {text} and says it politely to screen readers.

const source = document.querySelector("#drop-state[data-live], [data-live][data-state]");
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`runout:${name}`, { detail }));
let failures = 0, timer = 0, urgent = 0, asking = false, fetched = performance.now();

function say(text) {
  let voice = document.querySelector("#live-voice");
  if (!voice) {
    voice = Object.assign(document.createElement("p"), { id: "live-voice", className: "vh" });
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = text.replace(/\s+/g, " ").trim();
}

const stale = (block) => block.dataset.again && performance.now() - fetched > block.dataset.again * 1000 && !block.contains(document.activeElement);

async function swap() {
  fetched = performance.now();
  const response = await fetch(location.href, { cache: "reload" });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#drop-state"), old = document.querySelector("#drop-state");
  if (!fresh || !old || fresh.outerHTML === old.outerHTML) return;
  const same = fresh.dataset.state === old.dataset.state;
  if (same && !old.dataset.again) return;
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  urgent = 0;
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
  tell("swapped");
  if (!same) say(fresh.querySelector("h1, h2, [data-announce]")?.textContent || fresh.textContent.slice(0, 140));
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
    tell("clock", { now: data.now, halfTrip: (performance.now() - sent) / 2 });
    tell("live", data);
    const block = document.querySelector("#drop-state");
    if (block && (data.state !== block.dataset.state || stale(block))) await swap();
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
  document.addEventListener("runout:say", (event) => say(event.detail.text));
}
