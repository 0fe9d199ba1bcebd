// Draw every plot in its place, in the colours of the page, and again when those change.
"use strict";
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 640px)");

  const config = () => {
    const style = getComputedStyle(document.documentElement);
    const text = style.getPropertyValue("--text").trim();
    const faint = style.getPropertyValue("--faint").trim();
    const line = style.getPropertyValue("--line").trim();
    const font = getComputedStyle(document.body).fontFamily;
    const size = narrow.matches ? 10 : 12;
    return {
      background: null,
      font,
      view: { stroke: null },
      axis: {
        labelColor: faint, titleColor: faint, gridColor: line, domainColor: line,
        tickColor: line, labelFontSize: size, titleFontSize: size, titleFontWeight: "normal",
      },
      legend: {
        labelColor: text, titleColor: faint, labelFontSize: size, titleFontSize: size,
        titleFontWeight: "normal", columns: narrow.matches ? 3 : 5, labelLimit: 130,
        symbolType: "square",
      },
    };
  };

  const draw = async () => {
    for (const [name, spec] of Object.entries(plots)) {
      const place = document.getElementById(`plot-${name}`);
      await vegaEmbed(place, spec, {
        actions: false, ast: true, renderer: "svg", config: config(),
        tooltip: { theme: dark.matches ? "dark" : "light" },
      });
      place.dataset.drawn = "yes";
    }
    document.documentElement.dataset.drawn = "yes";
  };

  let last = draw();
  const again = () => { last = last.then(draw); };
  dark.addEventListener("change", again);
  narrow.addEventListener("change", again);
})();
