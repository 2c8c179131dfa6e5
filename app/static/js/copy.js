// Copies the text of an element; where the browser does not let us, it is selected, so that Ctrl+C copies it.
//   <button data-copy="id-of-the-element" data-copied="Copied">Copy</button> <p id="id-of-the-element-copied" role="status"></p>

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim() + "\n");
      button.firstChild.textContent = `${button.dataset.copied} `;
      document.getElementById(`${button.dataset.copy}-copied`).textContent = button.dataset.copied;
    } catch {
      source.focus();
      getSelection().selectAllChildren(source);
    }
  });
}
