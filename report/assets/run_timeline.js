// SPDX-License-Identifier: Apache-2.0
// The page of a run: utilisation over time.
'use strict';

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
