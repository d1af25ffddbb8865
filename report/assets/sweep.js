// SPDX-License-Identifier: Apache-2.0
// The page of a sweep.
'use strict';

const axes = data.axes;
const metrics = data.metrics.filter((metric) => metric.values.some((value) => value !== null));
const columns = [...axes, ...metrics];
const byName = Object.fromEntries(columns.map((column) => [column.name, column]));
const points = data.points.index.map((index, at) => ({index, at, status: data.points.status[at]}));
const complete = points.filter((point) => point.status === 0);
const label = (name) => name.replace(/_/g, ' ');
const isWords = (column) => column.words.length > 0;
const valueOf = (column, point) => column.values[point.at];
const isBinaryAxis = (column) => axes.includes(column) && column.unit === 'byte'
  && column.values.every((value) => value === null || value === 0 || isBinary(value));
function shown(column, value) {
  if (value === null || value === undefined) {
    return 'n/a';
  }
  if (isWords(column)) {
    return column.words[value] ?? 'n/a';
  }
  if (isBinaryAxis(column)) {
    const [scale, prefix] = binaryPrefix(value);
    return trimmed(significant(value / scale, 4)) + ' ' + prefix + 'B';
  }
  return withUnit(value, column.unit);
}

// A column as a chart's axis: one factor for all its values, so that ticks are plain numbers.
const scaled = new Map();
function scaleOf(column) {
  if (!scaled.has(column)) {
    const [factor, unit] = shownUnits[column.unit] || [1, unitName(column.unit)];
    const most = Math.max(...column.values.filter((value) => value !== null).map((value) => Math.abs(value * factor)), 0);
    const usesPrefix = unit !== '' && Boolean(shownUnits[column.unit]);
    const [scale, prefix] = isBinaryAxis(column) && most > 0 ? binaryPrefix(most)
      : usesPrefix && most > 0 ? prefixes.find(([least]) => most >= least * 0.9995) || [1, ''] : [1, ''];
    scaled.set(column, {factor: factor / scale, unit: prefix + unit});
  }
  return scaled.get(column);
}
const plotted = (column, point) => valueOf(column, point) === null ? null
  : isWords(column) ? valueOf(column, point) : valueOf(column, point) * scaleOf(column).factor;
const axisTitle = (column) => label(column.name) + (scaleOf(column).unit ? ` (${scaleOf(column).unit})` : '');

// ---- what is shown -------------------------------------------------------------------------

// Points of different workloads are not to be set against each other: one is chosen to begin with.
const chosen = {};
if (data.context !== null && byName[data.context]) {
  chosen[data.context] = String(Math.min(...byName[data.context].values.filter((value) => value !== null)));
}
const passes = (point) => Object.entries(chosen).every(([name, value]) => value === '' || String(byName[name].values[point.at]) === value);
const visible = () => complete.filter(passes);
const contextWord = () => data.context === null || !chosen[data.context] ? null : Number(chosen[data.context]);

// ---- key figures ---------------------------------------------------------------------------

const objectives = metrics.filter((metric) => metric.direction !== 'none');
const better = (metric, a, b) => metric.direction === 'more' ? a > b : a < b;

// Points are on the page that are on a front, so the best of each objective is.
function best(metric, among = visible()) {
  return among.reduce((found, point) => valueOf(metric, point) !== null
    && (found === null || better(metric, valueOf(metric, point), valueOf(metric, found))) ? point : found, null);
}
// Axes that move with another are shown in the details of a point only.
const varied = axes.filter((axis) => axis.leader === axis.name && new Set(axis.values).size > 1);
const followers = (axis) => axes.filter((other) => other !== axis && other.leader === axis.name).map((other) => other.name);

const figures = [['points', String(data.point_count), `${varied.length} axes`]];
data.status_names.forEach((name, i) => {
  if (data.status_counts[i] > 0) {
    figures.push([name, String(data.status_counts[i]), percent(data.status_counts[i] / data.point_count)]);
  }
});
for (const metric of objectives.slice(0, 6)) {
  const point = best(metric);
  if (point) {
    figures.push([`best ${label(metric.name)}`, shown(metric, valueOf(metric, point)),
      `point ${point.index}` + (contextWord() === null ? '' : `, ${byName[data.context].words[contextWord()]}`)]);
  }
}
const links = pageHeader(data.title, data.notes.join(' \u00b7 '), figures);
if (points.length < data.point_count) {
  document.getElementById('page').append(notice(
    `Of ${data.point_count} points ${points.length} are drawn and listed: all that are on a Pareto front of two objectives, and an even choice of the others. Counts and sensitivities are of all.`));
}

