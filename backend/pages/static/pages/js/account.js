// "My account": what changes how one signs in asks for the password and the second step once more. That opens the door
// for a few minutes, and it is shut again when the act is done or the page is left.

import { call, post } from "./api.js";
import { suggestName } from "./join.js";
import { freshCodes, KEYS, leave, mountEnrol, mountSignIn } from "./signin.js";
import { onSubmit, Steps } from "./steps.js";
import { passkeysWork } from "./webauthn.js";

const PASSWORD = "/_allauth/browser/v1/account/password/change";

export function mountAccount(main) {
  const steps = new Steps(main);
  let wanted = null;
  const reload = async () => {
    await leave();
    location.reload();
  };
  const shut = () => {
    if (wanted) leave();
  };
  main.querySelector("[data-passkey-here]").hidden = !passkeysWork();
  main.querySelector("[data-no-passkey]").hidden = passkeysWork();
  main.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    if (!button) return;
    wanted = button.dataset;
    main.querySelector("[data-back]").hidden = false;
    steps.show("password");
  });
  main.querySelector("[data-cancel]").addEventListener("click", reload);
  const enrol = mountEnrol(steps, reload);
  mountSignIn(steps, () => acts[wanted.do]());
  const acts = {
    app: () => enrol.begin(),
    codes: () => freshCodes(steps),
    password: () => steps.show("new-password"),
    passkey: () => {
      main.querySelector("#passkey-name").value = suggestName(navigator.userAgent);
      steps.show("passkey");
    },
    remove: async () => {
      if (wanted.kind === "totp") await call("DELETE", `${KEYS}/totp`);
      else await call("DELETE", `${KEYS}/webauthn`, { authenticators: [Number(wanted.id)] });
      await reload();
    },
  };
  onSubmit(steps.section("new-password").querySelector("form"), async ({ new_password }) => {
    const current_password = main.querySelector("#password").value; // typed a moment ago, in this page
    await post(PASSWORD, { current_password, new_password });
    await reload();
  });
  onSubmit(steps.section("passkey").querySelector("form"), ({ name }) => enrol.passkey(name));
  return shut;
}
