// Takes the reader to what went wrong: the error summary of a refused form is focused when the page or fragment arrives.
//   <div role="alert" tabindex="-1" data-focus>

const meet = () => document.querySelector("[data-focus]")?.focus();
meet();
document.addEventListener("htmx:afterSettle", meet);
