// Who does what: invitations and handovers give a link, which is shown once.

import { post } from "./api.js";
import { onSubmit } from "./steps.js";
import { say } from "./words.js";

export function mountRoles(main) {
  const invite = main.querySelector("[data-invite]");
  if (invite) mountInvitation(main, invite);
  for (const form of main.querySelectorAll("[data-handover]")) mountHandover(main, form);
  for (const form of main.querySelectorAll("[data-gives-link]")) {
    onSubmit(form, async () => showLink(main, await post(form.dataset.givesLink)));
  }
  main.querySelector("[data-share]").addEventListener("click", () => navigator.share({ url: linkOf(main) }).catch(() => {}));
  main.querySelector("[data-copy]").addEventListener("click", async ({ currentTarget }) => {
    await navigator.clipboard.writeText(linkOf(main));
    currentTarget.textContent = say("copied");
  });
  return null;
}

function mountInvitation(main, form) {
  const place = () => form.elements.namedItem("role").selectedOptions[0]?.dataset.place;
  const fit = () => {
    for (const field of form.querySelectorAll("[data-for]")) {
      const only = field.dataset.for === "unit" ? form.elements.namedItem("role").value === "officer" : field.dataset.for === place();
      const choice = field.querySelector("select");
      field.hidden = !only || choice?.options.length === 1;
    }
  };
  form.elements.namedItem("role").addEventListener("change", fit);
  fit();
  onSubmit(form, async ({ name, role, neighborhood, ward, household, unit }) => {
    const where = { neighborhood: { neighborhood }, ward: { ward }, household: { household } }[place()] ?? {};
    showLink(main, await post("/api/v1/invitations/", { name, role, unit: unit ?? "", ...where }));
    form.reset();
    fit();
  });
}

function mountHandover(main, form) {
  const to = form.elements.namedItem("account");
  const fit = () => { form.querySelector("[data-new-name]").hidden = Boolean(to?.value); };
  to?.addEventListener("change", fit);
  fit();
  onSubmit(form, async ({ account, name }) => {
    const done = await post(form.dataset.handover, account ? { account } : { name });
    if (done.invited) showLink(main, done.invited);
    else location.assign("/"); // perhaps it was one's own role: what is left is asked anew
  });
}

const linkOf = (main) => main.querySelector("[data-link-text]").textContent;

function showLink(main, { link, qr, invitation }) {
  const box = main.querySelector("[data-link]");
  box.querySelector("[data-link-for]").textContent = say("linkFor", { name: invitation.name });
  box.querySelector("[data-link-qr]").src = qr;
  box.querySelector("[data-link-text]").textContent = link;
  box.querySelector("[data-share]").hidden = !navigator.share;
  box.querySelector("[data-copy]").hidden = !navigator.clipboard;
  box.hidden = false;
  box.querySelector("h2").focus();
  box.scrollIntoView({ block: "start" });
}
