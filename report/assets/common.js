// SPDX-License-Identifier: Apache-2.0
// What both pages share: elements, numbers, charts, tables. Texts from files reach the page by
// text nodes only, never as HTML.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

// ---- elements ------------------------------------------------------------------------------

// element('td', {class: 'text', onclick: f}, 'words', otherElement)
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) {
      made.addEventListener(name.slice(2), value);
    } else if (value !== undefined && value !== null && value !== false) {
      made.setAttribute(name, value === true ? '' : value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function section(id, title, lead, ...children) {
  const made = element('section', {id, 'aria-labelledby': id + '-title'},
    element('h2', {id: id + '-title'}, title), element('p', {class: 'lead'}, lead), ...children);
  document.getElementById('page').append(made);
  return made;
}

function pageHeader(title, subtitle, figures) {
  const list = element('dl', {class: 'figures'});
  for (const [name, value, remark] of figures) {
    list.append(element('div', {class: 'figure'}, element('dt', {}, name),
      element('dd', {}, value, remark ? element('span', {class: 'remark'}, remark) : null)));
  }
  const links = element('nav', {'aria-label': 'Parts of this page'});
  document.getElementById('page').append(
    element('header', {}, element('h1', {}, title), element('p', {}, subtitle), links), list);
  return links;
}

// Links to the sections, once they are there.
function fillNavigation(links) {
  for (const part of document.querySelectorAll('section[id]')) {
    links.append(element('a', {href: '#' + part.id}, part.querySelector('h2').textContent));
  }
}

function notice(text) {
  return element('p', {class: 'notice'}, text);
}

// Buttons of which one is pressed; `choose` is called with its key.
function choice(label, options, first, choose) {
  const group = element('div', {class: 'controls', role: 'group', 'aria-label': label},
    element('label', {}, label));
  for (const [key, text] of options) {
    group.append(element('button', {
      type: 'button', 'data-key': key, 'aria-pressed': String(key === first),
      onclick: () => {
        for (const button of group.querySelectorAll('button')) {
          button.setAttribute('aria-pressed', String(button.dataset.key === key));
        }
        choose(key);
      },
    }, text));
  }
  return group;
}

function picker(label, options, first, choose) {
  const select = element('select', {onchange: () => choose(select.value)});
  for (const [key, text] of options) {
    select.append(element('option', {value: key, selected: key === first}, text));
  }
  return element('label', {}, label, select);
}

// ---- numbers -------------------------------------------------------------------------------

const prefixes = [[1e18, 'E'], [1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''],
  [1e-3, 'm'], [1e-6, '\u00b5'], [1e-9, 'n'], [1e-12, 'p'], [1e-15, 'f']];

function significant(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return 'n/a';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return value.toExponential(digits - 1);
  }
  const decimals = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 12));
}

// 1.23e-5, 's' -> '12.3 \u00b5s'
function engineering(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return 'n/a';
  }
  if (value === 0) {
    return '0 ' + unit;
  }
  const size = Math.abs(value);
  const [scale, prefix] = prefixes.find(([least]) => size >= least * 0.9995) || prefixes.at(-1);
  return significant(value / scale) + ' ' + prefix + unit;
}

// '1.00 T' -> '1 T'
const trimmed = (text) => text.replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');

const time = (microseconds) => engineering(microseconds * 1e-6, 's');
const percent = (share) => significant(100 * share) + ' %';

// Values as files hold them, in the units that people read: [factor, unit, whether it takes prefixes].
const shownUnits = {
  fs: [1e-15, 's'], byte: [1, 'B'], 'byte/s': [1, 'B/s'], J: [1, 'J'], W: [1, 'W'], Hz: [1, 'Hz'],
  '1/s': [1, '/s'], 's': [1, 's'],
};
const unitName = (unit) => unit === 'mm2' ? 'mm\u00b2' : unit === '1' ? '' : unit;
function withUnit(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return 'n/a';
  }
  const known = shownUnits[unit];
  if (known) {
    return engineering(value * known[0], known[1]);
  }
  return unit === '' || unit === '1'
    ? (Math.abs(value) >= 1e5 ? engineering(value, '').trim() : trimmed(significant(value, 4)))
    : trimmed(significant(value, 4)) + ' ' + unitName(unit);
}

// Capacities are stated in binary units as a rule (96 MiB), those of memory in decimal ones (64 GB), and
// either is a short number in its own only.
const binaryPrefixes = [[2 ** 40, 'Ti'], [2 ** 30, 'Gi'], [2 ** 20, 'Mi'], [2 ** 10, 'Ki'], [1, '']];
const binaryPrefix = (bytes) => binaryPrefixes.find(([least]) => bytes >= least) || binaryPrefixes.at(-1);
function isBinary(bytes) {
  const [scale] = binaryPrefix(bytes);
  return bytes >= 1024 && Number.isInteger(64 * bytes / scale);
}

