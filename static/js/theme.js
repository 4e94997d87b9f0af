// Runs before the first paint, as a classic script: the chosen colours, or the system's; and that there is script.
{
  document.documentElement.dataset.script = "";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    let choice = "auto";
    try { choice = localStorage.getItem("natter:theme") ?? "auto"; } catch { /* storage may be forbidden */ }
    document.documentElement.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  paint();
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  document.addEventListener("natter:theme", paint);
}
