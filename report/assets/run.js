// SPDX-License-Identifier: Apache-2.0
// The page of a run.
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

// ---- roofline ------------------------------------------------------------------------------

const onRoofline = groups.filter((group) => group.flop > 0 && group.hbm_bytes > 0 && group.time_us > 0);
const offRoofline = groups.filter((group) => group.flop > 0 && group.hbm_bytes === 0);

function rooflineOptions(colours) {
  const points = onRoofline.map((group) => [group.flop / group.hbm_bytes, perSecond(group.flop, group.time_us), group]);
  const ridge = peakFlop && peakBytes ? peakFlop / peakBytes : 1;
  const xs = points.map((point) => point[0]).concat([ridge]);
  const ys = points.map((point) => point[1]).concat(peakFlop ? [peakFlop] : []);
  const low = 10 ** Math.floor(Math.log10(Math.min(...xs)) - 0.2);
  const high = 10 ** Math.ceil(Math.log10(Math.max(...xs)) + 0.2);
  const longest = Math.max(...points.map((point) => point[2].time_us), 1e-9);
  const bounds = [...new Set(onRoofline.map((group) => group.bound))];
  const labelled = new Set(onRoofline.slice(0, 14));
  const series = bounds.map((bound, i) => ({
    name: words(bound), type: 'scatter',
    itemStyle: {color: colourOf(boundColours, bound, i), opacity: 0.85, borderColor: colours.card, borderWidth: 1},
    data: points.filter((point) => point[2].bound === bound).map((point) => ({
      value: [point[0], point[1]], group: point[2],
      symbolSize: 8 + 28 * Math.sqrt(point[2].time_us / longest),
      label: {show: labelled.has(point[2])},
    })),
    label: {position: 'right', color: colours.text, fontSize: 11.5, formatter: (point) => point.data.group.name},
    labelLayout: {hideOverlap: true, moveOverlap: 'shiftY'},
    emphasis: {label: {show: true}},
  }));
  if (peakFlop && peakBytes) {
    series.unshift({
      name: 'roof', type: 'line', symbol: 'none', silent: true, z: 1, lineStyle: {color: colours.muted, width: 2},
      itemStyle: {color: colours.muted},
      data: [[low, low * peakBytes], [ridge, peakFlop], [high, peakFlop]],
      endLabel: {show: true, offset: [-150, -12], color: colours.muted, formatter: () => engineering(peakFlop, 'FLOP/s') + ' peak'},
    });
  }
  const bottom = 10 ** Math.floor(Math.log10(Math.min(...ys, low * (peakBytes || 1e9))));
  return {
    grid: {left: 84, right: 30, top: 44, bottom: 56},
    legend: {top: 4, textStyle: {color: colours.text}, data: series.map((one) => one.name)},
    tooltip: {...tooltipStyle(colours), formatter: (point) => {
      const group = point.data && point.data.group;
      return group ? groupTip(group) : '';
    }},
    xAxis: axis(colours, 'arithmetic intensity (FLOP per byte of HBM traffic)', {type: 'log', min: low, max: high,
      axisLabel: {color: colours.muted, formatter: (value) => trimmed(significant(value))}}),
    yAxis: axis(colours, 'compute (FLOP/s)', {type: 'log', nameGap: 66, min: bottom,
      axisLabel: {color: colours.muted, formatter: (value) => trimmed(engineering(value, ''))}}),
    series,
  };
}

function groupTip(group) {
  const flops = perSecond(group.flop, group.time_us);
  const bytes = perSecond(group.hbm_bytes, group.time_us);
  return tip(group.name, [
    ['operators', String(group.ops.length)],
    ['time', `${time(group.time_us)} (${percent(group.time_us / data.total_us)})`],
    ['compute', engineering(flops, 'FLOP/s') + (peakFlop ? `, ${percent(flops / peakFlop)} of peak` : '')],
    ['HBM', engineering(bytes, 'B/s') + (peakBytes ? `, ${percent(bytes / peakBytes)} of peak` : '')],
    ['intensity', group.hbm_bytes > 0 ? significant(group.flop / group.hbm_bytes) + ' FLOP/B' : 'nothing from HBM'],
    ['bound by', words(group.bound)],
  ]);
}

