// Signs the same person in again over the page, so that answers that wait on it are sent; and warns before the session ends.
// Without this file the page asks to sign in on a second page.
(() => {
  "use strict";

  const WARNING = 120; // seconds before the session ends
  const LATEST = 2 ** 31 - 1; // ms: a longer timer would fire at once
  const template = document.getElementById("sign-in-again");
  if (!template) return;

  const { session, person } = template.dataset;
  const part = (name) => document.getElementById(`sign-in-${name}`);
  const warning = document.getElementById("idle-warning");
  let timer = 0;

  const WORDS = {
    away: "The server cannot be reached. Your answers stay on this page: try again in a moment.",
    other: "Another person is signed in, in another window. They sign out there first; then you sign in here.",
    often: "Too many wrong attempts. Wait a quarter of an hour on this page: your answers stay on it.",
    closed: "You could not be signed in. Your answers stay on this page; ask your clinic’s administrator.",
    wrong: "The password is not right. Type it again.",
  };

  // ------------------------------------------------------------ the session as the server knows it

  // Asked in the background it tells how long the session goes on without making it longer.
  async function ask({ background }) {
    const headers = { Accept: "application/json", ...(background && { "Footdrop-Background": "1" }) };
    const answer = await fetch(session, { headers, cache: "no-store" });
    if (!answer.ok && answer.status !== 401) throw new TypeError(`The session could not be read: ${answer.status}`);
    return answer.json();
  }

  const unreachable = (error) => {
    if (!(error instanceof TypeError)) throw error;
  };

  // ------------------------------------------------------------ the dialog

  function dialog() {
    const there = document.querySelector("dialog.sign-in");
    if (there) return there;
    document.body.append(template.content.cloneNode(true));
    const made = document.querySelector("dialog.sign-in");
    made.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      submit(made);
    });
    made.querySelector("[data-later]").addEventListener("click", () => made.close());
    return made;
  }

  // The focus goes to the heading: keys meant for a grade must not run into the password.
  function open() {
    const asked = dialog();
    if (asked.open) return;
    warning.hidden = true;
    asked.showModal();
    part("title").focus();
  }

  function problem(words) {
    part("problem").textContent = words;
    part("password").value = "";
    part("password").focus();
  }

  const post = (address, fields) => fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });

  // Returns what went wrong, or nothing.
  async function signIn(form) {
    const before = await ask({ background: true });
    if (before.person) return before.person === person ? "" : "other";
    const password = part("password").value;
    const answer = await post(form.action, { login: person, password, csrfmiddlewaretoken: before.token });
    if (answer.status === 429) return "often";
    if (answer.status === 400) return "wrong";
    const after = await ask({ background: true });
    if (after.person !== person) return after.person ? "other" : "closed";
    const place = template.dataset;
    if (place.switch) await post(place.switch, { clinic: place.clinic, csrfmiddlewaretoken: after.token });
    return "";
  }

  async function submit(asked) {
    const button = asked.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    part("problem").textContent = "";
    try {
      const wrong = await signIn(asked.querySelector("form"));
      if (wrong) problem(WORDS[wrong]);
      else signedIn(asked);
    } catch (error) {
      unreachable(error);
      problem(WORDS.away);
    } finally {
      button.disabled = false;
    }
  }

  function signedIn(asked) {
    asked.close();
    asked.remove();
    document.dispatchEvent(new CustomEvent("footdrop:signed-in"));
    watch({ background: true });
  }

  // ------------------------------------------------------------ before the session ends

  function wait(seconds) {
    clearTimeout(timer);
    timer = setTimeout(() => watch({ background: true }), Math.min(Math.max(seconds, 1) * 1000, LATEST));
  }

  function warn(seconds, insist) {
    const time = new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 5);
    const words = `You will be signed out at ${time}${insist ? "" : " unless you go on"}.`;
    const isNew = warning.hidden;
    document.getElementById("idle-words").textContent = words;
    document.getElementById("idle-go-on").hidden = insist;
    warning.hidden = false;
    if (isNew) document.getElementById("announce").textContent = insist ? words : `${words} Any key goes on.`;
  }

  function unwarn() {
    const isHeld = warning.contains(document.activeElement);
    warning.hidden = true;
    if (isHeld) window.footdropFocus?.back();
  }

  async function watch({ background }) {
    try {
      const now = await ask({ background });
      const mine = now.person === person;
      if (!mine || now.seconds > WARNING) unwarn();
      if (!now.person) open();
      if (!mine) return;
      if (now.seconds <= WARNING) warn(now.seconds, !background); // going on did not help: twelve hours are over
      wait(now.seconds > WARNING ? now.seconds - WARNING : now.seconds + 1);
    } catch (error) {
      unreachable(error);
      wait(WARNING / 4);
    }
  }

  const goOn = () => {
    const isPossible = !warning.hidden && !document.getElementById("idle-go-on").hidden;
    if (isPossible) watch({ background: false });
  };

  document.addEventListener("keydown", goOn);
  document.addEventListener("pointerdown", goOn);
  document.addEventListener("footdrop:sign-in", open);
  document.addEventListener("footdrop:saving", (event) => {
    if (event.detail.outcome === "saved") unwarn();
  });
  wait(Number(template.dataset.seconds) - WARNING);
})();
