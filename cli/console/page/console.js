import { ask, NoAnswer } from './ask.js';
import { cardOf, copierOf, eventOf, quotaOf, timeOf, unbrokenWords } from './draw.js';
import { verdictOf } from './spoken.js';

const $ = (id) => document.getElementById(id);
/** What is drawn, by the id of its credential: drawn anew only when something of it has changed. */
const cards = new Map();
const opened = new Set();
let state;
/** The clock of what is shown less the clock of this machine. */
let aheadMs = 0;
let lostAt;

const nowMs = () => Date.now() + aheadMs;

async function look() {
  try {
    state = await ask('/console/state');
    aheadMs = Date.parse(state.at) - Date.now();
    lostAt = undefined;
    // Behind a question nothing moves: the focus goes back to the button that asked it.
    if (!$('confirm').open) drawAll();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    lostAt ??= new Date().toISOString();
    drawLost(error.message);
  }
}

async function keepLooking() {
  for (;;) {
    if (!document.hidden) await look();
    await pause(lostAt ? 3000 : (state?.againAfterMs ?? 3000));
  }
}

/** Until it is time to look again, or somebody comes back to the page. */
function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    document.addEventListener('visibilitychange', done);
    function done() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', done);
      resolve();
    }
  });
}

function drawAll() {
  const { environment, isLocal, version, credentials, quotas, events } = state;
  document.body.classList.remove('lost');
  $('offline').hidden = true;
  $('where').replaceChildren(
    Object.assign(document.createElement('strong'), { textContent: environment }),
    isLocal ? ' · this machine' : ' · AWS',
    ` · ${version}`,
  );
  drawVerdict(credentials);
  drawCards(credentials);
  drawIfChanged($('quotas'), quotas, quotaOf, 'No provider here has a quota.');
  drawIfChanged($('events'), events, eventOf, 'Nothing has happened yet.');
}

let verdictBefore;

function drawVerdict(credentials) {
  const { tone, head, more } = verdictOf(credentials);
  document.body.dataset.tone = tone;
  document.title = `${head} · Renova ${state.environment}`;
  setText($('verdict'), head);
  setText($('verdict-more'), more);
  // Told once when it changes; the seconds that run down are nothing to be told.
  if (verdictBefore !== undefined && verdictBefore !== `${head} ${more}`)
    $('said').textContent = `${head}. ${more}`;
  verdictBefore = `${head} ${more}`;
}

function drawCards(credentials) {
  const list = $('cards');
  const seen = new Set(credentials.map(({ id }) => id));
  for (const [id, { node }] of cards) {
    if (seen.has(id)) continue;
    node.remove();
    cards.delete(id);
  }
  credentials.forEach((credential, place) => {
    const card = cardFor(credential);
    if (list.children[place] !== card.node) list.insertBefore(card.node, list.children[place] ?? null);
    card.tick(nowMs());
  });
  $('empty').hidden = credentials.length > 0;
  $('find-label').hidden = credentials.length < 8;
  if (credentials.length === 0) drawEmpty();
  filter();
}

/** The card of a credential. One that is drawn anew keeps the focus where it was. */
function cardFor(credential) {
  const known = cards.get(credential.id);
  const text = JSON.stringify(credential);
  if (known?.text === text) return known;
  const isOpen = opened.has(credential.id);
  const drawn = cardOf(credential, { isOpen, onButton: confirmAction, onOpen: remember });
  if (known) {
    const focused = focusIn(known.node);
    known.node.replaceWith(drawn.node);
    if (focused >= 0) drawn.node.querySelectorAll(FOCUSABLE)[focused]?.focus({ preventScroll: true });
  }
  const card = { ...drawn, text, words: wordsOf(credential) };
  cards.set(credential.id, card);
  return card;
}

const FOCUSABLE = 'button, [tabindex="0"]';

function focusIn(node) {
  return [...node.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
}

function remember(id, isOpen) {
  if (isOpen) opened.add(id);
  else opened.delete(id);
}

function wordsOf({ id, provider, state: word, mode, tags }) {
  const all = [
    id,
    provider,
    word,
    mode,
    ...Object.entries(tags).flat(),
    ...Object.entries(tags).map((tag) => tag.join('=')),
  ];
  return all.join(' ').toLowerCase();
}

function filter() {
  const wanted = $('find').value.trim().toLowerCase();
  let found = 0;
  for (const { node, words } of cards.values()) {
    const fits = words.includes(wanted);
    node.hidden = !fits;
    if (fits) found += 1;
  }
  $('none-found').hidden = found > 0 || cards.size === 0;
}

function drawEmpty() {
  const { isLocal, environment } = state;
  const line = `npx renova register acme --scope "…" ${isLocal ? '--local' : `--env ${environment}`}`;
  if ($('empty-command').textContent === line) return;
  $('empty-command').replaceChildren(...unbrokenWords(line));
  $('empty-command').after(copierOf(line));
}

const drawnTexts = new WeakMap();

function drawIfChanged(list, items, draw, without) {
  const text = JSON.stringify(items);
  if (drawnTexts.get(list) === text) return;
  drawnTexts.set(list, text);
  if (items.length > 0) list.replaceChildren(...items.map(draw));
  else {
    const item = document.createElement('li');
    item.className = 'quiet';
    item.textContent = without;
    list.replaceChildren(item);
  }
}

function drawLost(message) {
  document.body.classList.add('lost');
  const offline = $('offline');
  if (!offline.hidden && offline.dataset.message === message) return;
  offline.dataset.message = message;
  offline.hidden = false;
  offline.replaceChildren(
    `${message} What is shown is of `,
    timeOf(state?.at ?? lostAt),
    '; it is tried again.',
  );
  if (!state) setText($('verdict'), 'No answer');
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Asks before anything is done; stays open, and says why, when it was refused. */
function confirmAction(id, { label, action, consequence }) {
  const dialog = $('confirm');
  $('confirm-title').textContent = `${label}: ${id}?`;
  $('confirm-text').textContent = consequence;
  $('confirm-refusal').hidden = true;
  const yes = $('confirm-yes');
  yes.textContent = label;
  yes.disabled = false;
  yes.onclick = async () => {
    yes.disabled = true;
    yes.textContent = 'One moment …';
    try {
      await ask('/console/actions', { action, credential: id });
      dialog.close();
      $('said').textContent = `Done: ${label}, ${id}.`;
      await pause(1000);
      await look();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      $('confirm-refusal').textContent = error.message;
      $('confirm-refusal').hidden = false;
    }
    yes.disabled = false;
    yes.textContent = label;
  };
  $('confirm-no').onclick = () => dialog.close();
  dialog.showModal();
}

$('find').addEventListener('input', filter);
setInterval(() => {
  if (document.hidden || lostAt) return;
  for (const card of cards.values()) card.tick(nowMs());
}, 1000);
await keepLooking();
