// Every text, in each language; `settings.texts` of the server may replace any by its key.
const LANGUAGES = ['en', 'fr', 'de', 'es'];
const TEXTS = {
  title: ['Chat with us', 'Écrivez-nous', 'Schreiben Sie uns', 'Escríbenos'],
  open: ['Open chat', 'Ouvrir le chat', 'Chat öffnen', 'Abrir el chat'],
  close: ['Close chat', 'Fermer le chat', 'Chat schließen', 'Cerrar el chat'],
  menu: ['Menu', 'Menu', 'Menü', 'Menú'],
  log: ['Messages', 'Messages', 'Nachrichten', 'Mensajes'],
  unread: ['unread: {n}', 'non lus : {n}', 'ungelesen: {n}', 'sin leer: {n}'],
  greeting: ['Hello! How can we help?', 'Bonjour ! Comment pouvons-nous vous aider ?', 'Guten Tag! Wie können wir helfen?', '¡Hola! ¿En qué podemos ayudarte?'],
  write: ['Write a message…', 'Écrivez un message…', 'Nachricht schreiben…', 'Escribe un mensaje…'],
  send: ['Send', 'Envoyer', 'Senden', 'Enviar'],
  newer: ['New messages', 'Nouveaux messages', 'Neue Nachrichten', 'Mensajes nuevos'],
  sending: ['Sending', 'Envoi en cours', 'Wird gesendet', 'Enviando'],
  sent: ['Sent', 'Envoyé', 'Gesendet', 'Enviado'],
  seen: ['Seen', 'Vu', 'Gelesen', 'Visto'],
  failed: ['Not sent', 'Non envoyé', 'Nicht gesendet', 'No enviado'],
  again: ['Try again', 'Réessayer', 'Erneut versuchen', 'Reintentar'],
  edited: ['edited', 'modifié', 'bearbeitet', 'editado'],
  react: ['React', 'Réagir', 'Reagieren', 'Reaccionar'],
  removed: ['Message removed', 'Message supprimé', 'Nachricht gelöscht', 'Mensaje eliminado'],
  typing: ['{name} is typing', '{name} écrit', '{name} schreibt', '{name} está escribiendo'],
  you: ['You', 'Vous', 'Sie', 'Tú'],
  assistant: ['Assistant', 'Assistant', 'Assistent', 'Asistente'],
  team: ['Our team', 'Notre équipe', 'Unser Team', 'Nuestro equipo'],
  answers: ['Assistant · answers at once', 'Assistant · répond aussitôt', 'Assistent · antwortet sofort', 'Asistente · responde al momento'],
  welcome: ['Write any time', 'Écrivez à tout moment', 'Schreiben Sie jederzeit', 'Escribe cuando quieras'],
  finding: ['Finding someone…', 'Nous cherchons quelqu’un…', 'Wir suchen jemanden…', 'Buscando a alguien…'],
  next: ['You are next', 'Vous êtes le prochain', 'Sie sind als Nächstes dran', 'Eres el siguiente'],
  ahead: ['You are {nth}', 'Vous êtes {n}ᵉ', 'Sie sind auf Platz {n}', 'Turno {n}'],
  about: ['about {time}', 'environ {time}', 'etwa {time}', 'unos {time}'],
  here: ['{name} · here', '{name} · en ligne', '{name} · ist da', '{name} · en línea'],
  away: ['{name} is away', '{name} est absent', '{name} ist nicht da', '{name} no está'],
  reply: ['replies usually in {time}', 'répond en général sous {time}', 'antwortet meist in {time}', 'suele responder en {time}'],
  closed: ['We are closed until {time}', 'Nous sommes fermés jusqu’à {time}', 'Wir sind wieder da: {time}', 'Cerrado hasta {time}'],
  email: ['Your e-mail, so that we can write to you', 'Votre e-mail, pour que nous puissions vous écrire', 'Ihre E-Mail, damit wir Ihnen schreiben können', 'Tu correo, para que podamos escribirte'],
  leave: ['Save', 'Enregistrer', 'Speichern', 'Guardar'],
  form: ['A few words before we start', 'Quelques mots avant de commencer', 'Kurz vorab', 'Unas palabras antes de empezar'],
  optional: ['optional', 'facultatif', 'freiwillig', 'opcional'],
  choose: ['Choose…', 'Choisissez…', 'Bitte wählen…', 'Elige…'],
  start: ['Start chat', 'Commencer', 'Chat beginnen', 'Empezar el chat'],
  rate: ['Rate the chat', 'Noter le chat', 'Chat bewerten', 'Valorar el chat'],
  score1: ['Terrible', 'Très mal', 'Sehr schlecht', 'Muy mal'],
  score2: ['Bad', 'Mal', 'Schlecht', 'Mal'],
  score3: ['Okay', 'Moyen', 'Mittel', 'Regular'],
  score4: ['Good', 'Bien', 'Gut', 'Bien'],
  score5: ['Great', 'Très bien', 'Sehr gut', 'Muy bien'],
  thanks: ['Thank you for your rating!', 'Merci pour votre avis !', 'Danke für Ihre Bewertung!', '¡Gracias por tu valoración!'],
  comment: ['Would you like to add something?', 'Souhaitez-vous ajouter quelque chose ?', 'Möchten Sie etwas dazu sagen?', '¿Quieres añadir algo?'],
  ended: ['Chat closed', 'Chat terminé', 'Chat beendet', 'Chat terminado'],
  reconnecting: ['Reconnecting…', 'Reconnexion…', 'Verbindung wird aufgebaut…', 'Reconectando…'],
  offline: ['You are offline. Messages will be sent later.', 'Vous êtes hors ligne. Vos messages partiront plus tard.', 'Sie sind offline. Nachrichten werden später gesendet.', 'Sin conexión. Los mensajes se enviarán más tarde.'],
  trouble: ['The chat is not available right now.', 'Le chat n’est pas disponible pour le moment.', 'Der Chat ist gerade nicht verfügbar.', 'El chat no está disponible ahora.'],
  sound: ['Sound', 'Son', 'Ton', 'Sonido'],
  download: ['Download transcript', 'Télécharger la conversation', 'Verlauf herunterladen', 'Descargar la conversación'],
  back: ['Back to the assistant', 'Revenir à l’assistant', 'Zurück zum Assistenten', 'Volver al asistente'],
  end: ['End chat', 'Terminer le chat', 'Chat beenden', 'Terminar el chat'],
  attach: ['Attach a file', 'Joindre un fichier', 'Datei anhängen', 'Adjuntar un archivo'],
  remove: ['Remove', 'Retirer', 'Entfernen', 'Quitar'],
  tooBig: ['{name} is over {n} MB', '{name} dépasse {n} Mo', '{name} ist größer als {n} MB', '{name} supera {n} MB'],
  tooMany: ['{n} files at most', '{n} fichiers au plus', 'Höchstens {n} Dateien', '{n} archivos como máximo'],
  badFile: ['Files like {name} are not taken', 'Les fichiers comme {name} sont refusés', 'Dateien wie {name} gehen nicht', 'No se aceptan archivos como {name}'],
  tooLong: ['{n} too many characters', '{n} caractères de trop', '{n} Zeichen zu viel', 'Sobran {n} caracteres'],
};

/** t(key, values) for a locale; {name} or {{name}} is filled in. */
export function translator(locale, overrides) {
  const column = Math.max(0, LANGUAGES.indexOf(locale.slice(0, 2)));
  return (key, values) => (overrides()[key] || TEXTS[key][column]).replace(/{+(\w+)}+/g, (all, name) => values?.[name] ?? all);
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

  function assigned({ name = t('team'), online, reply_seconds } = {}) {
    if (online !== false) return t('here', { name });
    return t('away', { name }) + (reply_seconds > 0 ? `, ${t('reply', { time: span(reply_seconds) })}` : '');
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
      const time = new Date(opens_at).toLocaleString(locale, { weekday: 'short', hour: 'numeric', minute: '2-digit' });
      return t('closed', { time });
    }
    if (mode === 'queued') return queued(status);
    if (mode === 'closed') return t('ended') + (rating && !rating.score ? ` · ${t('rate')}` : '');
    return t(bot ? 'answers' : 'welcome');
  };
}
