(function () {
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function follow() {
    var chosen = null;
    try { chosen = localStorage.getItem("theme"); } catch (blocked) { chosen = null; }
    if (chosen !== "light" && chosen !== "dark") { chosen = dark.matches ? "dark" : "light"; }
    document.documentElement.dataset.theme = chosen;
  }
  follow();
  addEventListener("storage", follow);
  dark.addEventListener("change", follow);
})();