// ---- colours -------------------------------------------------------------------------------

const palette = ['#3d78c9', '#e08a2c', '#4f9d5b', '#cf4b4b', '#8a63b8', '#3aa6a6', '#c9a227', '#a0674b',
  '#d576a3', '#7f8a99', '#6a9fd8', '#97b34f'];
// By what a core was doing; a wait has a warm colour, work a cool one.
const stallColours = {
  tensor: '#2f6fde', vector: '#3aa6a6', load_hbm: '#e07b2c', load_shared: '#e5b83b',
  load_network: '#cf4b4b', store: '#8a63b8', sync: '#d576a3', launch: '#8b7765', idle: '#a8b0bd',
};
const boundColours = {
  tensor: '#2f6fde', vector: '#3aa6a6', hbm: '#e07b2c', shared: '#e5b83b', network: '#cf4b4b',
  store: '#8a63b8', sync: '#d576a3', launch: '#8b7765', idle: '#a8b0bd', power: '#b0307f',
};
const colourOf = (table, word, index) => table[word] || palette[index % palette.length];

// From cold to hot, share 0 to 1.
const ramp = [[0, [214, 224, 238]], [0.35, [110, 170, 214]], [0.6, [244, 190, 79]], [0.8, [232, 119, 46]],
  [1, [190, 30, 45]]];
function rampColour(share) {
  const at = Math.min(1, Math.max(0, share));
  const upper = Math.max(1, ramp.findIndex(([stop]) => stop >= at));
  const [low, from] = ramp[upper - 1];
  const [high, to] = ramp[upper];
  const mix = from.map((part, i) => Math.round(part + (to[i] - part) * (at - low) / (high - low)));
  return `rgb(${mix.join(',')})`;
}
function rampKey(text0, text1) {
  const bar = element('span', {class: 'ramp'});
  bar.style.background = `linear-gradient(90deg, ${ramp.map(([stop]) => `${rampColour(stop)} ${100 * stop}%`).join(',')})`;
  return element('p', {class: 'key'}, element('span', {}, text0, bar, text1));
}

// ---- charts --------------------------------------------------------------------------------

const charts = [];
const printing = window.matchMedia('print');
const dark = window.matchMedia('(prefers-color-scheme: dark)');

function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {text: colour('--text'), muted: colour('--muted'), line: colour('--line'), card: colour('--card'), accent: colour('--accent')};
}

// A tooltip as an element, so that no text in it is taken for HTML: a title and rows of name, value.
function tip(title, rows) {
  const table = element('table', {});
  for (const [name, value] of rows) {
    table.append(element('tr', {}, element('td', {}, name), element('td', {}, value)));
  }
  return element('div', {class: 'tip'}, element('b', {}, title), table);
}

function axis(theme_, name, more) {
  return {
    name, nameLocation: 'middle', nameGap: 30,
    nameTextStyle: {color: theme_.muted, fontSize: 12.5},
    axisLabel: {color: theme_.muted, hideOverlap: true}, axisLine: {lineStyle: {color: theme_.line}},
    splitLine: {lineStyle: {color: theme_.line, opacity: 0.7}}, ...more,
  };
}

// `build(theme)` makes the options; it is asked again when the colours change.
function chart(id, label, height, build, click, renderer = 'svg') {
  const holder = element('div', {class: 'chart', id, role: 'img', 'aria-label': label});
  holder.style.height = height + 'px';
  const entry = {holder, build, instance: null};
  entry.draw = () => {
    if (!holder.isConnected) {
      return;
    }
    if (!entry.instance) {
      entry.instance = echarts.init(holder, null, {renderer});
      if (click) {
        entry.instance.on('click', click);
      }
    }
    const colours = theme();
    entry.instance.setOption({
      animation: false,
      textStyle: {color: colours.text, fontFamily: getComputedStyle(document.body).fontFamily},
      ...build(colours),
    }, true);
  };
  entry.resize = (newHeight) => {
    holder.style.height = newHeight + 'px';
    if (entry.instance) {
      entry.instance.resize();
    }
  };
  charts.push(entry);
  return entry;
}

