// What may be said before the server is heard, in each language. It says the rest, in the visitor's
// (`settings.words`), and `settings.texts` may replace any by its key.
const LANGUAGES = ['en', 'fr', 'de', 'es'];
const TEXTS = {
  title: ['Chat with us', 'Écrivez-nous', 'Schreiben Sie uns', 'Escríbanos'],
  open: ['Open chat', 'Ouvrir le chat', 'Chat öffnen', 'Abrir el chat'],
  close: ['Close chat', 'Fermer le chat', 'Chat schließen', 'Cerrar el chat'],
  menu: ['Menu', 'Menu', 'Menü', 'Menú'],
  log: ['Messages', 'Messages', 'Nachrichten', 'Mensajes'],
  greeting: ['Hello! How can we help?', 'Bonjour\u202f! Comment pouvons-nous vous aider\u202f?', 'Guten Tag! Wie können wir Ihnen helfen?', '¡Hola! ¿En qué podemos ayudarle?'],
  write: ['Write a message…', 'Écrivez un message…', 'Nachricht schreiben…', 'Escriba un mensaje…'],
  send: ['Send', 'Envoyer', 'Senden', 'Enviar'],
  newer: ['New messages', 'Nouveaux messages', 'Neue Nachrichten', 'Mensajes nuevos'],
  sending: ['Sending', 'Envoi en cours', 'Wird gesendet', 'Enviando'],
  you: ['You', 'Vous', 'Sie', 'Usted'],
  answers: ['Assistant · answers at once', 'Assistant · répond aussitôt', 'Assistent · antwortet sofort', 'Asistente · responde al momento'],
  welcome: ['Write any time', 'Écrivez-nous à tout moment', 'Schreiben Sie uns jederzeit', 'Escríbanos cuando quiera'],
  reconnecting: ['Reconnecting…', 'Reconnexion…', 'Verbindung wird wiederhergestellt…', 'Reconectando…'],
  offline: ['You are offline. Messages will be sent later.', 'Vous êtes hors ligne. Vos messages partiront plus tard.', 'Sie sind offline. Nachrichten werden später gesendet.', 'Sin conexión. Los mensajes se enviarán más tarde.'],
  trouble: ['The chat is not available right now.', 'Le chat n’est pas disponible pour le moment.', 'Der Chat ist gerade nicht verfügbar.', 'El chat no está disponible ahora.'],
  attach: ['Attach a file', 'Joindre un fichier', 'Datei anhängen', 'Adjuntar un archivo'],
};

/** t(key, values) for a locale; {name} or {{name}} is filled in. */
export function translator(locale, overrides) {
  const column = Math.max(0, LANGUAGES.indexOf(locale.slice(0, 2)));
  return (key, values) => (overrides()[key] || TEXTS[key]?.[column] || '').replace(/{+(\w+)}+/g, (all, name) => values?.[name] ?? all);
}

/** The line under the name: what the visitor may expect now. */
export function createStatusLine(t, locale) {
  const span = (seconds) => {
    const minutes = Math.max(1, Math.round(seconds / 60));
    const [n, unit] = minutes < 90 ? [minutes, 'minute'] : [Math.round(minutes / 60), 'hour'];
    return n.toLocaleString(locale, { style: 'unit', unit });
  };
  const nth = (n) => n + ((n % 100 > 3 && n % 100 < 21 ? 0 : ['', 'st', 'nd', 'rd'][n % 10]) || 'th');

  function queued({ position, eta_seconds }) {
    const n = position + 1;
    const place = position === 0 ? t('next') : n > 1 && t('ahead', { n, nth: nth(n) });
    const wait = eta_seconds > 0 && t('about', { time: span(eta_seconds) });
    return `${t('finding')} ${[place, wait].filter(Boolean).join(', ')}`;
  }

  function assigned({ name: whole = t('team'), online, reply_seconds } = {}) {
    const away = online === false && reply_seconds > 0;
    // leaves room for the rest
    const most = away ? 14 : 24;
    const cut = [...whole].length > most ? `${[...whole].slice(0, most - 2).join('')}…` : whole;
    const name = /[\u0590-\u08ff]/.test(cut) ? `\u2068${cut}\u2069` : cut;
    if (online !== false) return t('here', { name });
    return t('away', { name }) + (away ? `, ${t('reply', { time: span(reply_seconds) })}` : '');
  }

  return ({ status, problem, reconnecting, messages }, bot) => {
    const { mode, open, opens_at, agent, rating } = status;
    if (!navigator.onLine) return t('offline');
    if (problem) return t('trouble');
    if (reconnecting) return t('reconnecting');
    const shut = messages.findLast(({ code }) => code === 'blocked');
    if (shut && !messages.some(({ seq, sent_at }) => seq && sent_at > shut.sent_at)) return t('ended');
    if (/assigned|paused/.test(mode)) return assigned(agent);
    if (open === false && opens_at) {
      const far = new Date(opens_at) - Date.now() > 5e8 && { day: 'numeric', month: 'long' };
      const time = new Date(opens_at).toLocaleString(locale, { weekday: 'long', hour: 'numeric', minute: '2-digit', ...far });
      return t('closed', { time });
    }
    if (mode === 'queued') return queued(status);
    if (mode === 'closed') return t('ended') + (rating && !rating.score ? ` · ${t('rate')}` : '');
    return t(bot ? 'answers' : 'welcome');
  };
}
