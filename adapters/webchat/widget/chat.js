// The chat without its looks: the view calls its methods, and draws `state` after `changed()`.
import { backoff, createLive, createOutbox, createPause, createSession, createTabs } from './wire.js';

/** By `seq`, but right before the message that `before` names. */
export function ordered(messages) {
  const list = [...messages].sort((a, b) => a.seq - b.seq);
  for (const message of list.filter((one) => one.before && list.some(({ id }) => id === one.before))) {
    list.splice(list.indexOf(message), 1);
    list.splice(list.findIndex(({ id }) => id === message.before), 0, message);
  }
  return list;
}

/** Only a newer revision replaces: changes may come twice, or late. */
export function createLog() {
  const known = new Map();
  let list = null;
  const log = {
    cursor: 0,
    get list() {
      return (list ??= ordered(known.values()));
    },
    advance(rev) {
      log.cursor = Math.max(log.cursor, Number(rev ?? 0));
    },
    put(message, rev) {
      const old = known.get(message.id);
      if (old?.rev >= rev) return false;
      known.set(message.id, { client_id: old?.client_id, ...message, rev });
      list = null;
      return !old;
    },
    clear() {
      known.clear();
      list = null;
      log.cursor = 0;
    },
  };
  return log;
}

export function createChat({ base, store, describe, changed, emit, arrived }) {
  const log = createLog();
  const pause = createPause();
  const done = new AbortController();
  const { signal } = done;
  let status = {};
  let typist = null;
  let typingTimer = 0;
  let saidTyping = 0;
  let seen = 0;
  let read = store.get('read') ?? 0;
  let readTimer = 0;
  let lost = 0; // since when there is no connection, ms
  let starting = null;
  let started = false;
  let problem = null;
  let prechat; // answered, and on its way

  const introduced = async () => ({ ...(await describe()), prechat });
  const session = createSession({ base, store, describe: introduced, onChange: sessionChanged });
  const notify = (path, body) => session.request(path, { body }).catch(report);
  const outbox = createOutbox({
    store,
    mayPost: () => tabs.leading && !chat.settings.prechat,
    onChange: changed,
    onError: report,
    async post({ client_id, text, payload, attachments }) {
      const body = { client_id, text, payload, attachments: attachments?.map(({ id }) => id) };
      return (await session.request('messages', { body })).json();
    },
    onSent(item, answer) {
      const message = { ...item, ...answer };
      log.put(message, 0);
      tell({ message });
      session.keep();
    },
  });
  const live = createLive({
    request: session.request,
    cursor: () => log.cursor,
    onPage: page,
    onState: connection,
    onEvent(event) {
      tell({ event, cursor: log.cursor });
      heard(event);
    },
  });
  const onLead = (on) => (on ? outbox.flush(live.start()) : live.stop());
  const tabs = createTabs({ name: `deskbridge:${base}`, onTell: told, onLead });
  const talk = () => session.current?.conversation_id;
  const tell = (data) => tabs.tell({ ...data, of: talk() });

  function report(error) {
    if (error.status !== 0) emit('error', error);
  }

  function connection(on, error) {
    if (error) report(error);
    if (on === !lost) return;
    lost = on ? 0 : Date.now();
    changed();
    setTimeout(changed, 3100); // then the status line says so
  }

  function sessionChanged(same) {
    if (!same) forget();
    if (!talk()) {
      tabs.stop();
      started = false;
      starting = problem = null;
    }
    status = chat.settings.status ?? status;
    changed();
    if (same || !started) return;
    live.poke(true);
    refresh(true).catch(report);
  }

  function forget() {
    log.clear();
    status = {};
    typist = null;
    seen = read = 0;
    clearTimeout(readTimer); // to say it now would make a new visitor
    readTimer = 0;
    store.remove('read');
  }

  function take(message, rev, quiet) {
    const own = message.author.kind === 'user';
    if (own && !quiet) message.client_id ??= outbox.claim(message.text);
    if (!log.put(message, rev) || own) return;
    typist = null;
    if (quiet || message.seq <= read) return;
    arrived(message);
    emit('message', message);
  }

  function page({ messages, cursor, status: now = status }, quiet) {
    for (const message of messages) take(message, cursor, quiet);
    log.advance(cursor);
    if (messages.length) session.keep();
    status = now;
    settle();
  }

  /** The answer is dropped when the visitor has become another meanwhile. */
  async function refresh(quiet) {
    const of = talk();
    const found = await (await session.request(`messages?after=${log.cursor}`)).json();
    if (of === talk()) page(found, quiet);
  }

  const handlers = {
    message: take,
    update: take,
    status: (data) => emit('status', (status = data)),
    receipt: ({ seen_seq = 0 }) => (seen = Math.max(seen, seen_seq)),
    typing({ author, on }) {
      typist = on ? author : null;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => changed((typist = null)), 12000);
    },
  };

  function heard({ event, id, data }) {
    handlers[event]?.(data, Number(id));
    log.advance(id);
    settle();
  }

  function told({ of, event, cursor, message, seq }) {
    if (!started || of !== talk()) return;
    if (message) log.put(message, 0);
    if (seq > read) read = seq;
    if (cursor > log.cursor) refresh().catch(report); // we missed some
    else if (event) heard(event);
    changed();
  }

  /** What is on the screen counts as read. */
  function settle() {
    const newest = Math.max(...log.list.map(({ seq }) => seq));
    if (started && chat.watching() && newest > read) {
      store.set('read', (read = newest));
      tell({ seq: read });
      readTimer ||= setTimeout(() => notify('read', { seq: read }, (readTimer = 0)), 1000);
    }
    changed();
  }

  async function begin() {
    for (let tries = 0; !started; tries++) {
      try {
        await session.open();
        await refresh(true);
        problem = null;
        started = true;
      } catch (error) {
        connection(false, error);
        if (error.permanent || error.status === 401) return (starting = changed((problem = error)));
        await pause.wait(backoff(tries, error.after));
      }
      if (signal.aborted) return;
    }
    connection(true);
    tabs.start();
    settle();
  }

  /** The page is back, or online: what we missed is read now. */
  function back({ type }) {
    changed();
    pause.wake();
    if (!started || document.hidden) return;
    tabs.start();
    live.poke(type === 'online');
    outbox.hurry();
    refresh().catch(report);
  }

  const chat = {
    watching: () => false, // does the visitor look at the messages?
    settle,
    get settings() {
      return session.current?.settings ?? {};
    },
    get state() {
      const { list } = log;
      return {
        messages: [...list, ...outbox.items().filter((item) => !list.some((one) => one.client_id === item.client_id))],
        status,
        typist,
        seen,
        problem,
        reconnecting: lost && Date.now() - lost > 3000,
        unread: list.filter((one) => one.seq > read && !one.deleted && /bot|agent/.test(one.author.kind)).length,
      };
    },
    start: () => (starting ??= begin()),
    send(text, payload, attachments) {
      outbox.add({ text, payload, attachments, author: { kind: 'user' }, sent_at: new Date().toISOString() });
      saidTyping = 0;
      chat.start();
    },
    async upload(file) {
      const body = new FormData();
      body.append('file', file);
      return (await session.request('files', { body })).json();
    },
    async transcript() {
      const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
      return (await session.request(`transcript?zone=${zone}`)).blob();
    },
    file: async (id) => (await session.request(`files/${id}`)).blob(),
    retry: outbox.retry,
    typing() {
      if (status.mode !== 'assigned' || Date.now() - saidTyping < 4000) return;
      saidTyping = Date.now();
      notify('typing', { on: true });
    },
    end: () => notify('end', {}),
    async introduce(answers) {
      prechat = answers;
      await session.renew().finally(() => (prechat = undefined));
      outbox.flush();
    },
    leave: (email) => notify('email', { email }),
    async rate(score, comment) {
      await session.request('rating', { body: { score, comment } });
      const given = { score, ...(comment !== undefined && { comment }) };
      status = { ...status, rating: { ...status.rating, ...given } };
      changed();
    },
    react: (message, emoji, on) => notify('reactions', { message, emoji, on }),
    describe: () => (talk() || starting ? session.renew().catch(report) : problem && chat.start()),
    reset() {
      outbox.clear();
      session.forget();
    },
    stop() {
      done.abort();
      started = false;
      pause.wake();
      tabs.close();
      outbox.hurry();
    },
  };

  document.addEventListener('visibilitychange', back, { signal });
  for (const type of ['online', 'offline', 'pageshow']) window.addEventListener(type, back, { signal });
  // an open stream forbids the back/forward cache
  window.addEventListener('pagehide', tabs.stop, { signal });
  function stored({ key }) {
    if (key?.endsWith(':session')) session.reload();
    changed(outbox.flush());
  }
  window.addEventListener('storage', stored, { signal });
  status = chat.settings.status ?? status;
  if (session.current?.talked || outbox.items().length) chat.start();
  return chat;
}
