// Packs by scanning without a new page per scan: codes are sent one after the other, however fast the scanner is.
//   <div data-scan> has a <form data-scan-form>, and parts <… data-scan-part="said"> that each answer brings anew
//   data-tone of "said" is heard: right, packed or wrong; [data-scan-mute] and [data-scan-camera] appear where they work

const desk = document.querySelector("[data-scan]");
const form = desk?.querySelector("[data-scan-form]");
const field = form?.elements.code;
const mute = desk?.querySelector("[data-scan-mute]");
const tones = { wrong: [[220, 0.35], [160, 0.5]], right: [[880, 0.08]], packed: [[660, 0.09], [990, 0.16]] };
let sounds, line = Promise.resolve();

function hear(tone) {
  if (!tones[tone] || mute.getAttribute("aria-pressed") === "true" || !window.AudioContext) return;
  sounds ??= new AudioContext();
  let at = sounds.currentTime;
  for (const [pitch, seconds] of tones[tone]) {
    const voice = new OscillatorNode(sounds, { type: tone === "wrong" ? "sawtooth" : "sine", frequency: pitch });
    const level = new GainNode(sounds, { gain: 0.2 });
    voice.connect(level).connect(sounds.destination);
    voice.start(at);
    voice.stop((at += seconds));
  }
}

function show(page) {
  const parts = page.querySelectorAll("[data-scan-part]");
  if (!parts.length) return location.reload(); // signed out, or a fault: the page itself says so
  for (const part of parts) {
    const mine = desk.querySelector(`[data-scan-part="${part.dataset.scanPart}"]`);
    if (part.dataset.tone) mine.dataset.tone = part.dataset.tone;
    mine.replaceChildren(...part.childNodes);
  }
  hear(page.querySelector("[data-tone]").dataset.tone);
}

async function send(code) {
  const body = new FormData(form);
  body.set("code", code);
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    field.value = code; // not sent: it stands there to be sent again
    hear("wrong");
    form.reportValidity();
  }
}

function take(code) {
  if (code.trim()) line = line.then(() => send(code));
  field.value = "";
}

async function watch(button) {
  const video = desk.querySelector("[data-scan-video]");
  if (video.srcObject) return stop(video, button);
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    button.hidden = true; // refused, or there is none: a scanner and typing still work
    return;
  }
  [button.dataset.start, button.textContent] = [button.textContent, button.dataset.stop];
  video.hidden = false;
  await video.play();
  const reader = new BarcodeDetector();
  let last = "", since = 0;
  while (video.srcObject) {
    const [found] = await reader.detect(video).catch(() => []);
    const now = performance.now();
    if (found && (found.rawValue !== last || now - since > 3000)) take(found.rawValue);
    if (found) [last, since] = [found.rawValue, now];
    await new Promise((next) => setTimeout(next, 150));
  }
}

function stop(video, button) {
  video.srcObject.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
  button.textContent = button.dataset.start;
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(field.value);
    field.focus();
  });
  // A scanner types wherever the focus is; no key of a code may be taken for a key of the desk. But no scanner types Escape: what
  // follows it is meant for the desk, until the field is used again.
  let desks = false;
  field.addEventListener("focus", () => (desks = false));
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) desks = true;
    if (desks) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.key.length > 1) return;
    if (event.target.closest("input, textarea, select, button, dialog") || document.querySelector("dialog[open]")) return;
    event.stopPropagation();
    field.focus();
  }, true);
  const quiet = localStorage.getItem("scan-mute") === "1";
  mute.hidden = !window.AudioContext;
  mute.setAttribute("aria-pressed", quiet);
  mute.addEventListener("click", () => {
    const now = mute.getAttribute("aria-pressed") !== "true";
    mute.setAttribute("aria-pressed", now);
    localStorage.setItem("scan-mute", now ? "1" : "0");
    field.focus();
  });
  const camera = desk.querySelector("[data-scan-camera]");
  camera.hidden = !("BarcodeDetector" in window && navigator.mediaDevices);
  camera.addEventListener("click", () => watch(camera));
}
