// SPDX-License-Identifier: Apache-2.0
// The page of a run: its data, key figures and the operator that was chosen. The other files of
// report/assets/run_* go on from here, in one script.
'use strict';

const ops = data.ops.rows.map((row) => {
  const op = {};
  data.ops.columns.forEach((name, i) => { op[name] = row[i]; });
  op.kind = data.ops.kinds[op.kind];
  op.bound = data.ops.bounds[op.bound];
  op.tile = data.ops.tiles[op.tile];
  op.note = data.ops.notes[op.note];
  op.hbm_bytes = op.hbm_read_bytes + op.hbm_write_bytes;
  op.stem = op.name.replace(/\d+/g, '*');
  return op;
});
const peakFlop = data.summary.peak_flop_per_s ? data.summary.peak_flop_per_s.value : 0;
const peakBytes = data.summary.peak_hbm_bytes_per_s ? data.summary.peak_hbm_bytes_per_s.value : 0;
const kindOrder = data.kinds.map((kind) => kind.kind);
const kindColour = (kind) => palette[Math.max(0, kindOrder.indexOf(kind)) % palette.length];
const perSecond = (amount, microseconds) => microseconds > 0 ? amount / (microseconds * 1e-6) : 0;
const words = (name) => name.replace(/_/g, ' ');

// Operators whose names differ in numbers only, as those of a model's layers: one point each.
const groups = (() => {
  const byStem = new Map();
  for (const op of ops) {
    const key = op.kind + ' ' + op.stem;
    if (!byStem.has(key)) {
      byStem.set(key, {stem: op.stem, kind: op.kind, ops: [], time_us: 0, flop: 0, hbm_bytes: 0, bounds: {}});
    }
    const group = byStem.get(key);
    group.ops.push(op);
    group.time_us += op.time_us;
    group.flop += op.flop;
    group.hbm_bytes += op.hbm_bytes;
    group.bounds[op.bound] = (group.bounds[op.bound] || 0) + op.time_us;
  }
  for (const group of byStem.values()) {
    group.bound = Object.entries(group.bounds).sort((a, b) => b[1] - a[1])[0][0];
    group.name = group.ops.length === 1 ? group.ops[0].name : group.stem;
  }
  return [...byStem.values()].sort((a, b) => b.time_us - a.time_us);
})();

// ---- key figures ---------------------------------------------------------------------------

function keyFigures() {
  const s = data.summary;
  const value = (name) => s[name] ? s[name].value : undefined;
  const figures = [['total time', time(data.total_us), `${data.op_count} operators`]];
  if (s.tokens_per_second) {
    figures.push(['tokens per second', engineering(value('tokens_per_second'), 'tok/s'), words(data.phase)]);
  }
  const flops = value('achieved_flop_per_s');
  if (flops !== undefined) {
    figures.push(['compute', engineering(flops, 'FLOP/s'), peakFlop ? percent(flops / peakFlop) + ' of peak' : '']);
  }
  const bytes = value('achieved_hbm_bytes_per_s');
  if (bytes !== undefined) {
    figures.push(['HBM bandwidth', engineering(bytes, 'B/s'), peakBytes ? percent(bytes / peakBytes) + ' of peak' : '']);
  }
  if (s.power) {
    figures.push(['mean power', engineering(value('power'), 'W'),
      s.power_cap ? 'cap ' + engineering(value('power_cap'), 'W') : '']);
  }
  if (s.energy) {
    figures.push(['energy', engineering(value('energy'), 'J'),
      s.energy_per_token ? engineering(value('energy_per_token'), 'J') + ' a token' : '']);
  }
  if (s.mean_clock) {
    figures.push(['clock of the cores', engineering(value('mean_clock'), 'Hz'), 'mean']);
  }
  if (s.die_area) {
    figures.push(['die area', withUnit(s.die_area.value, s.die_area.units), '']);
  }
  if (s.chip_cost) {
    figures.push(['chip cost', withUnit(s.chip_cost.value, s.chip_cost.units), '']);
  }
  return figures;
}

const links = pageHeader(data.title, data.notes.join(' \u00b7 '), keyFigures());
if (ops.length < data.op_count) {
  document.getElementById('page').append(notice(
    `${data.op_count} operators: the roofline, the charts by operator and the table show the ${ops.length} that took longest. Sums by kind are of all.`));
}

// ---- the operator that was chosen ----------------------------------------------------------

const detail = element('div', {id: 'detail', 'aria-live': 'polite'});
let table = null;
const filterText = element('input', {type: 'search', size: 28, placeholder: 'name, kind, bound or tile', 'aria-label': 'Filter operators'});

function stallBar(shares) {
  const bar = element('div', {class: 'bar'});
  const key = element('div', {class: 'key'});
  data.stall_names.forEach((name, i) => {
    if (shares[i] > 0) {
      const part = element('span', {title: `${words(name)} ${percent(shares[i])}`});
      part.style.width = 100 * shares[i] + '%';
      part.style.background = colourOf(stallColours, name, i);
      bar.append(part);
      const dot = element('i', {});
      dot.style.background = colourOf(stallColours, name, i);
      key.append(element('span', {}, dot, `${words(name)} ${percent(shares[i])}`));
    }
  });
  return [bar, key];
}

function showDetail(op) {
  const list = element('dl', {});
  const add = (name, value, whole) => {
    if (value) {
      list.append(element('div', {class: whole ? 'whole' : undefined}, element('dt', {}, name), element('dd', {}, value)));
    }
  };
  const flops = perSecond(op.flop, op.time_us);
  const bytes = perSecond(op.hbm_bytes, op.time_us);
  add('kind', words(op.kind));
  add('time', `${time(op.time_us)}, from ${time(op.start_us)}`);
  add('share of the run', percent(op.time_us / data.total_us));
  add('bound by', words(op.bound));
  add('work', engineering(op.flop, 'FLOP'));
  add('compute', engineering(flops, 'FLOP/s') + (peakFlop ? ` (${percent(flops / peakFlop)} of peak)` : ''));
  add('HBM', `${engineering(op.hbm_read_bytes, 'B')} read, ${engineering(op.hbm_write_bytes, 'B')} written`);
  add('HBM bandwidth', engineering(bytes, 'B/s') + (peakBytes ? ` (${percent(bytes / peakBytes)} of peak)` : ''));
  add('intensity', op.hbm_bytes > 0 ? significant(op.flop / op.hbm_bytes) + ' FLOP/B' : 'nothing from HBM');
  add('shared memory', engineering(op.shared_bytes, 'B'));
  add('network', engineering(op.network_bytes, 'B'));
  if (data.has_power) {
    add('power', engineering(perSecond(op.energy_j, op.time_us), 'W'));
    add('energy', engineering(op.energy_j, 'J'));
    add('clock', engineering(op.clock_mhz * 1e6, 'Hz'));
  }
  add('tile', op.tile);
  add('result', op.reused ? 'copied from an equal operator' : 'simulated');
  add('mapping, with the runners-up', op.note, true);
  detail.replaceChildren(element('div', {class: 'detail'},
    element('h3', {}, `${op.name} (operator ${op.index})`), list,
    element('div', {}, element('dt', {}, 'time of the cores'), ...stallBar(op.stalls)),
    element('div', {class: 'controls'}, element('button', {type: 'button', onclick: () => detail.replaceChildren()}, 'Close'))));
}

function showOnly(text, op) {
  filterText.value = text;
  applyFilter();
  if (op) {
    showDetail(op);
  }
  document.getElementById('operators').scrollIntoView({block: 'start'});
}
