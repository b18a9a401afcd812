import { shareLeft, spokenDuration, spokenMoment } from './spoken.js';

/** An element with its attributes and children; texts are texts, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key === 'onclick') made.addEventListener('click', value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== '' && child !== false));
  return made;
}

/** The card of a credential. `tick` brings what depends on the time up to date. */
export function cardOf(credential, { isOpen, onButton, onOpen }) {
  const { id, provider, mode, state, tone, tags, sentence, remedy, token, chain } = credential;
  const titleId = `name-${id}`;
  const about = [provider, mode === 'on-demand' ? 'on demand' : undefined].filter(Boolean).join(' · ');
  const head = element(
    'div',
    { class: 'who' },
    element('h3', { id: titleId }, id),
    element('p', { class: 'about' }, about),
    Object.keys(tags).length > 0 && element('p', {}, ...Object.entries(tags).map(tagOf)),
  );
  const tokenLife = lifeOf('Access token', token, 'none yet');
  const chainLife = lifeOf('Refresh token', chain, state === 'lapsed' ? 'ended' : 'no known end');
  const detailsId = `more-${id}`;
  const details = element('div', { class: 'more', id: detailsId, hidden: !isOpen }, detailsOf(credential));
  const opener = element(
    'button',
    {
      type: 'button',
      class: 'opener',
      'aria-expanded': String(isOpen),
      'aria-controls': detailsId,
      onclick: () => {
        details.hidden = !details.hidden;
        opener.setAttribute('aria-expanded', String(!details.hidden));
        onOpen(id, !details.hidden);
      },
    },
    'Details',
    element('span', { class: 'unseen' }, ` of ${id}`),
  );
  const when = element('p', { class: 'when' });
  const card = element(
    'li',
    { class: `card ${tone}`, 'data-id': id },
    element(
      'article',
      { 'aria-labelledby': titleId },
      element(
        'div',
        { class: 'row' },
        head,
        stateOf(state, tone),
        tokenLife.node,
        chainLife.node,
        pastOf(credential),
      ),
      remedy && remedyOf(credential, sentence, onButton),
      element('div', { class: 'foot' }, when, opener),
      details,
    ),
  );
  const tick = (nowMs) => {
    tokenLife.tick(nowMs, mode);
    chainLife.tick(nowMs);
    when.textContent = whenOf(credential, nowMs);
  };
  return { node: card, tick };
}

function tagOf([name, value]) {
  return element('span', { class: 'tag' }, `${name}: ${value}`);
}

function stateOf(state, tone) {
  return element('p', { class: `state ${tone}` }, element('span', { class: 'unseen' }, 'State: '), state);
}

/** A life as a bar that runs down, and what is left of it in words. */
function lifeOf(label, life, without) {
  const left = element('span', { class: 'left' });
  const fill = element('span', { class: 'fill' });
  const mark = life?.refreshAfter
    ? element('span', { class: 'mark', title: 'refreshed from here on' })
    : undefined;
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' }, fill, mark);
  const node = element(
    'div',
    { class: 'life' },
    element('p', {}, element('span', { class: 'label' }, label), left),
    bar,
  );
  if (mark) {
    const share = shareLeft(life, Date.parse(life.refreshAfter));
    mark.style.setProperty('left', `${(100 * share).toFixed(1)}%`);
  }
  const tick = (nowMs, mode) => {
    if (!life) {
      left.textContent = without;
      node.dataset.left = 'none';
      return;
    }
    const ms = Date.parse(life.until) - nowMs;
    const share = shareLeft(life, nowMs);
    fill.style.setProperty('width', `${(100 * share).toFixed(2)}%`);
    if (ms > 0) {
      left.textContent = `${spokenDuration(ms)} left`;
      node.dataset.left = share < 0.12 ? 'little' : 'enough';
    } else {
      left.textContent = mode === 'on-demand' ? 'on request' : `ended ${spokenMoment(life.until, nowMs)}`;
      node.dataset.left = mode === 'on-demand' ? 'none' : 'over';
    }
  };
  return { node, tick };
}

const SHOWN = 20;

/** The last refreshes as strokes, the latest at the right: high and green went well. */
function pastOf({ history }) {
  const strokes = history.toReversed().map(({ tone }) => element('span', { class: `stroke ${tone}` }));
  const missing = Array.from({ length: SHOWN - strokes.length }, () => element('span', { class: 'stroke' }));
  const good = history.filter(({ tone }) => tone === 'good').length;
  const words =
    history.length === 0
      ? 'No refresh yet'
      : `${good} of the last ${history.length === 1 ? 'refresh' : `${history.length} refreshes`} went well`;
  return element(
    'div',
    { class: 'past' },
    element('p', { class: 'label' }, 'Last refreshes'),
    element('div', { class: 'strokes', role: 'img', 'aria-label': words }, ...missing, ...strokes),
  );
}

