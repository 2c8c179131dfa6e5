// A second click sends nothing while the first post is on its way: two first posts of a browser without our cookie would be
// two fans with a hold each, and one of them could never be found again.
//   every <form method="post">; free again when the page comes back from the history, or when no answer came for a while

const PATIENCE = 15000;
let sent = new WeakMap();

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const now = performance.now();
  if (now - (sent.get(event.target) ?? -Infinity) < PATIENCE) event.preventDefault();
  else sent.set(event.target, now);
});
addEventListener("pageshow", (event) => { if (event.persisted) sent = new WeakMap(); });
