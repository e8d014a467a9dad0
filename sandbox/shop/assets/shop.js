/* The shop's own script: opens the chat, and tells the demo page what is unread. */

window.deskbridge = window.deskbridge || function () {
  (window.deskbridge.q = window.deskbridge.q || []).push(arguments);
};

const call = (...words) => window.deskbridge(...words);
const fresh = new URLSearchParams(location.search).has("fresh");

if (fresh) {
  // The demo was reset: the visitor begins anew, and a reload must not reset again.
  call("reset");
  history.replaceState(null, "", location.pathname);
  call("open");
}

document.addEventListener("DOMContentLoaded", () => {
  const { order } = document.body.dataset;
  call("setAttributes", { name: "Sam Rivera", email: "sam.rivera@example.com", plan: "Trail Club", ...(order && { order }) });
  document.querySelector("[data-chat]")?.addEventListener("click", () => call("open"));
});

if (window.parent !== window) {
  call("on", "unread", (count) => window.parent.postMessage({ type: "customer-unread", count }, location.origin));
}
