/* The shop's own script. It runs before the widget has loaded: calls wait in its queue. */

window.deskbridge = window.deskbridge || function () {
  (window.deskbridge.q = window.deskbridge.q || []).push(arguments);
};

const call = (...words) => window.deskbridge(...words);
const { order, identity } = document.documentElement.dataset;

if (new URLSearchParams(location.search).has("fresh")) {
  // A new visit: the customer begins anew, and a reload must not do so again.
  for (const key of Object.keys(localStorage)) if (key.startsWith("deskbridge:")) localStorage.removeItem(key);
  sessionStorage.removeItem("deskbridge_draft");
  history.replaceState(null, "", location.pathname);
  call("open");
}

call("setAttributes", { plan: "Trail Club", ...(order && { order }) });
if (identity) call("identify", identity);
if (window.parent !== window) {
  call("on", "unread", (count) => window.parent.postMessage({ type: "customer-unread", count }, location.origin));
}
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("[data-chat]")?.addEventListener("click", () => call("open"));
});