function drawAll() {
  charts.forEach((entry) => entry.draw());
}
function tooltipStyle(colours) {
  return {backgroundColor: colours.card, borderColor: colours.line, textStyle: {color: colours.text}, confine: true};
}
dark.addEventListener('change', drawAll);
printing.addEventListener('change', drawAll);
let resizing = 0;
window.addEventListener('resize', () => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => charts.forEach((entry) => entry.instance && entry.instance.resize()));
});

// The numbers of a chart, for those who cannot see it or want to copy them.
function chartTable(headings, rows) {
  const holder = element('details', {}, element('summary', {}, 'The same as a table'));
  holder.addEventListener('toggle', () => {
    if (holder.open && !holder.querySelector('table')) {
      const body = element('tbody', {});
      for (const row of rows()) {
        body.append(element('tr', {}, ...row.map((cell) => element('td', {}, String(cell)))));
      }
      holder.append(element('div', {class: 'scroll'}, element('table', {},
        element('thead', {}, element('tr', {}, ...headings.map((name) => element('th', {scope: 'col'}, name)))), body)));
    }
  });
  return holder;
}

// ---- tables --------------------------------------------------------------------------------

// Columns: {name, text: true for words, value: row -> what it is sorted by, show: row -> text}.
// Rows are shown a page at a time; a row is chosen by a click, Enter or the space bar.
function sortedTable(columns, rows, {label, pageRows = 25, sort = 0, descending = false, choose}) {
  let shown = rows;
  let page = 0;
  let selected = null;
  const head = element('tr', {});
  const body = element('tbody', {});
  const where = element('span', {'aria-live': 'polite'});
  const turn = (step) => () => { page += step; draw(); };
  const previous = element('button', {type: 'button', onclick: turn(-1)}, 'Previous');
  const next = element('button', {type: 'button', onclick: turn(1)}, 'Next');
  columns.forEach((column, index) => {
    head.append(element('th', {scope: 'col', class: column.text ? 'text' : undefined},
      element('button', {type: 'button', onclick: () => {
        descending = index === sort ? !descending : !column.text;
        sort = index;
        page = 0;
        draw();
      }}, column.name)));
  });
  function pick(row, line) {
    selected = row;
    body.querySelectorAll('tr').forEach((other) => other.setAttribute('aria-selected', String(other === line)));
    choose(row);
  }
  function line(row) {
    const made = element('tr', choose ? {
      tabindex: 0, 'aria-selected': String(row === selected), onclick: () => pick(row, made),
      onkeydown: (event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          pick(row, made);
        }
      },
    } : {});
    for (const column of columns) {
      const text = column.show(row);
      made.append(element('td', {class: column.text ? 'text' : undefined, title: column.text ? text : undefined}, text));
    }
    return made;
  }
  function draw() {
    const by = columns[sort].value;
    const order = descending ? -1 : 1;
    const missing = (value) => value === null || value === undefined || Number.isNaN(value);
    const sorted = [...shown].sort((a, b) => {
      const x = by(a);
      const y = by(b);
      if (missing(x) || missing(y)) {
        return missing(x) - missing(y);
      }
      return x < y ? -order : x > y ? order : 0;
    });
    const pages = Math.max(1, Math.ceil(sorted.length / pageRows));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...sorted.slice(page * pageRows, (page + 1) * pageRows).map(line));
    [...head.children].forEach((cell, index) => {
      if (index === sort) {
        cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      } else {
        cell.removeAttribute('aria-sort');
      }
    });
    previous.disabled = page === 0;
    next.disabled = page === pages - 1;
    where.textContent = `${sorted.length} rows, page ${page + 1} of ${pages}`;
  }
  draw();
  return {
    holder: element('div', {},
      element('div', {class: 'scroll'}, element('table', {'aria-label': label}, element('thead', {}, head), body)),
      element('div', {class: 'controls pages'}, previous, next, where)),
    filter(keep) { shown = rows.filter(keep); page = 0; draw(); },
  };
}

function provenanceSection(provenance, texts) {
  const made = section('provenance', 'Where this comes from',
    'How the file was made, and what it was made from.');
  const list = element('dl', {});
  const rows = [['command', provenance.command_line], ['program', provenance.git_revision],
    ['started', provenance.started],
    ['processor time', Number.isFinite(provenance.cpu_seconds) ? significant(provenance.cpu_seconds) + ' s' : '']];
  for (const [name, value] of rows) {
    if (value) {
      list.append(element('div', {class: 'whole'}, element('dt', {}, name), element('dd', {}, value)));
    }
  }
  made.append(element('div', {class: 'detail'}, list));
  for (const [title, text] of texts) {
    if (text) {
      made.append(element('details', {}, element('summary', {}, title), element('pre', {tabindex: 0}, text)));
    }
  }
}
