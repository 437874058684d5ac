// What the benchmarks do inside a JupyterLab page, so that no round trip of theirs is measured.

window.swBench = (() => {
  const panel = (path) => [...window.jupyterapp.shell.widgets("main")].find((found) => found.context?.path === path);

  /** The ipywidgets model of the last view in a document. */
  const model = (path) => {
    const views = [];
    const walk = (widget) => {
      if (widget._view) views.push(widget._view);
      else for (const child of widget.children?.() ?? []) walk(child);
    };
    walk(panel(path));
    return views.at(-1).model;
  };

  /** Call `send(n)` for n = 1 to `count`, so many a second; those that are due leave together. */
  const pace = (count, rate, send) =>
    new Promise((resolve) => {
      const begun = performance.now();
      let sent = 0;
      const tick = () => {
        const due = Math.min(count, Math.floor(((performance.now() - begun) * rate) / 1000));
        while (sent < due) send(++sent);
        if (sent === count) resolve();
        else setTimeout(tick, 1);
      };
      tick();
    });

  const now = () => Date.now() / 1000;

  return {
    /** Run a cell; milliseconds until each selector has so many elements, and they are painted. */
    show: async (path, source, selectors, count) => {
      const { node } = panel(path);
      const open = new Set(selectors);
      const seen = {};
      const begun = performance.now();
      await new Promise((resolve) => {
        const look = () => {
          for (const selector of open) {
            if (node.querySelectorAll(selector).length < count) continue;
            open.delete(selector);
            requestAnimationFrame(() => {
              seen[selector] = performance.now() - begun;
              if (Object.keys(seen).length === selectors.length) resolve();
            });
          }
          if (open.size === 0) observer.disconnect();
        };
        const observer = new MutationObserver(look);
        observer.observe(node, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
        void window.swLab.start(path, source);
      });
      return seen;
    },

    /** Click on Dial as a page of its own, and report statuses of that attempt, numbered in `raw`. */
    statuses: async (path, count, rate) => {
      const call = model(path);
      const page = `bench-${crypto.randomUUID()}`;
      let attempt = 0;
      const send = (message) => call.send({ page, ...message }, undefined, []);
      const outbox = new window.swOutbox(page, send); // as a call's own page
      const report = (event) => {
        outbox.report(attempt, event);
      };
      attempt = await new Promise((resolve) => {
        const listener = (message) => {
          if (message.kind !== "command" || message.page !== page) return;
          call.off("msg:custom", listener);
          resolve(message.attempt);
        };
        call.on("msg:custom", listener);
        send({ kind: "act", act: "dial", pasted_token: false });
      });
      report({ type: "accepted" });
      await pace(count, rate, (n) => {
        report({ type: "status", status: n % 2 ? "ringing" : "connecting", raw: String(n) });
      });
      report({ type: "status", status: "destroyed", raw: null });
    },

    /** Click on Dial in the last view of a document; the time of the click. */
    click: (path) => {
      const button = [...panel(path).node.querySelectorAll(".sw-call button")].find(({ textContent }) => textContent === "Dial");
      const clicked = now();
      button.click();
      return clicked;
    },

    /** What the line itself does: numbered messages that mean nothing. */
    messages: async (path, count, rate) => {
      const widget = model(path);
      await pace(count, rate, (n) => {
        widget.send([n, now()], undefined, []);
      });
    },

    /** The naive way: write a trait, with the same number and time in it. */
    writes: async (path, count, rate) => {
      const widget = model(path);
      await pace(count, rate, (n) => {
        widget.set("status", `${n} ${now()}`);
        widget.save_changes();
      });
    },
  };
})();
