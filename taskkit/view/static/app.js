'use strict';
// Routes: #/ is the list, #/task/ID a task, #/episode/RUN/ID a trajectory. What follows ? is the
// list that one came from: its filters, and n, the place in it.

const LIMIT = 50;
const FILTERS = ['split', 'category', 'state', 'run', 'outcome'];
const main = document.getElementById('main');
let set = null, at = -1, ticket = 0;

async function get(path) {
  const answer = await fetch('api/' + path, { credentials: 'same-origin' });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || answer.statusText);
  return value;
}

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query || '') };
}

function address(parts, query, changes) {
  const made = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes || {})) {
    if (value === '' || value === null) made.delete(key); else made.set(key, value);
  }
  const text = made.toString();
  return '/' + parts.map(encodeURIComponent).join('/') + (text ? '?' + text : '');
}

function go(where) { location.hash = '#' + where; }

function filtered(query) {
  const made = new URLSearchParams();
  for (const name of ['words', ...FILTERS]) if (query.get(name)) made.set(name, query.get(name));
  return made;
}

async function show() {
  const mine = ++ticket, { parts, query } = route();
  try {
    if (!set || !parts.length) set = await get('set');
    document.title = set.domain + ' · taskkit';
    fillFilters(query);
    const pages = { task: showTask, episode: showEpisode };
    const page = await (pages[parts[0]] || showList)(parts.slice(1), query);
    if (mine !== ticket) return;
    main.replaceChildren(...page.flat(Infinity).filter(Boolean));
    at = -1;
    scrollTo(0, 0);
  } catch (error) {
    if (mine === ticket) main.replaceChildren(make('p', { class: 'bad' }, error.message));
  }
}

function fillFilters(query) {
  document.getElementById('words').value = query.get('words') || '';
  const choices = {
    split: Object.entries(set.counts.split), category: Object.entries(set.counts.category),
    state: Object.entries(set.counts.state), run: set.runs.map(run => [run.name, run.episodes]),
    outcome: set.runs.length ? [['right', ''], ['wrong', ''], ...Object.keys(set.causes).map(one => [one, ''])] : [],
  };
  const boxes = FILTERS.filter(name => choices[name].length).map(name => {
    const options = choices[name].map(([value, count]) =>
      make('option', { value, selected: query.get(name) === value ? '' : null }, value + (count === '' ? '' : ' (' + number(count) + ')')));
    const box = make('select', { 'aria-label': name }, make('option', { value: '' }, 'any ' + name), options);
    box.addEventListener('change', () => go(address([], filtered(query), { [name]: box.value })));
    return box;
  });
  document.getElementById('filters').replaceChildren(...boxes);
}

function kind(outcome) { return outcome === 'right' ? 'good' : /^\d+\/\d+$/.test(outcome) ? 'warn' : 'bad'; }

function stateTag(state) { return tag(state, { proved: 'good', verified: 'good', failed: 'bad', findings: 'warn' }[state]); }

async function showList(parts, query) {
  const offset = Number(query.get('offset') || 0), list = filtered(query);
  const found = await get('tasks?' + list + '&limit=' + LIMIT + '&offset=' + offset);
  const rows = found.items.map((item, row) => make('li', {}, make('a', { href: address(['task', item.id], list, { n: offset + row }) },
    make('span', {}, make('small', {}, item.id + ' · ' + item.category + ' · ' + item.split)),
    make('span', {}, stateTag(item.state), Object.entries(item.outcomes).map(([run, told]) => tag(run + ': ' + told, kind(told)))),
    make('span', { class: 'ask' }, item.question))));
  const pager = make('div', { class: 'bar' },
    offset > 0 && make('a', { href: address([], list, { offset: Math.max(0, offset - LIMIT) || '' }) }, '← earlier'),
    make('span', { class: 'soft grow' }, found.total ? number(offset + 1) + ' to ' + number(offset + found.items.length) + ' of ' + number(found.total) : 'No task is like that.'),
    offset + LIMIT < found.total && make('a', { href: address([], list, { offset: offset + LIMIT }) }, 'later →'));
  return [list.toString() || offset ? null : overview(), pager, make('ol', { class: 'tasks' }, rows), rows.length > 10 ? pager.cloneNode(true) : null];
}

function overview() {
  const states = set.counts.state, sources = set.sources.map(one => one.name + ' (' + one.licence + ', ' + one.access + ')');
  const cards = [card(number(set.total), 'tasks'), card(number(states.proved || 0), 'proved', states.proved === set.total ? 'good' : ''),
    ...set.runs.map(run => card(percent(run.right, run.episodes), run.name + ': ' + number(run.episodes) + ' episodes'))];
  return make('section', {}, make('h1', {}, set.domain), make('p', { class: 'soft' }, sources.join('; ')), make('div', { class: 'cards' }, cards),
    set.runs.filter(run => Object.keys(run.causes).length).map(run => fold(run.name + ': why episodes were not rewarded', false,
      table(['cause', 'episodes', 'which means'], Object.entries(run.causes).map(([name, count]) => [
        make('a', { href: address([], '', { run: run.name, outcome: name }) }, name), number(count), set.causes[name] || ''])))));
}