// ---- filters by axis, for all charts -------------------------------------------------------

const redraw = [];
function refilter() {
  redraw.forEach((draw) => draw());
}
const filters = element('div', {class: 'controls', role: 'group', 'aria-label': 'Show only points with'});
for (const axis of varied) {
  const values = [...new Set(axis.values)].filter((value) => value !== null).sort((a, b) => a - b);
  if (values.length <= 40) {
    filters.append(picker(axis.name, [['', 'all'], ...values.map((value) => [String(value), shown(axis, value)])], chosen[axis.name] || '',
      (value) => { chosen[axis.name] = value; refilter(); }));
  }
}
if (filters.children.length > 0) {
  for (const axis of varied.filter((one) => followers(one).length > 0)) {
    filters.append(element('span', {class: 'lead whole'}, `${axis.name} moves with ${followers(axis).join(', ')}.`));
  }
  section('filters', 'Show only', data.context === null
    ? 'Restricts all charts below, but the sensitivities, to points with these values.'
    : `Restricts all charts below to points with these values; sensitivities follow ${label(data.context)} only. The best figures above are of the ${label(data.context)} chosen first.`, filters);
}

// ---- the point that was chosen -------------------------------------------------------------

const detail = element('div', {id: 'detail', 'aria-live': 'polite'});
function showDetail(point) {
  const list = element('dl', {});
  const add = (name, value, whole) => list.append(
    element('div', {class: whole ? 'whole' : undefined}, element('dt', {}, name), element('dd', {}, value)));
  add('status', data.status_names[point.status]);
  for (const column of columns) {
    add(label(column.name), shown(column, valueOf(column, point)));
  }
  const reason = data.points.reasons[data.points.reason[point.at]];
  if (reason) {
    add('reason', reason, true);
  }
  add('identity', data.points.identity[point.at]);
  detail.replaceChildren(element('div', {class: 'detail'}, element('h3', {}, `Point ${point.index}`), list,
    element('div', {class: 'controls'}, element('button', {type: 'button', onclick: () => detail.replaceChildren()}, 'Close'))));
}
function openPoint(point) {
  showDetail(point);
  document.getElementById('points').scrollIntoView({block: 'start'});
}

// ---- Pareto fronts -------------------------------------------------------------------------

function frontOf(x, y, among) {
  const sign = (metric) => metric.direction === 'more' ? -1 : 1;
  const usable = among.filter((point) => valueOf(x, point) !== null && valueOf(y, point) !== null);
  const sorted = [...usable].sort((a, b) => sign(x) * (valueOf(x, a) - valueOf(x, b)) || sign(y) * (valueOf(y, a) - valueOf(y, b)));
  const front = [];
  let least = Infinity;
  for (const point of sorted) {
    const value = sign(y) * valueOf(y, point);
    const last = front.at(-1);
    if (value < least || (last && value === least && valueOf(x, point) === valueOf(x, last))) {
      front.push(point);
      least = value;
    }
  }
  return front;
}

const preferred = (names, otherwise) => (names.map((name) => objectives.find((metric) => metric.name === name)).find(Boolean) || otherwise);
const pareto = {
  y: preferred(['total_time', 'time_per_output_token', 'time_to_first_token'], objectives[0]),
  x: preferred(['die_area', 'chip_cost', 'average_power', 'power', 'energy_per_token', 'energy'], objectives[1] || objectives[0]),
  colour: varied.find((axis) => axis.name !== data.context) || varied[0],
};

const longAxis = (column) => isWords(column) ? [...column.words] : null;
function tickText(column) {
  const names = longAxis(column);
  return names ? (value) => shortened(names[value] ?? '', 14) : (value) => trimmed(significant(value));
}
const shortened = (text, most) => text.length > most ? text.slice(0, most - 1) + '\u2026' : text;

// Colours of an axis: of words from the palette, of numbers from cold to hot by their rank.
function colouring(column) {
  const values = [...new Set(column.values)].filter((value) => value !== null).sort((a, b) => a - b);
  const rank = new Map(values.map((value, i) => [value, values.length > 1 ? i / (values.length - 1) : 0.5]));
  return {values, of: (value) => isWords(column) ? palette[value % palette.length] : rampColour(0.15 + 0.85 * (rank.get(value) ?? 0))};
}

