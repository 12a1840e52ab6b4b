// Staff say why before they watch somebody's own camera. Nothing is chosen for them, and without a choice nothing plays.

export class Purpose {
  /** @param {HTMLDialogElement} dialog with a button for each purpose */
  constructor(dialog, onChosen) {
    this.dialog = dialog;
    this.chosen = undefined;
    dialog.querySelectorAll("[data-purpose]").forEach((button) => button.addEventListener("click", () => {
      this.chosen = button.dataset.purpose;
      dialog.close();
      onChosen();
    }));
    dialog.querySelector("[data-not-now]").addEventListener("click", () => dialog.close());
  }

  ask() {
    if (!this.dialog.open) this.dialog.showModal(); // its heading takes the focus: Enter must not choose by chance
  }
}