const openGroup = (group) => showOnly(group.stem, [...group.ops].sort((a, b) => b.time_us - a.time_us)[0]);

if (onRoofline.length > 0) {
  const roofline = chart('roofline-chart', 'Roofline: compute over arithmetic intensity, a point for each kind of operator', 440,
    rooflineOptions, (event) => event.data && event.data.group && openGroup(event.data.group));
  const made = section('roofline', 'Roofline',
    'How much compute each operator reaches, against what the tensor units (flat) and HBM (slope) allow at its intensity; area is time, colour what bounds it. A click shows the operators of a point.',
    roofline.holder);
  if (offRoofline.length > 0) {
    made.append(element('p', {class: 'lead'},
      `Not drawn, for they move nothing to or from HBM: ${offRoofline.slice(0, 12).map((group) => group.name).join(', ')}${offRoofline.length > 12 ? ', \u2026' : ''}.`));
  }
  made.append(chartTable(['operator', 'count', 'time \u00b5s', 'FLOP per byte', 'FLOP/s', 'bound by'],
    () => onRoofline.map((group) => [group.name, group.ops.length, significant(group.time_us, 4),
      significant(group.flop / group.hbm_bytes), engineering(perSecond(group.flop, group.time_us), ''), words(group.bound)])));
}

// ---- time per operator ---------------------------------------------------------------------

const mostBars = 24;
function timeBars(by) {
  if (by === 'kind') {
    return data.kinds.map((kind) => ({name: words(kind.kind), key: kind.kind, kind: kind.kind, count: kind.count, time_us: kind.time_us}));
  }
  const bars = groups.slice(0, mostBars).map((group) => ({
    name: group.name, key: group.stem, kind: group.kind, count: group.ops.length, time_us: group.time_us, group}));
  const rest = groups.slice(mostBars);
  if (rest.length > 0) {
    bars.push({name: `${rest.length} others`, kind: '', count: rest.reduce((sum, group) => sum + group.ops.length, 0),
      time_us: rest.reduce((sum, group) => sum + group.time_us, 0)});
  }
  return bars;
}
let timeBy = groups.length > 1 ? 'operator' : 'kind';
const barsHeight = (bars) => 70 + 26 * Math.max(2, bars.length);
const shortened = (text, most) => text.length > most ? text.slice(0, most - 1) + '\u2026' : text;
const barLabel = (colours) => ({color: colours.text, width: 190, overflow: 'truncate', formatter: (name) => shortened(name, 40)});

const timeChart = chart('time-chart', 'Time per operator', barsHeight(timeBars(timeBy)), (colours) => {
  const bars = timeBars(timeBy);
  return {
    grid: {left: 210, right: 90, top: 10, bottom: 50},
    tooltip: {...tooltipStyle(colours), formatter: (point) => tip(point.name, [
      ['operators', String(point.data.bar.count)], ['time', time(point.data.bar.time_us)],
      ['share', percent(point.data.bar.time_us / data.total_us)]])},
    xAxis: axis(colours, 'time (\u00b5s)', {type: 'value'}),
    yAxis: {type: 'category', inverse: true, data: bars.map((bar) => bar.name), axisLabel: barLabel(colours),
      axisTick: {show: false}, axisLine: {lineStyle: {color: colours.line}}},
    series: [{
      type: 'bar', barMaxWidth: 18,
      data: bars.map((bar) => ({value: bar.time_us, bar, itemStyle: {color: bar.kind ? kindColour(bar.kind) : colours.muted}})),
      label: {show: true, position: 'right', color: colours.muted, formatter: (point) => percent(point.data.bar.time_us / data.total_us)},
    }],
  };
}, (event) => {
  const bar = event.data && event.data.bar;
  if (bar && bar.key !== undefined) {
    bar.group ? openGroup(bar.group) : showOnly(bar.key);
  }
});
section('time', 'Time per operator',
  'Where the run\u2019s time went. Operators whose names differ in numbers only, as those of a model\u2019s layers, are one bar; colours are kinds.',
  choice('by', [['operator', 'operator'], ['kind', 'kind']], timeBy, (by) => {
    timeBy = by;
    timeChart.resize(barsHeight(timeBars(by)));
    timeChart.draw();
  }),
  timeChart.holder,
  chartTable(['operator', 'count', 'time \u00b5s', 'share'],
    () => timeBars(timeBy).map((bar) => [bar.name, bar.count, significant(bar.time_us, 4), percent(bar.time_us / data.total_us)])));

