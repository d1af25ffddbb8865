// SPDX-License-Identifier: Apache-2.0
// The page of a run: roofline, time per operator, stalls, energy.
'use strict';

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
