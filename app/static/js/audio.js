// One preview at a time: starting one stops the others; the playing track's row is marked.
//   <li class="track"> … <audio controls data-track="title">

document.addEventListener("play", (event) => {
  document.querySelectorAll("audio").forEach((other) => { if (other !== event.target) other.pause(); });
  event.target.closest(".track")?.classList.add("track-playing");
}, true);
for (const name of ["pause", "ended"]) {
  document.addEventListener(name, (event) => event.target.closest?.(".track")?.classList.remove("track-playing"), true);
}
