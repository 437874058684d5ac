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

    /** Everything this origin keeps, and the document, as one text. */
    everything: async () => {
      const parts = [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
      for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(opening.error);
        });
        for (const store of database.objectStoreNames) {
          const values = await new Promise((resolve, reject) => {
            const reading = database.transaction(store).objectStore(store).getAll();
            reading.onsuccess = () => resolve(reading.result);
            reading.onerror = () => reject(reading.error);
          });
          parts.push(JSON.stringify(values));
        }
        database.close();
      }
      for (const input of document.querySelectorAll("input")) parts.push(input.value);
      return parts.join("\n");
    },
  };
})();