// ---- stalls and energy ---------------------------------------------------------------------

// Parts of each kind and of all, stacked.
function stackedRows(member) {
  const kinds = data.kinds.slice(0, 16);
  const all = {kind: 'all operators', parts: data.kinds[0][member].map((_, i) => data.kinds.reduce((sum, kind) => sum + kind[member][i], 0))};
  return [all, ...kinds.map((kind) => ({kind: kind.kind, parts: kind[member]}))];
}
function stackedChart(id, label, names, colourAt, rows, axisName, asText, asShare) {
  return chart(id, label, 110 + 28 * rows.length, (colours) => {
    const sums = rows.map((row) => row.parts.reduce((sum, part) => sum + part, 0));
    return {
      grid: {left: 210, right: 40, top: 56, bottom: 50},
      legend: {top: 2, type: 'scroll', textStyle: {color: colours.text}},
      tooltip: {...tooltipStyle(colours), trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: (points) => {
        const at = points[0].dataIndex;
        return tip(words(rows[at].kind), names.map((name, i) => [words(name), rows[at].parts[i], i])
          .filter(([, part]) => part > 0)
          .map(([name, part]) => [name, `${asText(part)} (${percent(sums[at] > 0 ? part / sums[at] : 0)})`]));
      }},
      xAxis: axis(colours, axisName, {type: 'value', max: asShare ? 100 : undefined}),
      yAxis: {type: 'category', inverse: true, data: rows.map((row) => words(row.kind)), axisLabel: barLabel(colours),
        axisTick: {show: false}, axisLine: {lineStyle: {color: colours.line}}},
      series: names.map((name, i) => ({
        name: words(name), type: 'bar', stack: 'all', barMaxWidth: 20, itemStyle: {color: colourAt(name, i)},
        data: rows.map((row, at) => asShare ? (sums[at] > 0 ? 100 * row.parts[i] / sums[at] : 0) : row.parts[i]),
      })).filter((one) => one.data.some((value) => value > 0)),
    };
  }, (event) => {
    const kind = rows[event.dataIndex];
    if (kind && event.dataIndex > 0) {
      showOnly(kind.kind);
    }
  });
}

const stallRows = stackedRows('stall_us');
section('stalls', 'What the cores were doing',
  'The time of all cores by kind of operator: work in cold colours, waits in warm ones. A wait for a load is shared out over the stages of its journey.',
  stackedChart('stall-chart', 'Time of the cores by kind of operator and by what they did', data.stall_names,
    (name, i) => colourOf(stallColours, name, i), stallRows, 'share of the cores\u2019 time (%)',
    (part) => time(part) + ' of cores', true).holder,
  chartTable(['kind', ...data.stall_names.map(words)],
    () => stallRows.map((row) => {
      const sum = row.parts.reduce((a, b) => a + b, 0);
      return [words(row.kind), ...row.parts.map((part) => percent(sum > 0 ? part / sum : 0))];
    })));

if (data.has_power) {
  const energyRows = stackedRows('energy_j').slice(1);
  section('energy', 'Energy',
    'What the energy of each kind of operator went to; static is leakage, the clock tree and the board.',
    stackedChart('energy-chart', 'Energy by kind of operator and by part', data.energy_names,
      (name, i) => palette[i % palette.length], energyRows, 'energy (J)', (part) => engineering(part, 'J'), false).holder,
    chartTable(['kind', ...data.energy_names.map((name) => words(name) + ' J')],
      () => energyRows.map((row) => [words(row.kind), ...row.parts.map((part) => significant(part))])));
}

// ---- over time -----------------------------------------------------------------------------

