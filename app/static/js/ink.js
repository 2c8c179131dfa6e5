// A colour to be chosen beside one that is written.
//   <input data-ink="what the chooser is called">  the chooser follows what is written, and what is chosen is written

for (const written of document.querySelectorAll("input[data-ink]")) {
  const chooser = Object.assign(document.createElement("input"), { type: "color", className: "ink-chooser" });
  const follow = () => { if (/^#[0-9a-f]{6}$/i.test(written.value.trim())) chooser.value = written.value.trim(); };
  chooser.setAttribute("aria-label", written.dataset.ink);
  written.addEventListener("input", follow);
  chooser.addEventListener("input", () => { written.value = chooser.value; });
  follow();
  written.after(chooser);
}
