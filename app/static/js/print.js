// Prints the page; the button stands there only where a script can do that.
//   <button type="button" data-print hidden>Print them</button>

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
