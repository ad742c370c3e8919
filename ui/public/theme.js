// Runs before the first paint, so that a light page never flashes dark. A file of its own, because the
// content security policy allows no inline script.
(function () {
  var t = null;
  try { t = localStorage.getItem('theme'); } catch (e) { /* storage may be closed; the system's choice serves */ }
  if (t !== 'dark' && t !== 'light') t = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = t;
})();
