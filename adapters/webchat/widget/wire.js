// Connections: with the server, this browser's storage, its other tabs (docs/widget.md says why).

export const backoff = (tries, after) => after ?? Math.min(30, 2 ** tries) * (0.7 + 0.6 * Math.random());

export function createPause() {
  let wake;
  return {
    wake: () => wake?.(),
    wait: (seconds) => new Promise((resolve) => setTimeout((wake = resolve), seconds * 1000)),
  };
}

/** Status 0: no answer. `permanent`: the same call would fail again. */
async function failure(response) {
  const { status = 0, headers } = response ?? {};
  const said = await response?.json().catch(() => null); // a proxy's page is not JSON
  return Object.assign(new Error(said?.error?.message ?? `HTTP ${status}`), {
    status,
    code: said?.error?.code,
    fields: said?.error?.fields,
    after: Math.min(headers?.get('Retry-After') || NaN, 120) || undefined,
    permanent: status > 399 && status < 500 && ![401, 408, 425, 429].includes(status),
  });
}

export function createSession({ base, store, describe, onChange }) {
  let current = store.get('session');
  let opening = null;
  let stale = false; // more was said of the visitor since we asked

  async function call(path, { body, signal }, token) {
    const form = body instanceof FormData;
    const response = await fetch(base + path, {
      method: body ? 'POST' : 'GET',
      signal,
      cache: 'no-store',
      credentials: 'omit',
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && !form && { 'Content-Type': 'application/json' }),
      },
      body: form ? body : body && JSON.stringify(body),
    }).catch(() => null);
    if (!response?.ok) throw await failure(response);
    return response;
  }

  function become(next) {
    const same = current?.conversation_id === next?.conversation_id;
    current = next && { ...next, talked: next.talked ?? (same && current.talked) };
    onChange(same);
  }

  async function ask() {
    stale = false;
    const body = { visitor: current?.token, ...(await describe()) };
    const response = await call('sessions', { body }).catch((error) => {
      if (!stale) throw error;
    });
    if (stale) return ask();
    become(await response.json());
    store.set('session', current);
  }

  const session = {
    get current() {
      return current;
    },
    /** Asks for a session or renews it. */
    open: () => (opening ??= ask().finally(() => (opening = null))),
    renew: () => session.open((stale = true)),
    /** A refused token is renewed, once. */
    async request(path, options = {}) {
      if (!current) await session.open();
      const { token } = current;
      return call(path, options, token).catch(async (error) => {
        if (error.status !== 401) throw error;
        if (current?.token === token) await session.open();
        return call(path, options, current.token);
      });
    },
    keep: () => current.talked || store.set('session', (current = { ...current, talked: true })),
    reload: () => become(store.get('session')),
    forget() {
      store.remove('session');
      become(null);
    },
  };
  return session;
}

export function createParser(emit) {
  let rest = '';
  return (chunk) => {
    const blocks = (rest + chunk).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = {};
      for (const [, field, value] of block.matchAll(/^(event|id|data): ?(.*)/gm))
        event[field] = field in event ? `${event[field]}\n${value}` : value;
      if (event.data) emit(event);
    }
  };
}

const SILENCE = 45000; // ms; the server says something every 15 s
const MUTE = 10000; // ms; a stream silent from its start is held back by a proxy

/** A stream, read with fetch as EventSource sends no token; where none gets through, polling. */
export function createLive({ request, cursor, onEvent, onPage, onState }) {
  const pause = createPause();
  let run = null; // AbortControllers, this and the next
  let reading = null;
  let heard = 0;
  let mutes = 0;
  let pollUntil = 0;

  async function stream(signal) {
    const began = (heard = Date.now());
    let silent = true;
    const parse = createParser((event) => onEvent({ ...event, data: JSON.parse(event.data) }));
    const watch = setInterval(() => Date.now() - heard > (silent ? MUTE : SILENCE) && reading.abort(), 1000);
    try {
      const { body } = await request(`stream?after=${cursor()}`, { signal });
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk; !(chunk = await reader.read()).done; parse(chunk.value)) {
        heard = Date.now();
        silent = mutes = 0;
        onState(true);
      }
    } finally {
      clearInterval(watch);
      if (silent && Date.now() - began > MUTE && ++mutes > 1) pollUntil = Date.now() + 300000;
    }
  }

  async function poll(signal) {
    const either = AbortSignal.any([signal, AbortSignal.timeout(SILENCE)]);
    onPage(await (await request(`messages?after=${cursor()}&wait=25`, { signal: either })).json());
    onState(true);
  }

  async function loop({ signal }) {
    for (let tries = 0; !signal.aborted; ) {
      const polling = Date.now() < pollUntil;
      const began = Date.now();
      let problem = null;
      reading = new AbortController();
      await (polling ? poll : stream)(reading.signal).catch((error) => (problem = error)); // cure: connect again
      if (signal.aborted) return;
      if (Date.now() - began > SILENCE) tries = 0;
      if (polling && !problem) continue;
      onState(false, problem);
      await pause.wait(backoff(tries++, problem?.after));
    }
  }

  return {
    start() {
      if (!run) loop((run = new AbortController()));
    },
    stop() {
      run?.abort();
      reading?.abort();
      pause.wake();
      run = null;
    },
    /** The page is back: a quiet connection is not trusted. */
    poke(surely) {
      if (surely || Date.now() - heard > 20000) reading?.abort();
      pause.wake();
    },
  };
}

