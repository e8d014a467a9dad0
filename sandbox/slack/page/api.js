/* The workspace's JSON API and its event stream. Addresses are relative to the
   page, so that it works under any prefix. */

const root = new URL("ui/", document.baseURI);
const SILENT = "The workspace does not answer. Try again in a moment.";
const HIDDEN_FOR = 30000;

async function call(path, options) {
  try {
    const answer = await fetch(new URL(path, root), options);
    return await answer.json();
  } catch (error) {
    // A dropped connection and a page of HTML both mean: nobody sensible is there.
    if (error instanceof TypeError || error instanceof SyntaxError) return { ok: false, error: SILENT };
    throw error;
  }
}

export function get(path, query = {}) {
  return call(`${path}?${new URLSearchParams(query)}`, { headers: { accept: "application/json" } });
}

export function post(path, body) {
  return call(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
}

export function upload(as, file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return call(`upload?${new URLSearchParams({ as })}`, { method: "POST", body: form });
}

/**
 * Follows the workspace from `cursor` on. `onEvent(data)` for each event in order;
 * `onLink(up)` when the line goes or comes back. Returns `stop()`.
 * A page out of sight lets its connection go after half a minute (browsers give
 * one origin six), and catches up when it is looked at again.
 */
export function follow(as, cursor, onEvent, onLink) {
  const line = { source: null, cursor, retry: 0, timer: 0, hidden: 0, stopped: false };

  const open = () => {
    if (line.stopped || line.source) return;
    const url = new URL("stream", root);
    url.search = new URLSearchParams({ as, after: line.cursor });
    line.source = new EventSource(url);
    line.source.onopen = () => { line.retry = 0; onLink(true); };
    line.source.onmessage = (message) => {
      if (message.lastEventId) line.cursor = message.lastEventId;
      onEvent(JSON.parse(message.data));
    };
    line.source.onerror = () => { shut(); onLink(false); again(); };
  };
  const shut = () => { line.source?.close(); line.source = null; };
  const again = () => {
    clearTimeout(line.timer);
    line.retry = Math.min(line.retry + 1, 6);
    line.timer = setTimeout(open, 250 * 2 ** line.retry);
  };
  const looked = () => {
    clearTimeout(line.hidden);
    if (document.hidden) line.hidden = setTimeout(shut, HIDDEN_FOR);
    else open();
  };

  document.addEventListener("visibilitychange", looked);
  open();
  return () => {
    line.stopped = true;
    clearTimeout(line.timer);
    document.removeEventListener("visibilitychange", looked);
    shut();
  };
}
