// A form that is sent again by itself after so many seconds, unless the person was faster.
//   <form data-again="1.4">

for (const form of document.querySelectorAll("form[data-again]")) {
  setTimeout(() => form.requestSubmit(), 1000 * parseFloat(form.dataset.again));
}
