// Adds the fan's own time to times printed in the label's zone.
//   <time datetime="2026-11-27T19:00:00Z" data-zone="Europe/Berlin" data-here="{} where you are">Friday …, 20:00 in Berlin</time>
// data-zone  IANA zone of the printed text; data-here  the words, {} is the time. An empty <time>, whose room is kept, is
// always filled; a printed one is followed by <span class="here"> where the two times differ. Elements added later are done
// on the event "runout:swapped".

const at = (moment, zone, options) => new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeZone: zone, hourCycle: "h23", ...options }).format(moment);

function localise(element) {
  const moment = new Date(element.dateTime);
  const words = element.dataset.here;
  if (!words || Number.isNaN(moment.getTime())) return;
  delete element.dataset.here;
  const clock = { hour: "2-digit", minute: "2-digit" };
  const full = { ...clock, weekday: "long", day: "numeric", month: "numeric" };
  const empty = !element.textContent.trim();
  if (!empty && at(moment, element.dataset.zone, full) === at(moment, undefined, full)) return;
  const day = { weekday: "long" };
  const sameDay = at(moment, element.dataset.zone, day) === at(moment, undefined, day);
  const text = words.replace("{}", at(moment, undefined, sameDay ? clock : { ...clock, ...day }));
  if (empty) {
    element.textContent = text;
    return;
  }
  const here = document.createElement("span");
  here.className = "here";
  here.textContent = ` · ${text}`;
  element.after(here);
}

const all = () => document.querySelectorAll("time[data-zone][data-here]").forEach(localise);
all();
document.addEventListener("runout:swapped", all);
document.addEventListener("htmx:afterSettle", all);
