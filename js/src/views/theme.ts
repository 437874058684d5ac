/** Whether the host is light or dark, by its own marks where it has some. */

/** Keep `root[data-theme]` in step with the host. */
export function followTheme(root: HTMLElement, signal: AbortSignal): void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    root.dataset.theme = isDark(media.matches) ? "dark" : "light";
  };
  apply();
  media.addEventListener("change", apply, { signal });
  const observer = new MutationObserver(apply);
  for (const target of [document.documentElement, document.body]) {
    observer.observe(target, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-theme"] });
  }
  signal.addEventListener("abort", () => {
    observer.disconnect();
  });
}

export function isDark(prefersDark: boolean): boolean {
  const { body, documentElement: html } = document;
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false";
  for (const { classList, dataset } of [body, html]) {
    if (dataset.theme === "dark" || dataset.theme === "light") return dataset.theme === "dark";
    for (const dark of ["vscode-dark", "vscode-high-contrast", "dark"]) if (classList.contains(dark)) return true;
    for (const light of ["vscode-light", "vscode-high-contrast-light", "light"]) {
      if (classList.contains(light)) return false;
    }
  }
  return prefersDark;
}