async function neighbours(query) {
  const n = Number(query.get('n')), list = filtered(query);
  const bar = make('div', { class: 'bar' }, make('a', { href: address([], list, { offset: Math.floor((n || 0) / LIMIT) * LIMIT || '' }), 'data-key': 'u' }, '↑ list'));
  if (query.get('n') === null) return bar;
  const first = Math.max(0, n - 1);
  const found = await get('tasks?' + list + '&limit=' + (n - first + 2) + '&offset=' + first);
  const before = n > 0 ? found.items[0] : null, after = found.items[n - first + 1];
  bar.append(make('span', { class: 'soft grow' }, number(n + 1) + ' of ' + number(found.total)));
  if (before) bar.append(make('a', { href: address(['task', before.id], list, { n: n - 1 }), 'data-key': 'k' }, '← previous'));
  if (after) bar.append(make('a', { href: address(['task', after.id], list, { n: n + 1 }), 'data-key': 'j' }, 'next →'));
  return bar;
}

async function showTask([id], query) {
  const [task, bar] = await Promise.all([get('task/' + encodeURIComponent(id)), neighbours(query)]);
  const page = [bar, make('h1', {}, task.id), make('div', {}, stateTag(task.state), task.codes.map(one => tag(one, 'warn')))];
  if (task.broken) return [...page, make('pre', { class: 'error' }, task.broken)];
  const spec = task.spec, turns = [spec, ...(spec.turns || [])];
  page.push(make('p', { class: 'soft' }, [spec.domain, spec.category, spec.split].join(' · ')));
  turns.forEach((turn, number) => page.push(make('h2', {}, turns.length > 1 ? 'Question ' + (number + 1) : 'Question'), make('div', { class: 'text' }, turn.instruction)));
  page.push(episodes(task, query));
  turns.forEach((turn, number) => page.push(fold(turns.length > 1 ? 'Oracle and reference ' + (number + 1) : 'Oracle and reference', turns.length === 1,
    pairs([['answer', JSON.stringify(turn.answer)]]), json(turn.oracle), turn.reference.steps.map(step => [make('p', {}, tag(step.action)), action(step)]))));
  page.push(findings(task));
  page.push(task.documents.length ? make('h2', {}, 'Documents') : null, task.documents.map(one => fold(one.name, false, make('pre', {}, one.text))));
  page.push(task.schema.length ? make('h2', {}, 'Data') : null, task.schema.map(one => fold(one.name + ' (' + one.columns.length + ' columns)', false,
    table(one.columns.map(column => column.name + ' ' + column.type.toLowerCase()), one.rows))));
  page.push(make('h2', {}, 'Where it comes from'), pairs(Object.entries(spec.provenance)), fold('The whole document', false, json(spec)));
  return page;
}

function episodes(task, query) {
  if (!task.episodes.length) return null;
  const rows = task.episodes.map(one => {
    const told = one.standing !== 'done' ? one.standing + ' failed' : one.reward >= 1 ? 'right' : one.cause;
    return [make('a', { href: address(['episode', one.run, task.id + '.' + one.attempt], filtered(query), { n: query.get('n') }) }, one.run), one.attempt, make('span', { class: kind(told) }, told), one.steps];
  });
  return make('section', {}, make('h2', {}, 'Episodes'), table(['run', 'attempt', 'outcome', 'steps'], rows));
}

function findings(task) {
  const audit = task.audit, verified = task.verified;
  const parts = [make('h2', {}, 'What was found')];
  parts.push(verified ? make('p', {}, 'Verified: ', make('b', { class: verified.code === 'verified' ? 'good' : 'bad' }, verified.code === 'verified' ? 'the reference earned the reward ' + verified.repeats + ' times' : verified.code), ' ' + verified.detail)
    : make('p', { class: 'soft' }, 'Not verified yet.'));
  if (!audit) return [...parts, make('p', { class: 'soft' }, 'Not audited yet.')];
  parts.push(make('p', {}, audit.attempts + ' attempts to earn the reward without solving it; ' + audit.findings.length + ' findings.'));
  parts.push(...audit.findings.map(one => make('pre', { class: 'error' }, one.code + ': ' + one.detail)));
  if (audit.survivors.length) parts.push(fold('Mutants that earned the reward (' + audit.survivors.length + ')', false, json(audit.survivors)));
  if (audit.guesses.length) parts.push(make('p', { class: 'warn' }, 'Right by guessing: ' + audit.guesses.join('; ')));
  return parts;
}

