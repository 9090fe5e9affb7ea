// One dialog for everything that is asked before it is done.

import { byId } from "./dom.js";

let asked = null;

/** Lets the dialog's buttons work. */
export function prepareConfirm() {
  byId("confirm-cancel").addEventListener("click", () => byId("confirm").close());
  byId("confirm-do").addEventListener("click", act);
}

/**
 * Asks; `act()` is called when somebody agrees, and `otherwise` says how things are when it fails. With `look`, the dialog is there to be
 * read first, so that the key Enter changes nothing.
 */
export function confirm({ title, text, label, danger, look, act, otherwise }) {
  asked = { act, otherwise };
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  const button = byId("confirm-do");
  button.textContent = label;
  button.classList.toggle("danger", danger);
  byId("confirm-error").hidden = true;
  byId("confirm").showModal();
  if (look) byId("confirm-cancel").focus();
}

/** Sends a change and gives the answer. */
export async function send(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors.join("; "));
  return answer;
}

async function act() {
  const { act, otherwise } = asked;
  try {
    await act();
    byId("confirm").close();
  } catch (error) {
    const problem = byId("confirm-error");
    problem.textContent = `That did not work: ${error.message}. ${otherwise}`;
    problem.hidden = false;
  }
}
