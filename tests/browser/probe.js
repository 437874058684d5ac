// What the tests look at in every page, without changing what the page gets unless they ask for it:
// window.swProbe.

window.swProbe = (() => {
  const captures = [];
  const tracks = new Set();
  const devices = navigator.mediaDevices;
  if (devices) {
    const original = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      captures.push({ audio: Boolean(constraints?.audio), video: Boolean(constraints?.video) });
      const stream = await original(constraints);
      for (const track of stream.getTracks()) tracks.add(track);
      return stream;
    };
  }

  // weak, as the tests also look at what is left in memory
  const connections = [];
  let isSlow = false;
  const Original = window.RTCPeerConnection;
  if (Original) {
    window.RTCPeerConnection = class RTCPeerConnection extends Original {
      constructor(...args) {
        super(...args);
        connections.push(new WeakRef(this));
      }

      async getStats(...args) {
        const stats = await super.getStats(...args);
        if (!isSlow) return stats;
        const slow = (report) => (report.type === "candidate-pair" ? { ...report, availableOutgoingBitrate: 50_000 } : report);
        return new Map([...stats].map(([id, report]) => [id, slow(report)]));
      }
    };
  }

  // a host has sockets, too, to its own server
  const sockets = new Set();
  window.WebSocket = class WebSocket extends window.WebSocket {
    constructor(...args) {
      super(...args);
      if (new URL(this.url).host === location.host) return;
      sockets.add(this);
      this.addEventListener("close", () => sockets.delete(this));
    }
  };

  // Those of our code alone: it is evaluated from a blob, and a host's is not. Who called is the
  // line below this file's own.
  const timers = new Map();
  for (const kind of ["Timeout", "Interval"]) {
    const [set, clear] = [window[`set${kind}`], window[`clear${kind}`]];
    window[`set${kind}`] = (work, ms, ...args) => {
      const { stack } = new Error();
      const caller = stack.split("\n")[2] ?? "";
      if (!caller.includes("blob:")) return set(work, ms, ...args);
      const done = (...given) => {
        if (kind === "Timeout") timers.delete(id);
        work(...given);
      };
      const id = set(done, ms, ...args);
      timers.set(id, `${kind} of ${ms ?? 0} ms${caller.replace(/\bblob:\S+\/[-0-9a-f]+/, "")}`);
      return id;
    };
    // either takes what the other has set
    window[`clear${kind}`] = (id) => {
      timers.delete(id);
      clear(id);
    };
  }

  /** All records of this origin's databases. */
  const databases = async () => {
    const parts = [];
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        parts.push(JSON.stringify(await done(database.transaction(store).objectStore(store).getAll())));
      }
      database.close();
    }
    return parts.join("\n");
  };

  const cached = async () => {
    const parts = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        parts.push(request.url, await answer.text());
      }
    }
    return parts.join("\n");
  };

  const usual = new Set([...Object.getOwnPropertyNames(window), "jupyterapp", "swLab", "swProbe"]);

  /** The texts in what hangs on the window, beside what the browser and these tests hang there. */
  const globals = () => {
    const parts = [];
    const seen = new WeakSet();
    const look = (value, depth) => {
      if (typeof value === "string") parts.push(value);
      if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
      if (depth === 0 || seen.has(value) || value instanceof Node || value === window) return;
      seen.add(value);
      const inside = value instanceof Map || value instanceof Set ? [...value].flat() : [];
      for (const key of Reflect.ownKeys(value)) {
        const own = Object.getOwnPropertyDescriptor(value, key);
        if (own && "value" in own) inside.push(own.value);
      }
      for (const part of inside) look(part, depth - 1);
    };
    for (const name of Object.getOwnPropertyNames(window)) {
      if (!usual.has(name)) look({ [name]: window[name] }, 6);
    }
    return parts.join("\n");
  };

  // marimo puts each widget into a shadow root
  const views = (root) => {
    const roots = [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? []);
    return [...root.querySelectorAll(".sw-call"), ...roots.flatMap(views)];
  };

  const video = (view, side) => {
    const found = views(document)[view]?.querySelector(`.sw-${side} video`);
    if (!found) throw new Error(`no ${side} video in view ${view}`);
    return found;
  };

  const once = (element) => new Promise((resolve) => element.requestVideoFrameCallback((_, info) => resolve(info)));

  return {
    captures,
    live: () => [...tracks].filter((track) => track.readyState === "live").map((track) => track.kind),

    /** All that a call can leave behind, in words: tracks, connections, sockets and timers. */
    left: () => [
      ...[...tracks].filter((track) => track.readyState === "live").map((track) => `a live ${track.kind} track`),
      ...connections.flatMap((weak) => weak.deref() ?? []).filter((one) => one.signalingState !== "closed").map(() => "a peer connection"),
      ...[...sockets].map(({ url }) => `a socket to ${url}`),
      ...timers.values(),
    ],

    /** What the tests do to a person's devices, as no fake device of Chromium can be unplugged. */
    unplug: (kind) => {
      for (const track of tracks) {
        if (track.kind !== kind || track.readyState !== "live") continue;
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
    },

    /** Let every connection measure 50 kbit/s, or what is so. */
    slow: (slow) => {
      isSlow = slow;
    },

    /** The devices that are captured now, by kind. */
    devices: () => Object.fromEntries([...tracks].filter((track) => track.readyState === "live").map((track) => [track.kind, track.getSettings().deviceId])),

    /** What the connections that are up send through: the candidates of each selected pair. */
    pairs: async () => {
      const found = [];
      for (const connection of connections.map((weak) => weak.deref())) {
        if (connection?.connectionState !== "connected") continue;
        const stats = await connection.getStats();
        for (const { type, selectedCandidatePairId } of stats.values()) {
          const pair = type === "transport" && stats.get(selectedCandidatePairId);
          if (!pair) continue;
          const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
          const { bytesSent, bytesReceived } = pair;
          found.push({ local: local.candidateType, remote: remote.candidateType, relayProtocol: local.relayProtocol ?? null, bytesSent, bytesReceived });
        }
      }
      return found;
    },

    /** Resolve after `count` frames were presented, with the size of the last. */
    frames: async (view, side, count) => {
      const element = video(view, side);
      let last;
      for (let seen = 0; seen < count; seen++) last = await once(element);
      return { width: last.width, height: last.height, presented: last.presentedFrames };
    },

    /** How many frames the element has shown so far. */
    shown: (view, side) => video(view, side).getVideoPlaybackQuality().totalVideoFrames,

    /** The strip of the next frame: 80 cells of 2 rows as bits. */
    strip: async (view, side) => {
      const element = video(view, side);
      await once(element);
      const canvas = new OffscreenCanvas(element.videoWidth, element.videoHeight);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(element, 0, 0);
      const cell = { width: canvas.width / 40, height: (canvas.height * 16) / 360 };
      const bits = [];
      for (let row = 0; row < 2; row++) {
        for (let column = 0; column < 40; column++) {
          const x = Math.floor((column + 0.5) * cell.width);
          const y = Math.floor((row + 0.5) * cell.height);
          const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
          bits.push(0.299 * red + 0.587 * green + 0.114 * blue > 127);
        }
      }
      return bits;
    },

    element: (view, side) => {
      const element = video(view, side);
      const { autoplay, muted, playsInline } = element;
      return {
        attributes: ["autoplay", "muted", "playsinline"].filter((name) => element.hasAttribute(name)),
        properties: { autoplay, muted, playsInline },
        source: element.srcObject instanceof MediaStream,
      };
    },

    /** Everything a page could leave to others, by the place where it is. */
    everything: async () => ({
      document: [document.documentElement.outerHTML, ...[...document.querySelectorAll("input, textarea")].map(({ value }) => value)].join("\n"),
      "local storage": JSON.stringify(localStorage),
      "session storage": JSON.stringify(sessionStorage),
      cookies: document.cookie,
      databases: await databases(),
      caches: await cached(),
      address: [location.href, JSON.stringify(history.state), document.referrer, window.name].join("\n"),
      globals: globals(),
    }),
  };
})();
