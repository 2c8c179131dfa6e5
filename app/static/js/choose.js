// Who fills in what belongs to one choice has made that choice.
//   <input data-chooses="what=parts"> beside <input type="radio" name="what" value="parts"> in the same form

document.addEventListener("input", (event) => {
  const [name, value] = event.target.dataset?.chooses?.split("=") ?? [];
  if (name) event.target.form.elements[name].value = value;
});
