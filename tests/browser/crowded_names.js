// Returns the findings whose name stands nearer than 6 px to what is beside it.
() =>
  [...document.querySelectorAll(".mus .mh h2")]
    .filter((name) => {
      const range = document.createRange();
      range.selectNodeContents(name);
      const end = Math.max(...[...range.getClientRects()].map((rect) => rect.right));
      const own = name.getBoundingClientRect();
      const answers = name.closest(".mus").querySelector(".two").getBoundingClientRect();
      return answers.top < own.bottom && answers.left - end < 6;
    })
    .map((name) => name.textContent.trim());