async function showEpisode([run, id], query) {
  const found = await get('episode/' + encodeURIComponent(run) + '/' + encodeURIComponent(id));
  const bar = make('div', { class: 'bar' }, make('a', { href: address(['task', found.task], filtered(query), { n: query.get('n') }), 'data-key': 'u' }, '↑ task'), make('span', { class: 'soft grow' }, run + ' · ' + id));
  if (!found.trajectory) return [bar, make('p', { class: 'bad' }, 'No result: the ' + found.standing + ' failed: ' + found.detail)];
  const one = found.trajectory, right = one.judgement.reward >= 1;
  const page = [bar, make('h1', {}, one.task.id),
    make('div', {}, tag(right ? 'right' : one.judgement.code, right ? 'good' : 'bad'), found.cause ? tag(found.cause, 'warn') : null, tag('ended: ' + one.ending), tag(one.steps.length + ' steps')),
    pairs([['model', one.player.model || one.player.name], ['tokens', number(one.tokens.input) + ' in, ' + number(one.tokens.output) + ' out'],
      ['cost', one.tokens.cost === null ? '' : '$' + one.tokens.cost.toFixed(4)], ['seconds', one.wall_s], ['began', one.began], ['sandbox', one.place.isolation], ['why', one.judgement.explanation], ['end', one.detail]]),
    one.system ? fold('System prompt', false, make('pre', {}, one.system)) : null, fold('Opening', false, make('pre', {}, one.opening))];
  one.steps.forEach((step, number) => page.push(showStep(step, number + 1)));
  if (one.last) page.push(make('div', { class: 'step error' }, make('p', {}, make('b', {}, 'Last reply')), make('pre', {}, one.last.content || one.detail)));
  return page;
}

function showStep(step, number) {
  const judged = step.judgement, bad = !['ok', 'refused'].includes(step.status);
  const look = judged ? (judged.reward >= 1 ? 'right' : 'wrong') : bad || step.status === 'refused' ? 'error' : '';
  const reply = step.reply;
  return make('div', { class: 'step ' + look, id: 'step-' + number },
    make('p', {}, make('b', {}, number + '. ' + step.kind), step.status === 'ok' ? null : tag(step.status, 'bad'),
      judged ? tag('answer: ' + judged.code, judged.reward >= 1 ? 'good' : 'bad') : null,
      reply ? make('small', {}, number_of(reply)) : null),
    reply && reply.reasoning ? fold('Reasoning', false, make('pre', {}, reply.reasoning)) : null,
    reply && reply.content && step.call ? make('div', { class: 'text' }, reply.content) : null,
    reply && !step.call && step.kind !== 'malformed' ? fold('Reply', false, make('pre', {}, reply.content)) : null,
    action(step.action), bad || step.status === 'refused' ? make('pre', { class: 'error' }, step.observation) : output(step.observation),
    judged && judged.explanation ? make('p', { class: 'soft' }, judged.explanation) : null);
}

function number_of(reply) {
  return reply.tokens.input || reply.tokens.output ? number(reply.tokens.input) + ' + ' + number(reply.tokens.output) + ' tokens, ' + reply.wall_s.toFixed(1) + ' s' : '';
}

// Keys: j and k go on and back, in a list, between tasks and between steps.
function move(by) {
  const items = [...document.querySelectorAll('ol.tasks a, .step')];
  const link = document.querySelector('[data-key="' + (by > 0 ? 'j' : 'k') + '"]');
  if (link) { link.click(); return; }
  if (!items.length) return;
  if (items[at]) items[at].classList.remove('at');
  at = Math.min(items.length - 1, Math.max(0, at + by));
  items[at].classList.add('at');
  items[at].scrollIntoView({ block: 'nearest' });
  if (items[at].href) items[at].focus({ preventScroll: true });
}

const KEYS = { j: () => move(1), k: () => move(-1), ArrowRight: () => move(1), ArrowLeft: () => move(-1),
  '/': () => document.getElementById('words').focus(),
  u: () => { const up = document.querySelector('[data-key="u"]'); if (up) up.click(); else go('/'); },
  '?': () => document.getElementById('keys').showModal() };

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches('input, select');
  if (typing) { if (event.key === 'Escape') event.target.blur(); return; }
  if (document.getElementById('keys').open || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.getElementById('search').addEventListener('submit', event => {
  event.preventDefault();
  go(address([], filtered(route().query), { words: document.getElementById('words').value.trim() }));
  document.getElementById('words').blur();
});
document.getElementById('help').addEventListener('click', KEYS['?']);
document.getElementById('keys').append(make('h2', {}, 'Keys'), make('dl', {}, [['j  →', 'next task or step'], ['k  ←', 'previous task or step'],
  ['u', 'up: to the task, to the list'], ['/', 'search'], ['Enter', 'open'], ['Esc', 'leave the search, close this']].map(([key, does]) => [make('dt', {}, make('kbd', {}, key)), make('dd', {}, does)])));
addEventListener('hashchange', show);
show();
