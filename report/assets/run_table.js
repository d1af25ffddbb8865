// SPDX-License-Identifier: Apache-2.0
// The page of a run: the table of operators, and the end of the page.
'use strict';

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