function pointTip(point) {
  return tip(`Point ${point.index}`, [...varied, ...objectives].map((column) => [label(column.name), shown(column, valueOf(column, point))]));
}

if (objectives.length > 1) {
  const drawing = chart('pareto-chart', 'Scatter of the points over two metrics, with their Pareto front', 460, (colours) => {
    const {x, y, colour} = pareto;
    const among = visible();
    const front = frontOf(x, y, among);
    const onFront = new Set(front);
    const paint = colour ? colouring(colour) : null;
    const place = (point) => [plotted(x, point), plotted(y, point)];
    return {
      grid: {left: 84, right: 30, top: 20, bottom: 56},
      tooltip: {...tooltipStyle(colours), formatter: (one) => one.data && one.data.point ? pointTip(one.data.point) : ''},
      xAxis: axis(colours, axisTitle(x), {type: 'value', scale: true}),
      yAxis: axis(colours, axisTitle(y), {type: 'value', scale: true, nameGap: 60}),
      series: [
        {name: 'points', type: 'scatter', symbolSize: 7, data: among.filter((point) => !onFront.has(point)).map((point) => ({
          value: place(point), point, itemStyle: {color: paint ? paint.of(valueOf(colour, point)) : colours.accent, opacity: 0.55}}))},
        {name: 'front', type: 'line', silent: true, symbol: 'none', lineStyle: {color: colours.text, width: 1.6, type: 'dashed'}, data: front.map(place)},
        {name: 'on the front', type: 'scatter', symbolSize: 12, z: 4, data: front.map((point) => ({
          value: place(point), point,
          itemStyle: {color: paint ? paint.of(valueOf(colour, point)) : colours.accent, borderColor: colours.text, borderWidth: 1.5}}))},
      ],
    };
  }, (event) => event.data && event.data.point && openPoint(event.data.point), 'canvas');
  const key = element('p', {class: 'key'});
  const frontHolder = element('div', {});
  const frontHeading = element('h3', {});
  const drawPareto = () => {
    drawing.draw();
    key.replaceChildren();
    if (pareto.colour) {
      const paint = colouring(pareto.colour);
      key.append(element('span', {}, pareto.colour.name + ':'));
      const listed = paint.values.length <= 14 ? paint.values : [paint.values[0], paint.values[Math.floor(paint.values.length / 2)], paint.values.at(-1)];
      for (const value of listed) {
        const dot = element('i', {});
        dot.style.background = paint.of(value);
        key.append(element('span', {}, dot, shown(pareto.colour, value)));
      }
    }
    const front = frontOf(pareto.x, pareto.y, visible());
    frontHeading.textContent = `On the front: ${front.length} points`;
    const listed = [...varied, ...new Set([pareto.x, pareto.y, ...objectives])];
    frontHolder.replaceChildren(sortedTable(
      [{name: 'point', value: (point) => point.index, show: (point) => String(point.index)},
        ...listed.map((column) => ({name: label(column.name), text: isWords(column), value: (point) => valueOf(column, point), show: (point) => shown(column, valueOf(column, point))}))],
      front, {label: 'Points on the Pareto front', pageRows: 10, sort: 1 + listed.indexOf(pareto.x), choose: showDetail}).holder);
  };
  const names = objectives.map((metric) => [metric.name, label(metric.name)]);
  section('pareto', 'Pareto front',
    'Every complete point over two metrics. A ringed point is beaten by no other in both at once; the dashed line joins them. Less is better, but for rates.',
    element('div', {class: 'controls'},
      picker('across', names, pareto.x.name, (name) => { pareto.x = byName[name]; drawPareto(); }),
      picker('up', names, pareto.y.name, (name) => { pareto.y = byName[name]; drawPareto(); }),
      varied.length > 0 ? picker('colour', varied.map((axis) => [axis.name, axis.name]), pareto.colour.name,
        (name) => { pareto.colour = byName[name]; drawPareto(); }) : null),
    drawing.holder, key, frontHeading, frontHolder);
  redraw.push(drawPareto);
}

// ---- parallel coordinates ------------------------------------------------------------------

