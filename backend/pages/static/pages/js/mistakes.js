// What the server finds wrong with a form, said under each field. Nothing that was typed is lost.

/** Shows the texts of `fields` (name → sentences) and goes to the first; false where none of them stands on the form. */
export function showMistakes(form, fields) {
  clearMistakes(form);
  const lines = [...form.querySelectorAll("[data-error]")].filter((line) => fields[line.dataset.error]);
  for (const line of lines) {
    const input = inputOf(line);
    line.id ||= `${input.id}-error`;
    line.textContent = fields[line.dataset.error].join(" ");
    input.setAttribute("aria-invalid", "true");
    describe(input, (ids) => ids.add(line.id));
  }
  if (lines.length) inputOf(lines[0]).focus();
  return lines.length > 0;
}

export function clearMistakes(form) {
  for (const line of form.querySelectorAll("[data-error]")) {
    const input = inputOf(line);
    line.textContent = "";
    input.removeAttribute("aria-invalid");
    if (line.id) describe(input, (ids) => ids.delete(line.id));
  }
}

const inputOf = (line) => line.closest(".field").querySelector("input, textarea, select");

function describe(input, change) {
  const ids = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  change(ids);
  if (ids.size) input.setAttribute("aria-describedby", [...ids].join(" "));
  else input.removeAttribute("aria-describedby");
}
