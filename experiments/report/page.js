"use strict";
window.addEventListener("error", (event) => { document.documentElement.dataset.error = event.message; });

const weeks = JSON.parse(document.getElementById("weeks").textContent);

for (const select of document.querySelectorAll("select[data-group]")) {
  const choose = () => {
    for (const part of document.querySelectorAll(`[data-part="${select.dataset.group}"]`)) {
      part.hidden = part.dataset.policy !== select.value;
    }
  };
  select.addEventListener("change", choose);
  choose();
}

for (const figure of document.querySelectorAll(".dispatch")) {
  const week = weeks[Number(figure.dataset.index)];
  const slider = figure.querySelector("input");
  const readout = figure.querySelector(".readout");
  const rows = week.columns[0].values.length;
  const time = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
  });

  const show = (row) => {
    slider.value = row;
    for (const cursor of figure.querySelectorAll(".cursor")) {
      cursor.hidden = false;
      cursor.style.left = `${(100 * (row + 0.5)) / rows}%`;
    }
    const head = document.createElement("strong");
    head.textContent = `${time.format(new Date(1000 * (week.start + row * week.interval)))} UTC`;
    const list = document.createElement("ul");
    for (const column of week.columns) {
      const item = document.createElement("li");
      const key = document.createElement("i");
      key.className = `key c-${column.css}`;
      const value = document.createElement("b");
      value.textContent = `${column.values[row].toFixed(column.digits)} ${column.unit}`;
      item.append(key, column.label, value);
      list.append(item);
    }
    readout.replaceChildren(head, list);
    slider.setAttribute("aria-valuetext", head.textContent);
  };

  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const plot of figure.querySelectorAll(".plot")) {
    const follow = (event) => {
      const box = plot.getBoundingClientRect();
      show(Math.min(rows - 1, Math.max(0, Math.floor((rows * (event.clientX - box.left)) / box.width))));
    };
    plot.addEventListener("pointermove", follow);
    plot.addEventListener("pointerdown", follow);
  }
}
document.documentElement.dataset.ready = "yes";
