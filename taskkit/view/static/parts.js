'use strict';
// Pieces of the page. Whatever comes from a task or a model is set as text, never as HTML.

function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'class') node.className = value;
    else if (key === 'href') node.setAttribute('href', '#' + String(value)); // this page, always
    else if (key === 'click') node.addEventListener('click', value);
    else node.setAttribute(key, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

function tag(text, kind) { return make('span', { class: 'tag ' + (kind || '') }, text); }

function card(value, label, kind) {
  return make('div', { class: 'card' }, make('b', { class: kind || '' }, value), label);
}

function percent(part, whole) { return whole ? (100 * part / whole).toFixed(1) + ' %' : 'none'; }

function number(value) { return Number(value).toLocaleString('en'); }

function code(text) { return make('pre', { class: 'code' }, text); }

function json(value) { return make('pre', {}, JSON.stringify(value, null, 2)); }

function table(columns, rows) {
  const head = make('tr', {}, columns.map(one => make('th', {}, one)));
  const body = rows.map(row => make('tr', {}, row.map(one => make('td', {}, one === null ? '∅' : one))));
  return make('div', { class: 'wide' }, make('table', {}, make('thead', {}, head), make('tbody', {}, body)));
}

function fold(title, open, ...children) {
  return make('details', { open: open ? '' : null }, make('summary', {}, title), children);
}

function pairs(entries) {
  return make('dl', {}, entries.filter(one => one[1] !== undefined && one[1] !== null && one[1] !== '')
    .map(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
}

// What a program printed: rows of a query become a table, errors stand out, the rest is as it is.
function output(text) {
  const [plain, ...errors] = text.split(/^\[stderr\]$/m);
  const found = rowsOf(plain) || (plain.trim() ? [make('pre', {}, plain.trimEnd())] : []);
  for (const error of errors) found.push(make('pre', { class: 'error' }, error.trim()));
  return found;
}

// A query's rows stand in columns below a line of dashes; a value with a line end is left as text.
function rowsOf(text) {
  const lines = text.replace(/\n+$/, '').split('\n');
  const end = lines.findIndex(line => /^\(.*\brows?\b.*\)$/.test(line));
  if (end < 2 || !/^-+( {2}-+)*$/.test(lines[1])) return null;
  const spans = [...lines[1].matchAll(/-+/g)].map(one => one.index);
  const cut = line => spans.map((from, number) => line.slice(from, spans[number + 1]).trim());
  const gaps = lines.slice(0, end).every(line => spans.every(from => from === 0 || (line[from - 1] || ' ') === ' '));
  if (!gaps) return null;
  const rest = lines.slice(end).join('\n');
  return [table(cut(lines[0]), lines.slice(2, end).map(cut)), make('p', { class: 'soft text' }, rest)];
}

// An action as a person reads it: its program, its question, or its text.
function action(value) {
  if (typeof value === 'string') return [make('pre', {}, value || '(nothing)')];
  const rest = Object.entries(value).filter(([key]) => !['action', 'code', 'command'].includes(key));
  const told = rest.map(([key, one]) => tag(key === 'language' ? String(one) : key + ': ' + (typeof one === 'string' ? one : JSON.stringify(one))));
  const program = value.code === undefined ? value.command : value.code;
  return [told.length ? make('div', {}, told) : null, program === undefined ? null : code(program)];
}
