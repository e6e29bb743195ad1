// Lets nobody leave a page with answers that are not saved: what leads away waits for them, then goes; or warns.
// Without this file the browser follows links and forms at once; a step's own form still carries its answers.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const TAPS = 700; // ms in which a second press is the same press
  const GONE = 10000; // ms after which a page that is still here can be used again
  const BLOCKED = new Set(["offline", "failed", "other-person"]);

  const answers = window.footdropAnswers;
  const saving = window.footdropSaving;
  if (!answers || !saving) return; // the page saves by its form alone

  let going = null; // {act, what, since}: what waits for the last answer
  let leaving = false; // the page was told to go, and what it held is saved or sent with it
  let stillHere = 0;

  const isUnsaved = () => Boolean(saving.waiting() || saving.unsettled() || answers.typing());

  function show() {
    document.dispatchEvent(new CustomEvent("footdrop:going", { detail: { going: going !== null } }));
    saving.report();
  }

  // Waits for the queue; the same press again is one press, and a later one says: now, whatever the queue holds.
  function wait(event, what, act) {
    event.preventDefault();
    if (going?.what === what && event.timeStamp - going.since < TAPS) return;
    going = { act, what, since: event.timeStamp };
    show();
    if (going && !saving.waiting()) go();
    else if (saving.state() === "signed-out") saving.halt("signed-out");
  }

  function go() {
    const { act } = going;
    going = null;
    show();
    act();
  }

  function stay() {
    going = null;
    show();
  }

  document.addEventListener("footdrop:saving", (event) => {
    if (!going) return;
    if (BLOCKED.has(event.detail.state)) stay();
    else if (event.detail.state === "saved") go();
  });

  // ------------------------------------------------------------ forms: Save and continue, and every other one

  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (event.defaultPrevented || target.method === "dialog") return;
    const ownAnswers = target.id === "step-form";
    answers.giveAll();
    const state = saving.state();
    if (leaving) event.preventDefault(); // the same form, pressed twice
    else if (BLOCKED.has(state)) refuse(event);
    else if (saving.waiting()) wait(event, target, () => send(target, submitter));
    else if (ownAnswers || !isUnsaved()) leave(); // otherwise the browser asks
  });

  // The answer that was waited for may have drawn the form anew: what was pressed is what is sent.
  function send(form, submitter) {
    if (!form.isConnected) {
      form.hidden = true;
      document.body.append(form);
    }
    form.requestSubmit(submitter);
  }

  // Nothing goes on while the record cannot be reached: the reason stands beside the button.
  function refuse(event) {
    event.preventDefault();
    saving.report();
  }

  // ------------------------------------------------------------ links: steps, Back, the next test, Leave exam

  function leadsAway(link, event) {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const samePage = link.hash && link.href.split("#")[0] === window.location.href.split("#")[0];
    return isPlain && !samePage && !link.target && !link.hasAttribute("download") && link.protocol.startsWith("http");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (event.defaultPrevented || !link || !leadsAway(link, event)) return;
    answers.giveAll();
    const again = going?.what === link.href && event.timeStamp - going.since >= TAPS;
    if (!saving.waiting() || again || BLOCKED.has(saving.state())) return; // the browser asks if anything is unsaved
    wait(event, link.href, () => { window.location.assign(link.href); });
  });

  // The record already says theirs: the page is loaded anew at this row once nothing else waits.
  document.addEventListener("footdrop:take-theirs", (event) => {
    answers.giveAll();
    wait(event, "theirs", () => {
      leave();
      window.location.hash = event.detail.row;
      window.location.reload();
    });
  });

  // ------------------------------------------------------------ gone, or still here

  // What is tapped after the last answer was sent would be lost with the page: it cannot be tapped.
  function leave() {
    leaving = true;
    const form = document.getElementById("step-form");
    if (form) form.inert = true;
    clearTimeout(stillHere);
    stillHere = setTimeout(back, GONE);
  }

  function back() {
    leaving = false;
    const form = document.getElementById("step-form");
    if (form) form.inert = false;
  }

  window.addEventListener("beforeunload", (event) => {
    if (event.defaultPrevented) back(); // the stopwatch asks: the person may stay
    else if (leaving) return;
    else if (isUnsaved()) event.preventDefault();
    else leave();
  });

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    back();
    if (!isUnsaved()) window.location.reload();
  });
});