function whenOf({ lastRefreshAt, nextRefreshAt }, nowMs) {
  const last = lastRefreshAt ? `Last refresh ${spokenMoment(lastRefreshAt, nowMs)}` : 'Not refreshed yet';
  if (!nextRefreshAt) return last;
  const isDue = Date.parse(nextRefreshAt) <= nowMs;
  return `${last} · next ${isDue ? 'at the next tick' : spokenMoment(nextRefreshAt, nowMs)}`;
}

function remedyOf({ id, remedy }, sentence, onButton) {
  return element(
    'div',
    { class: 'remedy' },
    element('p', { class: 'sentence' }, sentence),
    element('p', {}, remedy.text),
    ...remedy.commands.map((command) => commandOf(id, command, onButton)),
  );
}

function commandOf(id, { when, line, button }, onButton) {
  return element(
    'div',
    { class: 'do' },
    when && element('p', { class: 'if' }, `${when}:`),
    element('div', { class: 'command' }, element('code', {}, ...unbrokenWords(line)), copierOf(line)),
    button &&
      element(
        'button',
        { type: 'button', class: 'primary', onclick: () => onButton(id, button) },
        button.label,
        element('span', { class: 'unseen' }, ` ${id}`),
      ),
  );
}

/** A command word by word: a narrow line breaks between words, and not behind the dashes of an option. */
export function unbrokenWords(line) {
  return line.split(/( )/).map((word) => (word === ' ' ? word : element('span', { class: 'word' }, word)));
}

/** A button that copies a command. */
export function copierOf(line) {
  const label = element('span', {}, 'Copy');
  const copier = element('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${line}` }, label);
  copier.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(line);
      label.textContent = 'Copied';
    } catch {
      // Where the clipboard is closed to pages, a selected text can still be copied by hand.
      const code = copier.parentElement?.querySelector('code');
      if (code) getSelection()?.selectAllChildren(code);
      label.textContent = 'Selected';
    }
    document.getElementById('said').textContent = `${label.textContent}.`;
    setTimeout(() => {
      label.textContent = 'Copy';
    }, 2000);
  });
  return copier;
}

function detailsOf({ generation, history, changes, sentence, remedy }) {
  const rows = history.map(({ at, generation: number, tone, words }) =>
    element(
      'tr',
      {},
      element('td', {}, timeOf(at)),
      element('td', { class: 'number' }, String(number)),
      element('td', {}, element('span', { class: `dot ${tone}`, 'aria-hidden': 'true' }), words),
    ),
  );
  const head = ['When', 'Generation', 'What came of it'].map((text) => element('th', { scope: 'col' }, text));
  return element(
    'div',
    {},
    remedy ? undefined : element('p', { class: 'sentence' }, sentence),
    element('p', { class: 'label' }, `Token pair number ${generation}`),
    rows.length > 0
      ? element(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Last refreshes' },
          element(
            'table',
            {},
            element('thead', {}, element('tr', {}, ...head)),
            element('tbody', {}, ...rows),
          ),
        )
      : element('p', { class: 'quiet' }, 'It has not been refreshed yet.'),
    changes.length > 0 ? element('h4', {}, 'Changed by people') : undefined,
    changes.length > 0
      ? element(
          'ul',
          { class: 'changes' },
          ...changes.map(({ at, words }) => element('li', {}, timeOf(at), ' ', words)),
        )
      : undefined,
  );
}

/** A moment by the clock of who looks; the whole of it for who wants to know. */
export function timeOf(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = date.toLocaleTimeString('en-GB');
  const day = isToday ? '' : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, `;
  return element('time', { datetime: at, title: at }, `${day}${clock}`);
}

/** A quota: its window as it fills. */
export function quotaOf({ key, used, limit, windowSeconds, demandPercent, tone, closedUntil }) {
  const cells = limit <= 40 ? limit : 20;
  const full = used === undefined ? 0 : Math.round((Math.min(used, limit) * cells) / limit);
  const boxes = Array.from({ length: cells }, (_, at) =>
    element('span', { class: at < full ? 'cell full' : 'cell' }),
  );
  const window = windowSeconds === 60 ? 'minute' : `${Number(windowSeconds.toFixed(1))} s`;
  const now = used === undefined ? `${limit} a ${window}` : `${used} of ${limit} used in the last ${window}`;
  const need = demandPercent === undefined ? '' : `Credentials need ${Math.round(demandPercent)} % of it.`;
  const closed = closedUntil ? ' The provider has asked for silence.' : '';
  return element(
    'li',
    { class: `quota ${tone}` },
    element('p', {}, element('span', { class: 'key' }, key), element('span', { class: 'left' }, now)),
    element('span', { class: 'window', 'aria-hidden': 'true' }, ...boxes),
    element('p', { class: 'about' }, `${need}${closed}`),
  );
}

/** One line of what happened. */
export function eventOf({ at, tone, title, words, credential }) {
  return element(
    'li',
    { class: `event ${tone}` },
    element('span', { class: `dot ${tone}`, 'aria-hidden': 'true' }),
    element(
      'div',
      {},
      element('p', { class: 'title' }, title, timeOf(at)),
      element('p', { class: 'about' }, words || credential || ''),
    ),
  );
}
