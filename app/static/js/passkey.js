// A form that a passkey fills in: what to sign is asked of the desk, and the answer goes out in the form's own field.
//   <form data-passkey="register|sign" data-ask="address" hidden> … <input name="answer"> … <p data-trouble></p> … </form>

const able = window.PublicKeyCredential?.parseCreationOptionsFromJSON;

for (const form of able ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const trouble = form.querySelector("[data-trouble]");
    trouble.textContent = "";
    try {
      const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
      const asked = await fetch(form.dataset.ask, { method: "POST", body, headers: { Accept: "application/json" } });
      const options = await asked.json();
      if (!asked.ok) throw new Error(options.detail);
      const made = form.dataset.passkey === "register"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.answer.value = JSON.stringify(made.toJSON());
      form.requestSubmit();
    } catch (fault) {
      trouble.textContent = fault.name === "NotAllowedError" ? "Nothing was done: the browser was not let, or it took too long." : `That did not work: ${fault.message}`;
    }
  });
}
