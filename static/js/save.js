// Sends each settled answer to the server, one after another, and reports how that went.
// Without this file the step is a plain form with Save and continue; nothing else is lost.
(() => {
  "use strict";

  const SETTLE = 700; // ms of rest before a value counts as chosen: values passed over are never sent
  const RETRIES = [1000, 3000, 10000]; // ms before the same answer is sent again under the same key
  const OUTCOMES = { 409: "conflict", 422: "refused" };
  const AGAIN = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

  const settling = new Map(); // fieldset id -> timer of a change that is still settling
  const typing = new Set(); // ids of fieldsets with text typed and not yet left
  const queue = []; // jobs {id, values, tries}; the first one is sent or is being sent
  let inFlight = false;
  let halted = ""; // "", "failed" (retries used up), "signed-out" or "other-person": waits for the person
  let retryTimer = 0;
  let leaving = false;
  let afterwards = null; // what waits for the last answer: a submit, or a reload

  const fieldsetOf = (node) => (node instanceof Element ? node.closest("fieldset[data-autosave]") : null);
  const unsaved = () => settling.size + queue.length;

  const waitsForPerson = () => halted === "signed-out" || halted === "other-person";

  function report(outcome) {
    let state = "saved";
    if (halted) state = halted;
    else if (unsaved() && !navigator.onLine) state = "offline";
    else if (queue.length && queue[0].tries) state = "retrying";
    else if (unsaved()) state = "saving";
    const detail = { state, count: unsaved(), outcome: outcome || "" };
    document.dispatchEvent(new CustomEvent("footdrop:saving", { detail }));
  }

  // What a fieldset says now. Answers to questions that its choice has closed are left out.
  function valuesOf(fieldset) {
    const prefix = fieldset.dataset.prefix;
    const values = {};
    for (const field of fieldset.elements) {
      const ticks = field.type === "radio" || field.type === "checkbox";
      if (field.name && field.type !== "submit" && (!ticks || field.checked)) values[field.name] = field.value;
    }
    const token = (values[`${prefix}.token`] || "").trim();
    const weak = fieldset.querySelector(".lo input:checked") !== null;
    const drop = (name) => delete values[`${prefix}.${name}`];
    if (token !== "not_tested") drop("reason");
    else drop("modality");
    if (!weak || !values[`${prefix}.confounder`]) ["confounder", "count_as"].forEach(drop);
    if (!fieldset.querySelector("[data-guarded]:checked")) ["guard", "guard_for"].forEach(drop);
    if (!token) {
      ["token", "modality", "note"].forEach(drop);
      values[`${prefix}.clear`] = "1";
    }
    return values;
  }

  function settle(fieldset) {
    clearTimeout(settling.get(fieldset.id));
    settling.set(fieldset.id, setTimeout(() => enqueue(fieldset.id), SETTLE));
    if (halted === "failed") resume();
    report();
  }

  function enqueue(id) {
    clearTimeout(settling.get(id));
    settling.delete(id);
    typing.delete(id);
    queue.push({ id, tries: 0 });
    next();
    report();
  }

  function next() {
    if (inFlight || halted || leaving || !queue.length || !navigator.onLine) return;
    const job = queue[0];
    const fieldset = document.getElementById(job.id);
    if (!job.values) {
      const place = JSON.parse(fieldset.getAttribute("hx-vals"));
      job.values = { ...place, ...valuesOf(fieldset), key: crypto.randomUUID() };
    }
    inFlight = true;
    window.htmx.trigger(fieldset, "save");
  }

  function done(outcome) {
    queue.shift();
    next();
    report(outcome);
    if (afterwards && !unsaved()) {
      const act = afterwards;
      afterwards = null;
      act();
    }
  }

  function failed(job) {
    const wait = RETRIES[job.tries];
    job.tries += 1;
    if (wait === undefined) halted = "failed";
    else retryTimer = setTimeout(next, wait);
    afterwards = null;
    report();
  }

  function resume() {
    clearTimeout(retryTimer);
    halted = "";
    if (queue.length) queue[0].tries = 0;
    next();
    report();
  }

  // Nothing is sent until the person of this page is signed in again.
  function halt(why) {
    halted = why;
    afterwards = null;
    report();
    if (why === "signed-out") document.dispatchEvent(new CustomEvent("footdrop:sign-in"));
  }

  // A forbidden request may only mean that the page's token is from before a new sign-in: once, it is renewed.
  async function renew(job) {
    job.renewed = true;
    try {
      const why = await refreshToken();
      if (why) halt(why);
      else next();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      failed(job);
    }
  }

  // Every sign-in makes this page's token useless, so that nothing is sent before it is renewed here,
  // and it is renewed only for the person whose page this is. Returns why not, or nothing.
  async function refreshToken() {
    const mine = document.getElementById("sign-in-again").dataset;
    const answer = await fetch(mine.session, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401) return "signed-out";
    if (!answer.ok) throw new TypeError(`The session could not be read: ${answer.status}`);
    const { person, token } = await answer.json();
    if (person !== mine.person) return "other-person";
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
    return "";
  }

  async function tryNow() {
    try {
      const why = halted === "failed" ? "" : await refreshToken();
      if (why) {
        halt(why);
        return;
      }
      queue.forEach((job) => { job.renewed = false; });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return; // the server cannot be reached: the label goes on saying so
    }
    resume();
  }

  function forget(fieldset) {
    const group = fieldset.querySelectorAll("input:checked");
    const first = fieldset.querySelector(".pick input, input.num");
    group.forEach((field) => { field.checked = false; });
    fieldset.querySelectorAll("input[type=text], select").forEach((field) => { field.value = ""; });
    if (fieldset.contains(document.activeElement) && first) first.focus();
    enqueue(fieldset.id);
  }

  // The record already says theirs: the page is loaded anew at this row once nothing else waits.
  function takeTheirs(fieldset) {
    afterwards = () => {
      leaving = true;
      window.location.hash = fieldset.closest(".mus").id;
      window.location.reload();
    };
    if (!unsaved()) afterwards();
  }

  document.addEventListener("change", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (fieldset && event.target.name) settle(fieldset);
  });

  document.addEventListener("input", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (fieldset && event.target.type === "text") typing.add(fieldset.id);
  });

  document.addEventListener("focusout", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (!fieldset || fieldset.dataset.settling !== undefined) return; // keys.js moves on, the value still settles
    if (settling.has(fieldset.id) && fieldsetOf(event.relatedTarget) !== fieldset) enqueue(fieldset.id);
  });

  // The chosen key tapped again, Clear, and Del take a value away.
  let wasChecked = null;
  document.addEventListener("pointerdown", (event) => {
    const radio = event.target.closest?.(".pick")?.querySelector("input[type=radio]");
    wasChecked = radio?.checked ? radio : null;
  });

  document.addEventListener("click", (event) => {
    const clear = event.target.closest("button.clear");
    const fieldset = fieldsetOf(event.target);
    if (!fieldset) return;
    if (clear) {
      event.preventDefault();
      forget(fieldset);
    } else if (wasChecked && event.target === wasChecked) {
      wasChecked = null;
      forget(fieldset);
    }
  });

  document.addEventListener("keydown", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (fieldset && event.key === "Delete" && event.target.type === "radio") {
      event.preventDefault();
      if (fieldset.querySelector(".pick input:checked")) forget(fieldset);
    }
  });

  // A conflict is settled by the person: keep what this page says, or take what the record says.
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-conflict]");
    const fieldset = fieldsetOf(event.target);
    if (!choice || !fieldset) return;
    event.preventDefault();
    choice.closest(".conflict").remove();
    (fieldset.querySelector(".pick input:checked") || fieldset.querySelector(".pick input, input.num")).focus();
    if (choice.dataset.conflict === "mine") enqueue(fieldset.id);
    else takeTheirs(fieldset);
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (fieldsetOf(event.target) && queue.length) event.detail.parameters = { ...queue[0].values };
  });

  // An expired session must not carry the page and its answers away.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (fieldsetOf(event.target) && [401, 403].includes(event.detail.xhr.status)) event.preventDefault();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!fieldsetOf(event.target) || !inFlight) return;
    inFlight = false;
    const status = event.detail.xhr.status;
    if (AGAIN.has(status)) failed(queue[0]);
    else if (status === 401) halt("signed-out");
    else if (status === 403 && !queue[0].renewed) renew(queue[0]);
    else done(OUTCOMES[status] || (status < 400 ? "saved" : "rejected"));
  });

  document.addEventListener("footdrop:try-now", tryNow);
  document.addEventListener("footdrop:signed-in", tryNow);
  window.addEventListener("online", () => (waitsForPerson() ? report() : resume()));
  window.addEventListener("offline", () => report());

  // Save and continue waits for answers that are on their way, so that a page never races itself.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "step-form") return;
    [...settling.keys(), ...typing].forEach(enqueue);
    if (!navigator.onLine) event.preventDefault();
    else if (inFlight || waitsForPerson()) {
      event.preventDefault();
      if (!inFlight) halt(halted);
      const { target, submitter } = event;
      afterwards = () => target.requestSubmit(submitter);
    } else leaving = true;
    report();
  });

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (unsaved() || typing.size)) event.preventDefault();
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();