export function uuid() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The mere mention of blocked storage throws. */
export function reach(area) {
  try {
    return window[area];
  } catch {
    return {};
  }
}

/** What storage refuses (blocked, full) lasts as long as the page. */
export function createStore(prefix) {
  const area = reach('localStorage');
  const memory = {};
  return {
    get: (key) => JSON.parse(memory[key] ?? area[prefix + key] ?? null),
    set(key, value) {
      memory[key] = JSON.stringify(value);
      try {
        area[prefix + key] = memory[key];
        delete memory[key];
      } catch {
        return;
      }
    },
    remove(key) {
      delete memory[key];
      delete area[prefix + key];
    },
    keys(start) {
      const names = Object.keys({ ...area, ...memory }).map((key) => key.replace(prefix, ''));
      return names.filter((key) => key.startsWith(start));
    },
  };
}

/** Messages wait here for their 202, each under a key of its own: tabs share it, and one sends. */
export function createOutbox({ store, mayPost, post, onChange, onSent, onError }) {
  const pause = createPause();
  let running = false;
  let last = 0;
  let flying = null;

  const items = () => store.keys('out:').map(store.get).sort((a, b) => a.at - b.at);
  const next = () => mayPost() && items().find((item) => !item.failed);

  function save(item) {
    store.set(`out:${item.client_id}`, item);
    onChange();
  }

  async function drain() {
    for (let tries = 0; (flying = next()); onChange()) {
      try {
        onSent(flying, await post(flying));
        store.remove(`out:${flying.client_id}`);
        tries = 0;
      } catch (error) {
        onError(error);
        if (error.permanent) save({ ...flying, failed: error.message, code: error.code });
        else await pause.wait(backoff(tries++, error.after));
      }
    }
  }

  const outbox = {
    items,
    add(item) {
      last = Math.max(Date.now(), last + 1);
      save({ ...item, client_id: uuid(), at: last });
      outbox.flush();
    },
    retry(id) {
      const { failed, code, ...item } = store.get(`out:${id}`);
      store.remove(`out:${id}`);
      save({ ...item, client_id: code === 'id_reused' ? uuid() : id });
      outbox.flush();
    },
    flush() {
      if (!running) running = drain().finally(() => (running = false));
    },
    hurry: pause.wake,
    /** The stream may show a message before its 202 is here. */
    claim: (text) => items().find((item) => item.text === text && !item.failed)?.client_id,
    clear: () => store.keys('out:').forEach(store.remove),
  };
  return outbox;
}

/** The tab that came to the front last leads (those behind may be frozen): it holds the stream. */
export function createTabs({ name, onLead, onTell }) {
  const channel = new BroadcastChannel(name);
  let leading = false;
  let waiting = null;
  let release;

  function lead(on) {
    if (on !== leading) onLead((leading = on));
  }

  async function contend({ signal }) {
    let how = document.hidden ? { signal } : { steal: true };
    while (!signal.aborted) {
      const hold = () => new Promise((resolve) => ((release = resolve), lead(true)));
      await navigator.locks.request(name, how, hold).catch(() => lead(false)); // another tab took it
      how = { signal };
    }
  }

  channel.onmessage = ({ data }) => onTell(data);
  const tabs = {
    get leading() {
      return leading;
    },
    tell: (data) => channel.postMessage(data),
    start() {
      if (leading) return;
      tabs.stop();
      waiting = new AbortController();
      if (navigator.locks) contend(waiting);
      else lead(true);
    },
    stop() {
      waiting?.abort();
      release?.();
      lead(false);
    },
    close() {
      tabs.stop();
      channel.close();
    },
  };
  return tabs;
}
