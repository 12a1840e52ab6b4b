// The page of whoever was invited: what it is, then a new account or the one they have, then the second step.

import { post } from "./api.js";
import { enter, mountEnrol, mountSignIn } from "./signin.js";
import { firstSignIn, forgetLink, secretOfLink } from "./staff.js";
import { onSubmit, Steps, tell } from "./steps.js";
import { say } from "./words.js";

const KEPT = "invite-link";

export function mountInvite(main) {
  const steps = new Steps(main);
  const stopper = new AbortController();
  const goIn = async () => {
    await enter();
    location.replace("/");
  };
  const accept = async (facts) => {
    await post("/api/v1/invitations/accept/", { token: secretOfLink(KEPT), ...facts });
    forgetLink(KEPT);
  };
  let taken = false; // a second step may still have to be set up after the link is used
  mountSignIn(steps, async () => {
    if (!taken) await accept({});
    taken = true;
    await goIn();
  });
  mountEnrol(steps, goIn);
  onSubmit(steps.section("new").querySelector("form"), async ({ username, password, display_name }) => {
    const name = username.trim();
    await accept({ username: name, password, display_name });
    await firstSignIn(steps, name, password);
  });
  const look = async () => {
    const token = secretOfLink(KEPT);
    const box = steps.section("look");
    try {
      if (!token) throw new Error("no link");
      show(steps, await post("/api/v1/invitations/look/", { token }));
    } catch (error) {
      box.querySelector("[data-what]").textContent = say("inviteBad");
      if (token) tell(box, error);
      else box.querySelector("[data-who]").textContent = say("inviteMissing");
      box.querySelector("[data-yes]").hidden = true;
    }
  };
  addEventListener("hashchange", look, { signal: stopper.signal });
  look();
  return () => stopper.abort();
}

function show(steps, found) {
  const words = JSON.parse(document.getElementById("role-words").textContent);
  const box = steps.section("look");
  const place = [found.unit, found.household ?? found.neighborhood?.name ?? found.ward?.name].filter(Boolean).join(", ");
  const facts = { name: found.name, role: words[found.role] ?? found.role, place };
  const renews = found.username !== null;
  box.querySelector("[data-what]").textContent = renews ? say("inviteRenews", facts) : say(place ? "inviteTo" : "inviteToAll", facts);
  box.querySelector("[data-who]").textContent = found.invited_by ? say("inviteBy", { name: found.invited_by }) : "";
  box.querySelector("[data-handover]").hidden = !found.handover;
  box.querySelector("[data-yes]").hidden = renews;
  box.querySelector("[data-problem]").hidden = true;
  const form = steps.section("new").querySelector("form");
  form.elements.namedItem("display_name").value = found.name;
  if (!renews) return;
  for (const part of form.querySelectorAll("[data-fresh]")) part.hidden = true;
  form.elements.namedItem("username").value = found.username;
  form.elements.namedItem("username").readOnly = true;
  steps.show("new");
}
