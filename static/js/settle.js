// Decides when an answer counts as given: after a rest, on leaving its group, or at once when it is taken away.
// save.js sends what is given; without these files the step is a plain form and nothing is lost.
(() => {
  "use strict";

  if (!window.footdropGroups) return; // a part of the page did not arrive: the plain form still saves

  const { chosen, focusOn } = window.footdropGroups;
  const SETTLE = 700; // ms of rest before a value counts as chosen: values passed over are never sent

  const settling = new Map(); // fieldset id -> timer of a change that is still settling
  const typing = new Set(); // ids of fieldsets with text typed and not yet left

  const fieldsetOf = (node) => (node instanceof Element ? node.closest("fieldset[data-autosave]") : null);
  const tell = (given, id) => document.dispatchEvent(new CustomEvent("footdrop:answer", { detail: { given, id } }));

  function settle(fieldset) {
    clearTimeout(settling.get(fieldset.id));
    settling.set(fieldset.id, setTimeout(() => give(fieldset.id), SETTLE));
    tell(false, fieldset.id);
  }

  // What was said of the technique was said of the value before.
  function unsay(fieldset) {
    const question = fieldset.querySelector(".guard-question");
    question?.querySelectorAll(":checked").forEach((field) => { field.checked = false; });
    if (question) question.querySelector("[type=hidden]").value = "";
  }

  function give(id) {
    clearTimeout(settling.get(id));
    settling.delete(id);
    typing.delete(id);
    tell(true, id);
  }

  function forget(fieldset) {
    fieldset.querySelectorAll("input:checked").forEach((field) => { field.checked = false; });
    fieldset.querySelectorAll("input[type=text], select").forEach((field) => { field.value = ""; });
    if (fieldset.contains(document.activeElement)) focusOn(fieldset);
    give(fieldset.id);
  }

  window.footdropAnswers = {
    fieldsetOf,
    give,
    giveAll: () => [...new Set([...settling.keys(), ...typing])].forEach(give),
    settling: () => settling.size,
    typing: () => typing.size,
  };

  document.addEventListener("change", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (fieldset && event.target.closest(".pick")) unsay(fieldset);
    if (fieldset && event.target.name) settle(fieldset);
  });

  // What was answered before this file arrived settles now; the page keeps no fields of an earlier visit.
  const isAnswered = (field) => field.name && (field.checked !== field.defaultChecked || field.value !== field.defaultValue);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("fieldset[data-autosave]").forEach((fieldset) => {
      if ([...fieldset.querySelectorAll("input:not([type=hidden])")].some(isAnswered)) settle(fieldset);
    });
  });

  document.addEventListener("input", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (!fieldset || event.target.type !== "text") return;
    typing.add(fieldset.id);
    tell(false, fieldset.id);
  });

  document.addEventListener("focusout", (event) => {
    const fieldset = fieldsetOf(event.target);
    if (!fieldset || fieldset.dataset.settling !== undefined) return; // keys.js moves on, the value still settles
    if (fieldsetOf(event.relatedTarget) === fieldset) return;
    if (settling.has(fieldset.id)) give(fieldset.id);
    else if (typing.delete(fieldset.id)) tell(false, fieldset.id); // typed back to what it was
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
    wasChecked = null; // an arrow key that comes back to it chooses it anew
    if (fieldset && event.key === "Delete" && event.target.type === "radio") {
      event.preventDefault();
      if (chosen(fieldset)) forget(fieldset);
    }
  });
})();
