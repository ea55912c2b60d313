"use strict";
(function () {
  document.querySelectorAll("a.svg").forEach((link) => {
    link.href = link.closest("figure").querySelector("img").src;
  });
  const held = document.getElementById("views");
  if (!held) return;
  const views = JSON.parse(held.textContent);
  const stage = document.getElementById("stage");
  const buttons = Array.from(document.querySelectorAll("#choice button"));
  let viewer = null;

  function show(number) {
    const view = views[number];
    viewer = viewer || $3Dmol.createViewer(stage, { backgroundColor: "white" });
    viewer.stopAnimate();
    viewer.clear();
    const text = view.frames.join("");
    const model = view.frames.length > 1 ? viewer.addModelsAsFrames(text, "xyz") : viewer.addModel(text, "xyz");
    viewer.setStyle({}, { stick: { radius: 0.12, colorscheme: "Jmol" }, sphere: { scale: 0.27, colorscheme: "Jmol" } });
    if (view.frames[0].includes("Lattice=")) viewer.addUnitCell(model, { box: { color: "#8a94a0" } });
    viewer.zoomTo();
    viewer.render();
    if (view.frames.length > 1) viewer.animate({ loop: "backAndForth", interval: 350 });
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === number)));
    document.getElementById("shown").textContent = view.study + ", " + view.name + " (" + view.formula + ", " + view.atoms + " atoms)";
    document.getElementById("xyz").href = "data:chemical/x-xyz;charset=utf-8," + encodeURIComponent(text);
  }

  buttons.forEach((button, index) => button.addEventListener("click", () => show(index)));
  show(0);
})();