const mostParallel = 1500;
const mostNameWidth = 200;
if (complete.length > 0 && varied.length + objectives.length > 1) {
  const lines = [...varied.filter((axis) => axis.name !== data.context), ...objectives.slice(0, 6)];
  let colourBy = pareto.y || lines.at(-1);
  const drawing = chart('parallel-chart', 'Parallel coordinates of axes and metrics', 420, (colours) => {
    const among = visible();
    const step = Math.max(1, Math.ceil(among.length / mostParallel));
    const few = among.filter((_, i) => i % step === 0);
    const ranked = few.map((point) => valueOf(colourBy, point)).filter((value) => value !== null).sort((a, b) => a - b);
    const rank = (value) => {
      let low = 0;
      let high = ranked.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        ranked[middle] < value ? low = middle + 1 : high = middle;
      }
      return ranked.length > 1 ? low / (ranked.length - 1) : 0;
    };
    return {
      // Half of a name stands beside the first and the last axis.
      parallel: {left: mostNameWidth / 2 + 6, right: mostNameWidth / 2 + 6, top: 72, bottom: 30,
        parallelAxisDefault: {nameLocation: 'end', nameGap: 18, nameTextStyle: {color: colours.text, fontSize: 11.5},
          axisLine: {lineStyle: {color: colours.muted}}, axisTick: {lineStyle: {color: colours.muted}}, axisLabel: {color: colours.muted}}},
      parallelAxis: lines.map((column, dim) => ({
        dim, name: lines.length > 5 && dim % 2 === 1 ? axisTitle(column) + '\n\n' : axisTitle(column), nameTruncate: {maxWidth: mostNameWidth},
        type: 'value', scale: true, axisLabel: {color: colours.muted, formatter: tickText(column)},
        minInterval: isWords(column) ? 1 : undefined,
      })),
      series: [{
        type: 'parallel', smooth: false, progressive: 400, inactiveOpacity: 0.03, activeOpacity: 0.9,
        data: few.map((point) => ({value: lines.map((column) => plotted(column, point) ?? '-'),
          lineStyle: {color: rampColour(rank(valueOf(colourBy, point))), width: 1.1, opacity: few.length > 300 ? 0.25 : 0.6}})),
      }],
    };
  }, null, 'canvas');
  section('parallel', 'Parallel coordinates',
    'Each line is a point, over its axes and metrics. Drag along an axis to keep the lines that pass there; a click on the axis lets go.',
    element('div', {class: 'controls'}, picker('colour', lines.map((column) => [column.name, label(column.name)]), colourBy.name,
      (name) => { colourBy = byName[name]; drawing.draw(); })),
    drawing.holder, rampKey('low ', ' high'));
  redraw.push(() => drawing.draw());
}

// ---- sensitivity ---------------------------------------------------------------------------

