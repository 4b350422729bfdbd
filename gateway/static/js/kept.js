// The uploads of this tab that are not whole yet, in IndexedDB: a reload goes on with them. Where the
// browser keeps nothing (a private window, no room), it loses them, and all else is as it is here.

const NAME = "video2mp3";
const FILES = "uploads"; // what is uploaded, and by whom
const URLS = "urls"; // where to; apart, for a file that is put once more is copied once more
const TAB = "video2mp3.tab";
const LIFETIME = 86_400_000; // milliseconds; the service keeps them for a day too

export class Kept {
  #tab = tab();
  #database = open();

  put(user, { key, file, fields }) {
    const record = { user, tab: this.#tab, time: Date.now(), file, fields };
    return this.#run(FILES, "readwrite", (store) => store.put({ key, ...record }));
  }

  begun({ key, url }) {
    return this.#run(URLS, "readwrite", (store) => store.put({ key, url }));
  }

  remove({ key }) {
    return Promise.all(
      [FILES, URLS].map((name) => this.#run(name, "readwrite", (store) => store.delete(key))),
    );
  }

  // Those of `user` in this tab, as `{key, file, fields, url}`. What others left here, or a tab of
  // yesterday, is removed.
  async of(user) {
    const [all, urls] = await Promise.all([this.#all(FILES), this.#all(URLS)]);
    const mine = (record) => record.tab === this.#tab;
    const over = ({ time }) => Date.now() - time > LIFETIME;
    all
      .filter((record) => over(record) || (mine(record) && record.user !== user))
      .forEach((record) => this.remove(record));
    const addresses = new Map(urls.map(({ key, url }) => [key, url]));
    return all
      .filter((record) => mine(record) && record.user === user && !over(record))
      .sort((one, other) => one.time - other.time)
      .map(({ key, file, fields }) => ({ key, file, fields, url: addresses.get(key) ?? "" }));
  }

  async #all(name) {
    return (await this.#run(name, "readonly", (store) => store.getAll())) ?? [];
  }

  async #run(name, mode, work) {
    try {
      const database = await this.#database;
      return await result(work(database.transaction(name, mode).objectStore(name)));
    } catch {
      return undefined; // as said above
    }
  }
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () =>
    [FILES, URLS].forEach((name) => request.result.createObjectStore(name, { keyPath: "key" }));
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