const binUs = data.timeline.bin_us;
const timelineRow = (component, counter) => data.timeline.rows.find((row) => row.component === component && row.counter === counter);
// Bins as steps of [µs, value].
const steps = (row, scale) => row.bins.map((amount, i) => [i * binUs, amount * scale]);

// A lane of charts, one under the other over one axis of time.
function lanes() {
  const list = [];
  const shares = [];
  const tensor = timelineRow('tensor', 'busy');
  const vector = timelineRow('vector', 'busy');
  const hbm = timelineRow('hbm', 'bytes');
  const network = timelineRow('network', 'bytes');
  const energy = timelineRow('chip', 'energy');
  const wholeBin = binUs * 1e9 * (data.cores || 1);  // fs of all cores
  if (hbm && peakBytes) {
    shares.push({name: 'HBM bandwidth', colour: boundColours.hbm, data: steps(hbm, 100 / (binUs * 1e-6 * peakBytes)), unit: '%'});
  }
  if (tensor) {
    shares.push({name: 'tensor units', colour: boundColours.tensor, data: steps(tensor, 100 / wholeBin), unit: '%'});
  }
  if (vector) {
    shares.push({name: 'vector units', colour: boundColours.vector, data: steps(vector, 100 / wholeBin), unit: '%'});
  }
  if (shares.length > 0) {
    list.push({name: 'utilisation (%)', height: 150, series: shares, max: 100, interval: 25});
  }
  if (hbm && !peakBytes) {
    list.push({name: 'HBM (GB/s)', height: 110, series: [{name: 'HBM', colour: boundColours.hbm, data: steps(hbm, 1e-9 / (binUs * 1e-6)), unit: 'GB/s'}]});
  }
  if (network) {
    list.push({name: 'network (TB/s)', height: 110, series: [
      {name: 'network, delivered', colour: boundColours.network, data: steps(network, 1e-12 / (binUs * 1e-6)), unit: 'TB/s'}]});
  }
  if (energy) {
    list.push({name: 'power (W)', height: 110, series: [
      {name: 'power', colour: boundColours.power, data: steps(energy, 1e-12 / (binUs * 1e-6)), unit: 'W'}]});
  }
  return list;
}
const timeLanes = lanes();

