// SPDX-License-Identifier: Apache-2.0
// The page of a run: the map of its links.
'use strict';

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
