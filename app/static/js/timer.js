// Counts a hold's time down on the server's clock. The server enforces the deadline; this only shows it.
//   <div data-timer="deadline" data-now="server's clock when the page was made" data-words-left="{} left" data-words-over="…">
//     <p data-left hidden aria-hidden="true">  <p role="status" data-say>
// Said aloud at five minutes, one minute and the end. When the time is over the page is loaded again, once.

const WHOLE = 1000;

function counted(left) {
  const seconds = Math.max(0, Math.ceil(left / WHOLE));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function run(box) {
  const deadline = Date.parse(box.dataset.timer);
  const made = Date.parse(box.dataset.now);
  const shown = box.querySelector("[data-left]"), voice = box.querySelector("[data-say]");
  if (Number.isNaN(deadline) || !shown) return;
  const arrival = performance.getEntriesByType("navigation")[0]?.responseStart || performance.now();
  const offset = Number.isNaN(made) ? 0 : made - (performance.timeOrigin + arrival);
  let last = Infinity;
  shown.hidden = false;
  const step = () => {
    if (!box.isConnected) return;
    const left = deadline - (Date.now() + offset);
    const words = box.dataset.wordsLeft.replace("{}", counted(left));
    shown.textContent = words;
    box.classList.toggle("timer-soon", left < 60000);
    for (const mark of [300000, 60000]) if (last > mark && left <= mark && last !== Infinity && voice) voice.textContent = words;
    last = left;
    if (left > 0) {
      setTimeout(step, Math.min(left, left % WHOLE || WHOLE) + 15);
      return;
    }
    box.classList.add("timer-over");
    shown.textContent = box.dataset.wordsOver;
    if (voice) voice.textContent = box.dataset.wordsOver;
    if (made < deadline) setTimeout(() => location.reload(), 2500 + Math.random() * 1500);
  };
  step();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && last > 0) step(); });
}

document.querySelectorAll("[data-timer]").forEach(run);