if (timeLanes.length > 0) {
  const stripHeight = 26;
  const gap = 34;
  const height = 60 + stripHeight + timeLanes.reduce((sum, lane) => sum + lane.height + gap, 0) + 70;
  const over = chart('timeline-chart', 'Utilisation over time', height, (colours) => {
    const end = Math.max(data.total_us, ...data.timeline.rows.map((row) => row.bins.length * binUs));
    const grids = [];
    const xAxes = [];
    const yAxes = [];
    const series = [];
    let top = 40;
    const place = (laneHeight) => {
      grids.push({left: 84, right: 24, top, height: laneHeight});
      top += laneHeight + gap;
      return grids.length - 1;
    };
    // The operators as a strip.
    const strip = place(stripHeight);
    top -= gap - 14;
    xAxes.push({type: 'value', min: 0, max: end, gridIndex: strip, show: false});
    yAxes.push({type: 'category', data: ['operators'], gridIndex: strip, axisLabel: {color: colours.muted}, axisTick: {show: false}, axisLine: {show: false}});
    series.push({
      type: 'custom', xAxisIndex: 0, yAxisIndex: 0, clip: true, name: 'operators',
      renderItem: (parameters, api) => {
        const from = api.coord([api.value(0), 0]);
        const to = api.coord([api.value(1), 0]);
        const box = parameters.coordSys;
        const left = Math.max(from[0], box.x);
        const right = Math.min(Math.max(to[0], from[0] + 0.5), box.x + box.width);
        return right <= left ? null : {type: 'rect', shape: {x: left, y: box.y, width: right - left, height: box.height},
          style: {fill: kindColour(ops[api.value(2)].kind)}};
      },
      data: ops.map((op, i) => ({value: [op.start_us, op.start_us + op.time_us, i], op})),
      encode: {x: [0, 1]},
    });
    timeLanes.forEach((lane, laneIndex) => {
      const grid = place(lane.height);
      const last = laneIndex === timeLanes.length - 1;
      xAxes.push(axis(colours, last ? 'time since the start of the run (\u00b5s)' : '', {type: 'value', min: 0, max: end, gridIndex: grid,
        axisLabel: {show: last, color: colours.muted, showMaxLabel: false}, axisTick: {show: last}}));
      yAxes.push(axis(colours, lane.name, {type: 'value', gridIndex: grid, nameGap: 48, max: lane.max, splitNumber: 3, interval: lane.interval}));
      for (const one of lane.series) {
        series.push({name: one.name, type: 'line', step: 'end', symbol: 'none', xAxisIndex: grid, yAxisIndex: grid, data: one.data,
          lineStyle: {width: 1.4, color: one.colour}, itemStyle: {color: one.colour}, areaStyle: {opacity: 0.12, color: one.colour},
          unit: one.unit});
      }
    });
    const unitOf = Object.fromEntries(timeLanes.flatMap((lane) => lane.series.map((one) => [one.name, one.unit])));
    return {
      grid: grids, xAxis: xAxes, yAxis: yAxes, series,
      legend: {top: 2, textStyle: {color: colours.text}, data: timeLanes.flatMap((lane) => lane.series.map((one) => one.name))},
      axisPointer: {link: [{xAxisIndex: 'all'}], lineStyle: {color: colours.muted}, label: {show: false}},
      tooltip: {...tooltipStyle(colours), trigger: 'axis', formatter: (points) => {
        const lines = points.filter((point) => unitOf[point.seriesName]);
        const at = lines.length > 0 ? lines[0].value[0] : points[0].value[0];
        const op = ops.find((one) => one.start_us <= at && at < one.start_us + one.time_us);
        return tip(`${significant(at, 6)} \u00b5s`, [...(op ? [['operator', op.name]] : []),
          ...lines.map((point) => [point.seriesName, `${significant(point.value[1])} ${unitOf[point.seriesName]}`])]);
      }},
      dataZoom: [{type: 'inside', xAxisIndex: xAxes.map((_, i) => i), filterMode: 'none'},
        {type: 'slider', xAxisIndex: xAxes.map((_, i) => i), filterMode: 'none', bottom: 6, height: 20,
          textStyle: {color: colours.muted}, borderColor: colours.line, labelFormatter: (value) => significant(value, 4) + ' \u00b5s'}],
    };
  }, (event) => event.data && event.data.op && showOnly(event.data.op.name, event.data.op));
  const key = element('p', {class: 'key'});
  kindOrder.slice(0, 12).forEach((kind) => {
    const dot = element('i', {});
    dot.style.background = kindColour(kind);
    key.append(element('span', {}, dot, words(kind)));
  });
  section('over-time', 'Utilisation over time',
    `How busy memory, network and units were, in bins of ${time(binUs)}; the strip on top says which operator ran. The wheel, or the slider below, zooms in.`,
    over.holder, key);
}

// ---- links ---------------------------------------------------------------------------------

function linkMap(rows) {
  const load = (row) => Math.max(row[5], row[6]);
  const most = Math.max(...rows.map(load), 1e-9);
  // Who sends and receives has a link each way with its router alone; routers have them with each other.
  const isNode = (name) => /^(core|shared node|memory node) \d+$/.test(name);
  const nodes = new Map();
  const routers = new Map();
  const wires = [];
  const port = (node, router, row, way) => {
    if (!nodes.has(node)) {
      nodes.set(node, {name: node, router, load: 0, ways: []});
    }
    const entry = nodes.get(node);
    entry.load = Math.max(entry.load, load(row));
    entry.ways.push([way, row]);
  };
  const router = (name) => {
    if (!routers.has(name)) {
      routers.set(name, {name, nodes: []});
    }
  };
  for (const row of rows) {
    if (isNode(row[1]) && !isNode(row[2])) {
      router(row[2]);
      port(row[1], row[2], row, 'sent');
    } else if (isNode(row[2]) && !isNode(row[1])) {
      router(row[1]);
      port(row[2], row[1], row, 'received');
    } else {
      router(row[1]);
      router(row[2]);
      wires.push(row);
    }
  }
  for (const node of nodes.values()) {
    routers.get(node.router).nodes.push(node);
  }
  placeRouters([...routers.values()]);
  return {nodes, routers, wires, most, load};
}

