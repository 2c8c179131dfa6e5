// A file goes up in parts, and goes on after a line that broke. Without this the form sends a small file whole.
//   <form data-upload="address to begin at" data-part="bytes"> … <input type="file" name="file"> … <progress> <p class="upload-said">

const TRIES = 5;
const said = (bytes) => bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

class Refused extends Error {}

async function ask(address, token, body, tries = TRIES) {
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
    const answer = await fetch(address, { method: "POST", headers, body });
    if (answer.redirected || (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429)) {
      const why = answer.redirected ? {} : await answer.json().catch(() => ({}));
      throw new Refused(why.detail ?? "");
    }
    if (!answer.ok) throw new Error(answer.statusText);
    return await answer.json();
  } catch (fault) {
    if (fault instanceof Refused || tries <= 1) throw fault;
    await pause(2 ** (TRIES - tries));
    return ask(address, token, body, tries - 1);
  }
}

async function send(form, file) {
  const [bar, words] = [form.querySelector("progress"), form.querySelector(".upload-said")];
  const token = form.elements.csrf_token.value;
  const begin = new URLSearchParams({ csrf_token: token, kind: form.elements.kind.value, name: file.name, size: file.size });
  let { at, part, whole } = await ask(form.dataset.upload, token, begin);
  bar.hidden = false;
  while (at < file.size) {
    bar.value = at / file.size;
    words.textContent = words.dataset.going.replace("{part}", said(at)).replace("{size}", said(file.size));
    ({ at } = await ask(`${part}?at=${at}`, token, file.slice(at, at + Number(form.dataset.part))));
  }
  bar.value = 1;
  words.textContent = words.dataset.sealing;
  await ask(whole, token, new URLSearchParams({ csrf_token: token }));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const file = form.dataset?.upload && form.elements.file.files[0];
  if (!file) return;
  event.preventDefault();
  const [button, words] = [form.querySelector("[type=submit]"), form.querySelector(".upload-said")];
  button.disabled = true;
  try {
    await send(form, file);
    location.reload();
  } catch (fault) {
    words.textContent = fault instanceof Refused && fault.message ? fault.message : words.dataset.broken;
    button.disabled = false;
    button.focus();
  }
});
