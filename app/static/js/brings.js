// Another country brings its currency and its time zone, save where somebody chose others by hand.
//   <select data-brings='{"IE": ["EUR", "Europe/Dublin"], …}'> beside <input type="hidden" name="proposed" value="GB">, in one
//   form with `currency` and `time_zone`; without a script the server does the same when the form is sent

for (const country of document.querySelectorAll("[data-brings]")) {
  const brings = JSON.parse(country.dataset.brings);
  const { proposed, currency, time_zone: zone } = country.form.elements;
  country.addEventListener("change", () => {
    const [before, after] = [brings[proposed.value] ?? [], brings[country.value] ?? []];
    [currency, zone].forEach((field, at) => { if (after[at] && field.value === before[at]) field.value = after[at]; });
    proposed.value = country.value;
  });
}
