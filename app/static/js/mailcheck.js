// A second look at e-mail addresses: "gmial.com" → "Did you mean ada@gmail.com?" as a button that mends it.
//   <input type="email" data-mailcheck="Did you mean {}?">   the value is the question; {} is the address
// Only ever a suggestion: nothing is changed or refused without a click.

const KNOWN = ["gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "proton.me", "protonmail.com", "pm.me", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org", "fastmail.com", "aol.com", "hotmail.co.uk", "hotmail.fr", "btinternet.com", "orange.fr", "free.fr", "laposte.net", "libero.it", "bluewin.ch", "telenet.be", "ziggo.nl", "kpnmail.nl", "riseup.net", "hey.com", "zoho.com", "wp.pl", "o2.pl", "seznam.cz"];

// Edits between two words, neighbours swapped counting as one.
function edits(one, other) {
  const rows = Array.from({ length: one.length + 1 }, (_, i) => [i, ...Array(other.length).fill(0)]);
  for (let j = 1; j <= other.length; j += 1) rows[0][j] = j;
  for (let i = 1; i <= one.length; i += 1) {
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[one.length][other.length];
}

function better(address) {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1).trim().toLowerCase();
  if (at < 1 || !domain || KNOWN.includes(domain)) return null;
  const near = KNOWN.map((known) => [edits(domain, known), known]).sort((a, b) => a[0] - b[0])[0];
  return near[0] <= (near[1].length > 8 ? 2 : 1) ? `${address.slice(0, at)}@${near[1]}` : null;
}

function offer(input) {
  input.parentElement.querySelector(".mailcheck")?.remove();
  const address = better(input.value);
  if (!address) return;
  const words = input.dataset.mailcheck.includes("{}") ? input.dataset.mailcheck : "Did you mean {}?";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain mailcheck", textContent: words.replace("{}", address) });
  const said = Object.assign(document.createElement("div"), { className: "mailcheck" });
  said.setAttribute("role", "status");
  button.addEventListener("click", () => { input.value = address; said.remove(); input.focus(); });
  input.after(said);
  said.append(button);
}

document.querySelectorAll("[data-mailcheck]").forEach(offer);
document.addEventListener("change", (event) => { if (event.target.matches?.("[data-mailcheck]")) offer(event.target); });