if (data.sensitivity.length > 0) {
  let metricName = (data.sensitivity.find((one) => one.metric === (pareto.y && pareto.y.name)) || data.sensitivity[0]).metric;
  let current = null;
  const choose = () => {
    const of = (context) => data.sensitivity.find((one) => one.metric === metricName && one.context === context);
    current = of(contextWord()) || of(null) || data.sensitivity[0];
  };
  choose();
  const rowName = (row) => [row.axis, ...row.linked].join(' with ');
  const shortName = (row) => row.axis + (row.linked.length > 0 ? ` (+${row.linked.length} linked)` : '');
  const height = () => 90 + 34 * Math.max(2, current.rows.length);
  const share = (value) => 100 * value;
  const drawing = chart('sensitivity-chart', 'How much a metric moves when an axis is raised by 10 percent', height(), (colours) => ({
    grid: {left: 230, right: 60, top: 12, bottom: 50},
    tooltip: {...tooltipStyle(colours), formatter: (one) => {
      const row = current.rows[one.dataIndex];
      return tip(rowName(row), [
        ['+10 % moves it by', signed(row.typical)],
        ...(row.method === 'neighbours'
          ? [['least', signed(row.least)], ['greatest', signed(row.greatest)], ['pairs of neighbours', String(row.pairs)]]
          : [['by', `a fit over ${row.pairs} points`], ['that explains', percent(row.fit) + ' of the variance']])]);
    }},
    xAxis: axis(colours, `change of ${label(current.metric)} for 10 % more (%)`, {type: 'value'}),
    yAxis: {type: 'category', inverse: true, data: current.rows.map(shortName), axisTick: {show: false},
      axisLine: {lineStyle: {color: colours.line}}, axisLabel: {color: colours.text, width: 210, overflow: 'truncate', formatter: (name) => shortened(name, 42)}},
    series: [
      {type: 'bar', barMaxWidth: 16, data: current.rows.map((row) => ({value: share(row.typical),
        itemStyle: {color: isGain(current.metric, row.typical) ? '#4f9d5b' : '#cf4b4b', decal: row.method === 'fit' ? {symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: 0.8, color: 'rgba(255,255,255,.5)'} : undefined}})),
      },
      {type: 'custom', silent: true, z: 3, data: current.rows.map((row, i) => [share(row.least), share(row.greatest), i]),
        renderItem: (_, api) => {
          const y = api.value(2);
          const from = api.coord([api.value(0), y]);
          const to = api.coord([api.value(1), y]);
          const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: colours.text, lineWidth: 1.2}});
          return {type: 'group', children: [line(from[0], from[1], to[0], to[1]),
            line(from[0], from[1] - 4, from[0], from[1] + 4), line(to[0], to[1] - 4, to[0], to[1] + 4)]};
        }, encode: {x: [0, 1], y: 2}},
    ],
  }));
  const which = element('span', {class: 'lead'});
  const table_ = element('div', {});
  section('sensitivity', 'Sensitivity',
    'How much a metric moves when an axis is raised by 10 %, all else equal: the median of all pairs of points that are neighbours on that axis and equal on the others; the whisker spans the pairs. Striped bars come from a fit of all axes at once, where a sweep has no such pairs. Green is better.',
    element('div', {class: 'controls'}, picker('metric', [...new Set(data.sensitivity.map((one) => one.metric))].map((name) => [name, label(name)]), metricName, (name) => {
      metricName = name;
      update();
    }), which),
    drawing.holder, table_);
  redraw.push(update);
  function update() {
    choose();
    which.textContent = current.context === null ? 'all points' : `${label(data.context)} ${byName[data.context].words[current.context]}`;
    drawing.resize(height());
    drawing.draw();
    table_.replaceChildren(sensitivityTable());
  }
  function sensitivityTable() {
    return chartTable(['axis', 'typical', 'least', 'greatest', 'pairs or points', 'by'],
      () => current.rows.map((row) => [rowName(row), signed(row.typical), signed(row.least), signed(row.greatest), row.pairs,
        row.method === 'fit' ? `fit, ${percent(row.fit)} explained` : 'neighbours']));
  }
}
function signed(value) {
  return (value > 0 ? '+' : '') + significant(100 * value) + ' %';
}
function isGain(metric, change) {
  return byName[metric] && byName[metric].direction === 'more' ? change > 0 : change < 0;
}

// ---- what did not work ---------------------------------------------------------------------

if (data.reasons.length > 0) {
  section('reasons', 'Points without a result', 'Why points are infeasible, which is a result, or failed, which is not.',
    sortedTable([
      {name: 'status', text: true, value: (row) => row.status, show: (row) => row.status},
      {name: 'points', value: (row) => row.count, show: (row) => String(row.count)},
      {name: 'reason', text: true, value: (row) => row.reason, show: (row) => row.reason},
    ], data.reasons, {label: 'Reasons', pageRows: 10, sort: 1, descending: true}).holder);
}

// ---- the table of points -------------------------------------------------------------------


const tableColumns = [
  {name: 'point', value: (point) => point.index, show: (point) => String(point.index)},
  {name: 'status', text: true, value: (point) => point.status, show: (point) => data.status_names[point.status]},
  ...[...varied, ...objectives].map((column) => ({
    name: label(column.name), text: isWords(column),
    value: (point) => isWords(column) ? column.words[valueOf(column, point)] : valueOf(column, point),
    show: (point) => shown(column, valueOf(column, point))})),
];
const table = sortedTable(tableColumns, points, {label: 'Points', sort: 0, choose: showDetail});
redraw.push(() => table.filter(passes));
section('points', 'Points', 'A row opens all figures of its point; headings sort.', detail, table.holder);

provenanceSection(data.provenance, [['The plan', data.provenance.config]]);
document.getElementById('page').append(element('footer', {},
  'Made by orrery report from a sweep of Orrery. Charts by Apache ECharts (Apache-2.0). This page loads nothing from the network.'));
fillNavigation(links);
drawAll();
refilter();
