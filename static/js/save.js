// Sends each given answer to the server, one after another, and reports how that went.
// Without this file the step is a plain form with Save and continue; nothing else is lost.
(() => {
  "use strict";

  const RETRIES = [1000, 3000, 10000]; // ms before the same answer is sent again under the same key
  const LATER = 30000; // ms between attempts once those are used up; the person may press Try now before
  const OUTCOMES = { 409: "conflict", 422: "refused" };
  const AGAIN = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

  const answers = window.footdropAnswers;
  if (!answers || !window.htmx || !window.footdropParts?.arrived) return; // the plain form still saves

  const queue = []; // jobs {id, values, tries}; the first one is sent or is being sent
  const unsettled = new Map(); // fieldset id -> outcome of an answer that the record does not hold and nothing sends
  let inFlight = false; // an answer, or the question whose token it needs, is on its way
  let halted = ""; // "", "signed-out" or "other-person": waits for the person
  let retryTimer = 0;

  const waiting = () => answers.settling() + queue.length;
  const usedUp = () => queue.length > 0 && queue[0].tries > RETRIES.length;

  function state() {
    if (halted) return halted;
    if (!navigator.onLine) return "offline";
    if (usedUp()) return "failed";
    if (queue.length && queue[0].tries) return "retrying";
    if (waiting()) return "saving";
    return answers.typing() ? "typing" : "saved";
  }

  // `outcome` is what the last answer came to, or what is still unsettled on this page; `given`, how many settled
  // answers are not in the record yet.
  function report(outcome) {
    const open = [...unsettled.values()].at(-1);
    const detail = { state: state(), count: waiting(), outcome: open || outcome || "", given: queue.length };
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

  // ------------------------------------------------------------ the queue

  const isUnsent = (id) => (job) => job.id === id && !job.values;

  function enqueue(id) {
    unsettled.delete(id);
    if (!queue.some(isUnsent(id))) queue.push({ id, tries: 0 });
    next();
  }

  // An answer that is being changed again waits until the new value has settled.
  function holdBack(id) {
    const at = queue.findIndex(isUnsent(id));
    if (at >= 0) queue.splice(at, 1);
    if (usedUp()) tryAgain();
  }

  function next() {
    if (inFlight || halted || !queue.length || !navigator.onLine) return;
    const job = queue[0];
    const fieldset = document.getElementById(job.id);
    if (!job.values) {
      const place = JSON.parse(fieldset.getAttribute("hx-vals"));
      job.values = { ...place, ...valuesOf(fieldset), key: crypto.randomUUID() };
    }
    clearTimeout(retryTimer);
    inFlight = true;
    window.htmx.trigger(fieldset, "save");
  }

  function done(outcome) {
    const job = queue.shift();
    if (outcome !== "saved") unsettled.set(job.id, outcome);
    next();
    report(outcome);
  }

  function failed(job) {
    retryTimer = setTimeout(next, RETRIES[job.tries] ?? LATER);
    job.tries += 1;
    report();
  }

  function tryAgain() {
    clearTimeout(retryTimer);
    halted = "";
    if (queue.length) queue[0].tries = 0;
    next();
  }

  function resume() {
    tryAgain();
    report();
  }

  // ------------------------------------------------------------ whose page this is

  // Nothing is sent until the person of this page is signed in again.
  function halt(why) {
    halted = why;
    report();
    if (why === "signed-out") document.dispatchEvent(new CustomEvent("footdrop:sign-in"));
  }

  // A forbidden request may only mean that the page's token is from before a new sign-in: once, it is renewed.
  // Meanwhile nothing is sent with the old one.
  async function renew(job) {
    inFlight = true;
    const why = await refreshToken().catch(away).finally(() => { inFlight = false; });
    job.renewed = why === "";
    if (why === AWAY) failed(job);
    else if (why) halt(why);
    else next();
  }

  // The server cannot be reached: the answer to give where a token was asked for.
  const AWAY = "away";
  function away(error) {
    if (!(error instanceof TypeError)) throw error;
    return AWAY;
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

  async function tryNow({ type }) {
    const why = halted || type === "footdrop:signed-in" ? await refreshToken().catch(away) : "";
    if (why === AWAY) report(); // the label goes on saying so
    else if (why) halt(why);
    else {
      queue.forEach((job) => { job.renewed = false; });
      resume();
    }
  }

  // ------------------------------------------------------------ what happens on the page

  document.addEventListener("footdrop:answer", (event) => {
    const { given, id } = event.detail;
    if (given) enqueue(id);
    else holdBack(id);
    report();
  });

  // A conflict is settled by the person: keep what this page says, or take what the record says.
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-conflict]");
    const fieldset = answers.fieldsetOf(event.target);
    if (!choice || !fieldset) return;
    event.preventDefault();
    choice.closest(".conflict").remove();
    window.footdropGroups.focusOn(fieldset);
    unsettled.delete(fieldset.id);
    if (choice.dataset.conflict === "mine") answers.give(fieldset.id);
    else document.dispatchEvent(new CustomEvent("footdrop:take-theirs", { detail: { row: fieldset.closest(".mus").id } }));
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (answers.fieldsetOf(event.target) && queue.length) event.detail.parameters = { ...queue[0].values };
  });

  // An expired session must not carry the page and its answers away.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (answers.fieldsetOf(event.target) && [401, 403].includes(event.detail.xhr.status)) event.preventDefault();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!answers.fieldsetOf(event.target) || !inFlight) return;
    inFlight = false;
    const status = event.detail.xhr.status;
    if (AGAIN.has(status)) failed(queue[0]);
    else if (status === 401) halt("signed-out");
    else if (status === 403 && !queue[0].renewed) renew(queue[0]);
    else done(OUTCOMES[status] || (status < 400 ? "saved" : "rejected"));
  });

  document.addEventListener("footdrop:try-now", tryNow);
  document.addEventListener("footdrop:signed-in", tryNow);
  // Until here the label said when the page was last saved; what was answered before is settling by now.
  document.addEventListener("DOMContentLoaded", () => report());
  window.addEventListener("online", () => (halted ? report() : resume()));
  window.addEventListener("offline", () => report());

  window.footdropSaving = { waiting, unsettled: () => unsettled.size, state, report, halt };
})();