// A grid lies as its routers are called, "die 1 router (2,0)"; others stand in a row, or on a circle.
function placeRouters(routers) {
  const cell = 44 + 24 * Math.max(1, ...routers.map((router) => Math.ceil(Math.sqrt(router.nodes.length * 1.4))));
  const places = routers.map((router) => /^(?:die (\d+) )?.*\((\d+),(\d+)\)$/.exec(router.name));
  const columns = Math.max(...places.map((place) => place ? Number(place[2]) + 1 : 1));
  routers.forEach((router, i) => {
    const place = places[i];
    if (places.every((one) => one)) {
      router.x = cell * (Number(place[2]) + Number(place[1] || 0) * (columns + 0.4));
      router.y = cell * Number(place[3]);
    } else if (routers.length <= 3) {
      router.x = cell * 1.1 * i;
      router.y = 0;
    } else {
      const radius = cell * routers.length / 5;
      router.x = radius * Math.cos(2 * Math.PI * i / routers.length);
      router.y = radius * Math.sin(2 * Math.PI * i / routers.length);
    }
    // Its nodes in rows beside the links, below it to the right.
    const across = Math.max(1, Math.ceil(Math.sqrt(router.nodes.length * 1.4)));
    router.nodes.forEach((node, j) => {
      node.x = router.x + 28 + 24 * (j % across);
      node.y = router.y + 28 + 24 * Math.floor(j / across);
    });
  });
}

const linkName = (row) => row[0];
const linkTip = (row) => tip(linkName(row), [
  ['from', row[1]], ['to', row[2]],
  ['requests', `${engineering(row[3], 'B')}, busy ${percent(row[5])}`],
  ['responses', `${engineering(row[4], 'B')}, busy ${percent(row[6])}`]]);

if (data.links.rows.length > 0) {
  const map = linkMap(data.links.rows);
  const height = (() => {
    const ys = [...map.routers.values(), ...map.nodes.values()].map((one) => one.y);
    const xs = [...map.routers.values(), ...map.nodes.values()].map((one) => one.x);
    const tall = Math.max(...ys) - Math.min(...ys) + 90;
    const wide = Math.max(...xs) - Math.min(...xs) + 60;
    return Math.min(640, Math.max(240, 620 * tall / wide));
  })();
  const symbols = (name) => name.startsWith('core') ? 'circle' : name.startsWith('memory') ? 'triangle' : 'diamond';
  const drawing = chart('link-chart', 'Map of the network with the load of its links', height, (colours) => ({
    tooltip: {...tooltipStyle(colours), formatter: (point) => {
      const entry = point.data;
      if (entry.row) {
        return linkTip(entry.row);
      }
      if (entry.node) {
        return tip(entry.node.name, entry.node.ways.map(([way, row]) =>
          [way, `${engineering(row[3] + row[4], 'B')}, busy ${percent(map.load(row))}`]));
      }
      return tip(entry.title || '', [['nodes', String(entry.count)]]);
    }},
    series: [{
      type: 'graph', layout: 'none', roam: true, preserveAspect: 'contain', left: 24, right: 24, top: 48, bottom: 16, nodeScaleRatio: 0.3,
      edgeSymbol: ['none', 'arrow'], edgeSymbolSize: 7,
      data: [
        ...[...map.routers.values()].map((router) => ({
          name: 'router: ' + router.name, title: router.name,
          label: {show: map.routers.size <= 64, position: 'top', color: colours.muted, fontSize: 10, formatter: () => router.name.replace(/^router /, '')}, count: router.nodes.length, x: router.x, y: router.y, symbol: 'rect', symbolSize: 14,
          itemStyle: {color: colours.card, borderColor: colours.muted, borderWidth: 1.5}})),
        ...[...map.nodes.values()].map((node) => ({
          name: 'node: ' + node.name, node, x: node.x, y: node.y, symbol: symbols(node.name), symbolSize: 13,
          itemStyle: {color: rampColour(node.load / map.most), borderColor: colours.line, borderWidth: 1}})),
      ],
      links: map.wires.map((row) => ({
        source: 'router: ' + row[1], target: 'router: ' + row[2], row,
        lineStyle: {color: rampColour(map.load(row) / map.most), width: 2 + 4 * map.load(row) / map.most, curveness: map.routers.size > 3 ? 0.16 : 0.06, opacity: 1}})),
    }],
  }), (event) => event.data && event.data.row && linkTable.scrollIntoView({block: 'center'}));
  const busiest = [...data.links.rows].sort((a, b) => map.load(b) - map.load(a));
  const list = sortedTable([
    {name: 'link', text: true, value: (row) => row[0], show: (row) => row[0]},
    {name: 'busy', value: map.load, show: (row) => percent(map.load(row))},
    {name: 'requests', value: (row) => row[3], show: (row) => engineering(row[3], 'B')},
    {name: 'responses', value: (row) => row[4], show: (row) => engineering(row[4], 'B')},
  ], busiest, {label: 'Links by load', pageRows: 12, sort: 1, descending: true});
  const linkTable = list.holder;
  const made = section('links', 'Load of the links',
    'How long each link of the network was busy, as a share of the run. Squares are routers or crossbars; circles cores, diamonds shared memory, triangles HBM, in the colour of the busier of their two ports. Requests and responses have wires of their own; a link shows the busier.',
    element('div', {class: 'pair'}, drawing.holder, linkTable),
    rampKey('0 % busy', percent(map.most)));
  const memory = [...map.nodes.values()].filter((node) => node.name.startsWith('memory'));
  if (memory.length > 0 && memory.every((node) => node.load === 0)) {
    made.append(element('p', {class: 'lead'}, 'The ports of HBM are idle: caches reach it directly, not by the network.'));
  }
  if (data.links.count > data.links.rows.length) {
    made.append(notice(`Of ${data.links.count} links the ${data.links.rows.length} busiest are drawn.`));
  }
}

