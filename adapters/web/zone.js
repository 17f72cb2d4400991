// Offers the time zone of the browser: filled into a new form, else the first of the list.
const field = document.getElementById("f-timezone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && zone) {
  if (field.dataset.fresh === "yes") field.value = zone;
  const option = document.createElement("option");
  option.value = zone;
  document.getElementById("zones").prepend(option);
}
