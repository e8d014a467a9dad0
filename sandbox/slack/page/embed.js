/* Inside the demo page this client is one half of a window: the page asks it to
   open a thread, and hears how much is unread. Both are of one origin; messages
   from anywhere else are not listened to. */

export function speakWithParent(embedded, { open }) {
  const alone = !embedded || window.parent === window;
  if (!alone) {
    addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.source !== window.parent) return;
      if (event.data?.type === "open-thread") open(event.data);
    });
  }
  const last = { count: -1 };
  return {
    unread(count) {
      if (alone || count === last.count) return;
      last.count = count;
      window.parent.postMessage({ type: "workspace-unread", count }, location.origin);
    },
  };
}