// ---- the table of operators ----------------------------------------------------------------

table = sortedTable([
  {name: '#', value: (op) => op.index, show: (op) => String(op.index)},
  {name: 'operator', text: true, value: (op) => op.name, show: (op) => op.name},
  {name: 'kind', text: true, value: (op) => op.kind, show: (op) => words(op.kind)},
  {name: 'start \u00b5s', value: (op) => op.start_us, show: (op) => significant(op.start_us, 6)},
  {name: 'time \u00b5s', value: (op) => op.time_us, show: (op) => significant(op.time_us, 4)},
  {name: 'share', value: (op) => op.time_us, show: (op) => percent(op.time_us / data.total_us)},
  {name: 'TFLOP/s', value: (op) => perSecond(op.flop, op.time_us), show: (op) => significant(perSecond(op.flop, op.time_us) / 1e12)},
  {name: 'HBM GB/s', value: (op) => perSecond(op.hbm_bytes, op.time_us), show: (op) => significant(perSecond(op.hbm_bytes, op.time_us) / 1e9)},
  {name: 'bound by', text: true, value: (op) => op.bound, show: (op) => words(op.bound)},
  {name: 'tile', text: true, value: (op) => op.tile, show: (op) => op.tile},
], ops, {label: 'Operators', sort: 0, choose: showDetail});

function applyFilter() {
  const wanted = filterText.value.trim().toLowerCase();
  table.filter((op) => wanted === '' || [op.name, op.stem, op.kind, op.bound, op.tile].some((text) => text.toLowerCase().includes(wanted)));
}
filterText.addEventListener('input', applyFilter);

section('operators', 'Operators',
  'Every operator; a row opens its details. Headings sort.',
  element('div', {class: 'controls'}, filterText,
    element('button', {type: 'button', onclick: () => showOnly('')}, 'Show all')),
  detail, table.holder);

provenanceSection(data.provenance, [
  ['The chip, as it was resolved', data.provenance.config], ['The workload', data.provenance.workload]]);
document.getElementById('page').append(element('footer', {},
  'Made by orrery report from a result of Orrery. Charts by Apache ECharts (Apache-2.0). This page loads nothing from the network.'));
fillNavigation(links);
drawAll();
