"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const view = $("view"), canvas = $("canvas"), about = $("about"), search = $("search"), status = $("status");
  const svg = canvas.querySelector("svg");
  const width = svg.viewBox.baseVal.width, height = svg.viewBox.baseVal.height;
  const ops = new Map([...svg.querySelectorAll(".op[data-number]")].map((op) => [Number(op.dataset.number), op]));
  const boxes = new Map(data.nodes.map((node) => [node.number, node]));
  const readers = new Map();
  for (const node of data.nodes) for (const input of node.inputs) {
    if (!readers.has(input.number)) readers.set(input.number, []);
    readers.get(input.number).push(node.number);
  }
  const arrows = new Map();
  for (const arrow of svg.querySelectorAll(".arrows > g")) for (const end of [arrow.dataset.from, arrow.dataset.to]) {
    if (!arrows.has(end)) arrows.set(end, []);
    arrows.get(end).push(arrow);
  }

  // The map: all boxes, and a frame around those that are in view
  const map = $("map"), frame = map.querySelector("i"), mapScale = Math.min(280 / width, 200 / height);
  const drawMap = () => {
    const sheet = map.querySelector("canvas"), sharp = window.devicePixelRatio || 1, pen = sheet.getContext("2d");
    sheet.width = width * mapScale * sharp;
    sheet.height = height * mapScale * sharp;
    sheet.style.width = `${width * mapScale}px`;
    pen.scale(mapScale * sharp, mapScale * sharp);
    const fill = (shape, style) => {
      const box = shape.getBBox();
      pen.fillStyle = style;
      pen.fillRect(box.x, box.y, box.width, box.height);
    };
    const colours = new Map();
    for (const area of svg.querySelectorAll(".area")) fill(area, getComputedStyle(area).fill);
    for (const shape of svg.querySelectorAll(".op > .shape")) {
      const kind = shape.parentNode.classList.value;
      if (!colours.has(kind)) colours.set(kind, getComputedStyle(shape).stroke);
      fill(shape, colours.get(kind));
    }
  };
  const showFrame = () => {
    map.hidden = left >= 0 && top >= 0 && left + width * scale <= view.clientWidth && top + height * scale <= view.clientHeight;
    const factor = mapScale / scale;
    frame.style.width = `${view.clientWidth * factor}px`;
    frame.style.height = `${view.clientHeight * factor}px`;
    frame.style.transform = `translate(${-left * factor}px,${-top * factor}px)`;
  };
  const within = (wanted, least) => least > 0 ? least / 2 : Math.max(least, Math.min(0, wanted));  // nothing beside the graph
  const aim = (event) => {
    if (!event.buttons) return;
    const box = map.getBoundingClientRect();
    left = within(view.clientWidth / 2 - (event.clientX - box.left) / mapScale * scale, view.clientWidth - width * scale);
    top = within(view.clientHeight / 2 - (event.clientY - box.top) / mapScale * scale, view.clientHeight - height * scale);
    show(false);
  };
  map.addEventListener("pointerdown", (event) => { event.stopPropagation(); map.setPointerCapture(event.pointerId); aim(event); });
  map.addEventListener("pointermove", (event) => { event.stopPropagation(); aim(event); });

  // Pan and zoom
  let scale = 1, left = 0, top = 0;
  const show = (smooth) => {
    canvas.classList.toggle("smooth", Boolean(smooth));
    canvas.style.transform = `translate(${left}px,${top}px) scale(${scale})`;
    showFrame();
  };
  const zoom = (factor, x = view.clientWidth / 2, y = view.clientHeight / 2, smooth = false) => {
    const next = Math.min(4, Math.max(0.02, scale * factor));
    left = x - (x - left) * next / scale;
    top = y - (y - top) * next / scale;
    scale = next;
    show(smooth);
  };
  const fit = () => {
    scale = Math.min(1.25, view.clientWidth / width, view.clientHeight / height);
    left = (view.clientWidth - width * scale) / 2;
    top = Math.max(0, (view.clientHeight - height * scale) / 2);
    show(true);
  };
  // A graph that would be too small to read begins with its upper end, as wide as the view if that is legible.
  const start = () => {
    const across = view.clientWidth / width, whole = Math.min(across, view.clientHeight / height);
    scale = Math.min(1.25, whole >= 0.8 ? whole : Math.min(1, Math.max(0.75, across)));
    left = Math.max(0, (view.clientWidth - width * scale) / 2);
    top = Math.max(0, (view.clientHeight - height * scale) / 2);
    show(false);
  };
  const reveal = (number, center) => {
    const box = boxes.get(number), x = left + box.x * scale, y = top + box.y * scale;
    const w = box.width * scale, h = box.height * scale, margin = 30;
    if (center) { left += view.clientWidth / 2 - x - w / 2; top += view.clientHeight / 2 - y - h / 2; }
    else {
      if (x < margin) left += margin - x; else if (x + w > view.clientWidth - margin) left += view.clientWidth - margin - x - w;
      if (y < margin) top += margin - y; else if (y + h > view.clientHeight - margin) top += view.clientHeight - margin - y - h;
    }
    show(true);
  };
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey || !event.shiftKey) {
      const box = view.getBoundingClientRect();
      zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 250), event.clientX - box.left, event.clientY - box.top);
    } else { left -= event.deltaY + event.deltaX; show(); }
  }, { passive: false });
  const pointers = new Map();
  let moved = 0;
  view.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    pointers.set(event.pointerId, event);
    moved = 0;
  });
  view.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved > 4 && !view.hasPointerCapture(event.pointerId)) { view.setPointerCapture(event.pointerId); view.classList.add("moving"); }
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const length = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const box = view.getBoundingClientRect();
      zoom(length(event) / Math.max(1, length(before)), other.clientX - box.left, other.clientY - box.top);
    } else { left += dx; top += dy; show(); }
  });
  for (const type of ["pointerup", "pointercancel"]) view.addEventListener(type, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) view.classList.remove("moving");
  });

  // Details
  const make = (tag, text, ...children) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    element.append(...children);
    return element;
  };
  const link = (number, use) => {
    const button = make("button", "", make("span", boxes.get(number).label), ...(use ? [make("small", use)] : []));
    button.type = "button";
    button.addEventListener("click", () => choose(number, true));
    return make("li", "", button);
  };
  const facts = (rows) => make("dl", "", ...rows.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  const section = (title, ...content) => [make("h3", title), ...content];
  const describe = (node) => {
    const parts = [make("h2", node.label)];
    const first = [["Kind", node.kind]];
    if (node.stage) first.push(["Stage", node.stage]);
    if (node.step) first.push(["Step", node.step]);
    if (node.run) first.push(["Run", node.run]);
    if (node.reason) first.push(["Why it ran", node.reason]);
    if (node.notes) first.push(["Note", node.notes]);
    parts.push(facts(first));
    for (const excerpt of node.source) {
      const text = make("pre");
      for (const [line, content] of excerpt.lines) text.append(make("div", "", make("b", String(line).padStart(3) + "  "), content));
      parts.push(...section(excerpt.file, text));
    }
    if (node.inputs.length) parts.push(...section("Reads", make("ul", "", ...node.inputs.map((input) => link(input.number, input.use)))));
    const read = readers.get(node.number) || [];
    if (read.length) parts.push(...section("Read by", make("ul", "", ...[...new Set(read)].map((number) => link(number)))));
    if (node.facts.length) parts.push(...section("Op", facts(node.facts)));
    if (node.environment.length) parts.push(...section("Environment", facts(node.environment)));
    parts.push(...section("Digest", make("pre", node.digest)));
    about.replaceChildren(...parts);
    $("details").scrollTop = 0;
  };
  let chosen = null, current = data.result || (data.nodes[0] && data.nodes[0].number);
  const focus = (number, center) => {
    if (ops.has(current)) ops.get(current).setAttribute("tabindex", "-1");
    current = number;
    const op = ops.get(number);
    op.setAttribute("tabindex", "0");
    op.focus({ preventScroll: true });
    reveal(number, center);
  };
  const clear = () => {
    if (ops.has(chosen)) ops.get(chosen).setAttribute("aria-pressed", "false");
    for (const arrow of svg.querySelectorAll(".chosen")) arrow.classList.remove("chosen");
    chosen = null;
  };
  const choose = (number, center) => {
    clear();
    chosen = number;
    ops.get(number).setAttribute("aria-pressed", "true");
    for (const arrow of arrows.get(String(number)) || []) arrow.classList.add("chosen");
    describe(boxes.get(number));
    focus(number, center);
  };
  if (ops.has(current)) ops.get(current).setAttribute("tabindex", "0");
  svg.addEventListener("click", (event) => {
    const op = event.target.closest(".op[data-number]");
    if (op && moved <= 4) choose(Number(op.dataset.number), false);
  });

  // The arrows of the step under the pointer stand out, so that they can be followed where many run side by side.
  const trace = (number) => {
    for (const arrow of svg.querySelectorAll(".traced")) arrow.classList.remove("traced");
    svg.classList.toggle("tracing", arrows.has(number));
    for (const arrow of arrows.get(number) || []) arrow.classList.add("traced");
  };
  svg.addEventListener("pointerover", (event) => {
    const op = event.pointerType === "mouse" && event.target.closest(".op[data-number]");
    trace(op ? op.dataset.number : null);
  });
  svg.addEventListener("pointerleave", () => trace(null));

  // Keyboard
  const nearest = (from, isAhead, distance) => {
    let best = null, least = Infinity;
    for (const node of data.nodes) {
      const length = isAhead(node) ? distance(node) : Infinity;
      if (length < least) { least = length; best = node.number; }
    }
    return best;
  };
  const vertical = (node, numbers, sign) => {
    const middle = node.x + node.width / 2;
    const all = numbers.map((number) => boxes.get(number));
    all.sort((one, other) => Math.abs(one.x + one.width / 2 - middle) - Math.abs(other.x + other.width / 2 - middle)
      || sign * (one.y - other.y) || one.number - other.number);
    return all.length ? all[0].number : null;
  };
  const moves = {
    ArrowUp: (node) => vertical(node, node.inputs.map((input) => input.number), -1),
    ArrowDown: (node) => vertical(node, readers.get(node.number) || [], 1),
    ArrowLeft: (node) => nearest(node, (other) => other.x + other.width <= node.x, (other) => node.x - other.x + 4 * Math.abs(other.y - node.y)),
    ArrowRight: (node) => nearest(node, (other) => other.x >= node.x + node.width, (other) => other.x - node.x + 4 * Math.abs(other.y - node.y)),
    Home: () => data.nodes[0].number,
    End: () => data.result,
  };
  svg.addEventListener("keydown", (event) => {
    const op = event.target.closest(".op[data-number]");
    if (!op || event.ctrlKey || event.metaKey || event.altKey) return;
    const number = Number(op.dataset.number);
    if (event.key === "Enter" || event.key === " ") choose(number, false);
    else if (moves[event.key]) { const next = moves[event.key](boxes.get(number)); if (next) focus(next, false); }
    else return;
    event.preventDefault();
  });
  const keys = { "+": () => zoom(1.25, undefined, undefined, true), "=": () => zoom(1.25, undefined, undefined, true), "-": () => zoom(0.8, undefined, undefined, true), 0: fit, "/": () => search.focus() };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { search.value = ""; find(); clear(); about.replaceChildren(); if (ops.has(current)) ops.get(current).focus({ preventScroll: true }); }
    else if (event.target !== search && keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // Search
  let hits = [], at = -1;
  const find = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    hits = words.length ? data.nodes.filter((node) => words.every((word) => node.search.includes(word))).map((node) => node.number) : [];
    at = -1;
    svg.classList.toggle("searching", words.length > 0);
    const found = new Set(hits);
    for (const [number, op] of ops) op.classList.toggle("hit", found.has(number));
    status.textContent = words.length ? `${hits.length} found` : "";
  };
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !hits.length) return;
    at = (at + (event.shiftKey ? hits.length - 1 : 1)) % hits.length;
    status.textContent = `${at + 1} of ${hits.length}`;
    const number = hits[at];
    clear();
    chosen = number;
    ops.get(number).setAttribute("aria-pressed", "true");
    for (const arrow of arrows.get(String(number)) || []) arrow.classList.add("chosen");
    describe(boxes.get(number));
    if (ops.has(current)) ops.get(current).setAttribute("tabindex", "-1");
    current = number;
    ops.get(number).setAttribute("tabindex", "0");
    reveal(number, true);
  });

  // Toolbar and timeline
  $("zoom-in").addEventListener("click", () => keys["+"]());
  $("zoom-out").addEventListener("click", () => keys["-"]());
  $("fit").addEventListener("click", fit);
  const themes = ["auto", "light", "dark"];
  $("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || "auto") + 1) % themes.length];
    if (next === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
    $("theme").textContent = `Theme: ${next}`;
    drawMap();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMap);
  new ResizeObserver(showFrame).observe(view);
  let theme;
  addEventListener("beforeprint", () => { theme = document.documentElement.dataset.theme; document.documentElement.dataset.theme = "light"; });
  addEventListener("afterprint", () => { if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme; });
  if (innerWidth <= 800) for (const part of document.querySelectorAll("details")) part.open = false;
  for (const button of document.querySelectorAll(".timeline button[data-number]"))
    button.addEventListener("click", () => choose(Number(button.dataset.number), true));
  drawMap();
  start();
})();
