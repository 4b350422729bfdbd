// The uploads of this tab that are not whole yet, in IndexedDB: a reload goes on with them. Where the
// browser keeps nothing (a private window, no room), it loses them, and all else is as it is here.

const NAME = "video2mp3";
const STORE = "uploads";
const TAB = "video2mp3.tab";
const LIFETIME = 86_400_000; // milliseconds; the service keeps them for a day too

export class Kept {
  #tab = tab();
  #database = open();

  put(user, { key, file, fields, url }) {
    const record = { key, user, tab: this.#tab, time: Date.now(), file, fields, url };
    return this.#run("readwrite", (store) => store.put(record));
  }

  remove({ key }) {
    return this.#run("readwrite", (store) => store.delete(key));
  }

  // Those of `user` in this tab. What others left here, or a tab of yesterday, is removed.
  async of(user) {
    const all = (await this.#run("readonly", (store) => store.getAll())) ?? [];
    const mine = (record) => record.tab === this.#tab;
    const over = ({ time }) => Date.now() - time > LIFETIME;
    const good = all.filter((record) => mine(record) && record.user === user && !over(record));
    all
      .filter((record) => over(record) || (mine(record) && record.user !== user))
      .forEach((record) => this.remove(record));
    return good.sort((one, other) => one.time - other.time);
  }

  async #run(mode, work) {
    try {
      const database = await this.#database;
      return await result(work(database.transaction(STORE, mode).objectStore(STORE)));
    } catch {
      return undefined; // as said above
    }
  }
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  const opened = result(request);
  opened.catch(() => {}); // whoever uses it meets the same error
  return opened;
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// A name of the tab, which a reload keeps.
function tab() {
  const made = String(Math.random()).slice(2);
  try {
    const known = sessionStorage.getItem(TAB) ?? made;
    sessionStorage.setItem(TAB, known);
    return known;
  } catch {
    return made;
  }
}
