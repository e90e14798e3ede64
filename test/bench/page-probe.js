// Put into the page of groups before its own scripts: tells the bench what a reader sees there, and when.

globalThis.probe = {
  /** Resolves to the milliseconds from the start of the navigation until a frame with the first row had been made. */
  firstRow: untilFirstRow(),

  firstPaint() {
    return performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  },

  /** Number of the last row in the document, the first being 1; 0 when there is none. */
  lastRow() {
    const last = document.querySelector(
      ".virtual-table tbody tr[aria-rowindex]:nth-last-child(1 of tr[aria-rowindex])",
    );
    return Number(last?.getAttribute("aria-rowindex") ?? 1) - 1; // the head counts
  },

  /** Milliseconds until the table stands still and shows rows only; infinite if it does not within the limit. */
  async settled({ limitMs }) {
    const begun = performance.now();
    const table = document.querySelector(".virtual-table");
    let before = -1;
    while (performance.now() - begun < limitMs) {
      await nextFrame();
      if (table.scrollTop === before && showsRows()) return performance.now() - begun;
      before = table.scrollTop;
    }
    return Number.POSITIVE_INFINITY;
  },

  /** Resolves once the page says so many groups, and shows rows of them. */
  counted(text) {
    return until(() => document.querySelector(".list-count")?.textContent === text && showsRows(), text);
  },

  /** Resolves to the milliseconds from frame to frame until `stopFrames`. */
  async frames() {
    const intervals = [];
    isRecording = true;
    for (let before = await nextFrame(); isRecording; ) {
      const now = await nextFrame();
      intervals.push(now - before);
      before = now;
    }
    return intervals;
  },

  stopFrames() {
    isRecording = false;
  },
};

let isRecording = false;

async function untilFirstRow() {
  await until(() => document.querySelector(".virtual-table tbody tr[aria-rowindex]"), "a row");
  // What is in the document now is painted before the frame after.
  await nextFrame();
  return performance.now();
}

/** Rejects after a minute. */
async function until(condition, what) {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`the page does not show ${what}`);
    await nextFrame();
  }
}

/** Whether there are rows, and neither blanks nor a row that is being read, from the head of the table down to its end. */
function showsRows() {
  const table = document.querySelector(".virtual-table");
  const head = table?.querySelector("th"); // the cells stay in place, not the row
  if (!table || !head) return false;
  const { bottom, left, width } = table.getBoundingClientRect();
  const end = Math.min(bottom, innerHeight);
  for (let y = head.getBoundingClientRect().bottom + 5; y < end - 20; y += 19) {
    const row = document.elementFromPoint(left + width / 2, y)?.closest("tr");
    if (!row?.hasAttribute("aria-rowindex")) return false;
  }
  return true;
}

function nextFrame() {
  return new Promise(requestAnimationFrame);
}
