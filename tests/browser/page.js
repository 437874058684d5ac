// What the tests ask of JupyterLab, as promises that end: window.swLab, in every page.

window.swLab = (() => {
  const app = () => window.jupyterapp;
  const cells = new Map();

  const within = (promise, ms, what) => {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  };

  const find = (path) =>
    [...app().shell.widgets("main")].find((widget) => widget.context?.path === path);

  const panel = (path) => {
    const found = find(path);
    if (!found) throw new Error(`${path} is not open in this page`);
    return found;
  };

  const kernel = (path) => panel(path).sessionContext.session?.kernel;

  const current = async (path) => {
    const widget = panel(path);
    app().shell.activateById(widget.id);
    return widget;
  };

  // resolves when the kernel has one of these statuses, without polling
  const status = (path, wanted, ms) => {
    const context = panel(path).sessionContext;
    const seen = () => context.session?.kernel?.status ?? "none";
    const promise = new Promise((resolve) => {
      const look = () => {
        if (!wanted.includes(seen())) return;
        context.statusChanged.disconnect(look);
        context.kernelChanged.disconnect(look);
        resolve(seen());
      };
      context.statusChanged.connect(look);
      context.kernelChanged.connect(look);
      look();
    });
    return within(promise, ms, `kernel status ${wanted.join(" or ")}`);
  };

  const ready = async (path, ms) => {
    const widget = panel(path);
    await within(widget.context.ready, ms, "opening the document");
    await within(widget.sessionContext.ready, ms, "starting the kernel");
    await status(path, ["idle"], ms);
    return { panel: widget.id, kernel: kernel(path).id };
  };

  // JupyterLab announces a kernel's death in a dialog, over whatever comes next
  const dismiss = () => {
    for (const dialog of document.querySelectorAll(".jp-Dialog")) {
      dialog.querySelector("button.jp-mod-reject, button.jp-mod-accept")?.click();
    }
  };

  const shown = (path) =>
    new Promise((resolve) => {
      const { currentChanged } = app().shell;
      const look = () => {
        if (!find(path)) return;
        currentChanged.disconnect(look);
        resolve();
      };
      currentChanged.connect(look);
      look();
    });

  const open = async (path, ms) => {
    await within(app().restored, ms, "starting the application");
    dismiss();
    // Notebook 7 has one document to a page, and would open another page
    const opened = location.pathname.includes("/notebooks/")
      ? shown(path)
      : app().commands.execute("docmanager:open", { path, factory: "Notebook" });
    await within(opened, ms, "opening the document");
    return ready(path, ms);
  };

  const start = async (path, source) => {
    const { content } = await current(path);
    const model = content.model.sharedModel;
    model.addCell({ cell_type: "code", source });
    const index = model.cells.length - 1;
    content.activeCellIndex = index;
    content.deselectAll();
    const id = model.cells[index].id;
    const done = app().commands.execute("notebook:run-cell");
    done.catch(() => {}); // whoever waits sees it
    cells.set(id, done);
    return id;
  };

  const again = async (path, id) => {
    const { content } = await current(path);
    content.activeCellIndex = content.model.sharedModel.cells.findIndex((cell) => cell.id === id);
    content.deselectAll();
    const done = app().commands.execute("notebook:run-cell");
    done.catch(() => {});
    cells.set(id, done);
  };

  const edit = (path, id, source) => {
    const model = panel(path).content.model.sharedModel;
    model.cells.find((cell) => cell.id === id).setSource(source);
  };

  const outputs = (path, id) => {
    const model = panel(path).content.model.sharedModel;
    return model.cells.find((cell) => cell.id === id).toJSON().outputs;
  };

  const redraw = (path) => {
    for (const { outputArea } of panel(path).content.widgets) {
      outputArea?.model.fromJSON(outputArea.model.toJSON());
    }
  };

  const wait = async (path, id, ms) => {
    await within(cells.get(id), ms, "the cell");
    return outputs(path, id);
  };

  const runAll = async (path, ms) => {
    const { content } = await current(path);
    await within(app().commands.execute("notebook:run-all-cells"), ms, "the notebook");
    const all = content.model.sharedModel.cells.map((cell) => cell.toJSON());
    return all.filter((cell) => cell.cell_type === "code").map((cell) => cell.outputs);
  };

  const theme = async (name) => {
    const { commands } = app();
    const light = String(name === "JupyterLab Light");
    const changed = new Promise((resolve) => {
      const look = () => {
        if (document.body.dataset.jpThemeLight !== light) return;
        observer.disconnect();
        resolve();
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { attributes: true });
      look();
    });
    await commands.execute("apputils:change-theme", { theme: name });
    await within(changed, 10000, "changing the theme");
  };

  // the model of the last view
  const model = (path) => {
    const views = [];
    const walk = (widget) => {
      if (widget._view) views.push(widget._view);
      else for (const child of widget.children?.() ?? []) walk(child);
    };
    walk(panel(path));
    return views.at(-1).model;
  };

  // what a page would send over its comm
  const post = (path, content) => {
    model(path).send(content, undefined, []);
  };

  // click on Dial as a page of its own, and report so many numbered lines of that attempt at once,
  // through the outbox that a call has; what was sent by then
  const flood = async (path, count, ms) => {
    const call = model(path);
    const page = `flood-${crypto.randomUUID()}`;
    const sent = { messages: 0, events: 0 };
    const send = (message) => call.send({ page, ...message }, undefined, []);
    const outbox = new window.swOutbox(page, (message) => {
      sent.messages += 1;
      sent.events += message.events.length;
      send(message);
    });
    const commanded = new Promise((resolve) => {
      const listener = (message) => {
        if (message.kind !== "command" || message.page !== page) return;
        call.off("msg:custom", listener);
        resolve(message.attempt);
      };
      call.on("msg:custom", listener);
    });
    send({ kind: "act", act: "dial", pasted_token: false });
    const attempt = await within(commanded, ms, "the command to dial");
    outbox.report(attempt, { type: "accepted" });
    for (let n = 0; n < count; n++) outbox.report(attempt, { type: "log", level: "info", text: `line ${n}` });
    outbox.report(attempt, { type: "status", status: "destroyed", raw: null });
    return sent;
  };

  return {
    again,
    edit,
    flood,
    open,
    outputs,
    post,
    redraw,
    runAll,
    start,
    status,
    theme,
    wait,
    isOpen: (path) => Boolean(app() && find(path)),
    kernelStatus: (path) => kernel(path)?.status ?? "none",
    save: (path, ms) => within(panel(path).context.save(), ms, "saving"),
    clearOutputs: async (path) => {
      await current(path);
      await app().commands.execute("notebook:clear-all-cell-outputs");
    },
    interrupt: (path) => kernel(path).interrupt(),
    restart: async (path, ms) => {
      await within(kernel(path).restart(), ms, "restarting the kernel");
      return ready(path, ms);
    },
    shutdown: (path, ms) => within(panel(path).sessionContext.shutdown(), ms, "the shutdown"),
    dismiss,
    dispose: (path) => {
      panel(path).dispose();
      dismiss();
    },
    close: async (path, ms) => {
      // saved first, so that JupyterLab does not ask
      await within(panel(path).context.save(), ms, "saving");
      panel(path).close();
    },
  };
})();
