// The user's podcast feed: it is made, gets another address, and is ended.

import { moment } from "./format.js";
import { Shown } from "./shown.js";
import { announce, ask } from "./tell.js";

const REPLACE = {
  title: "Make another address?",
  text: "The one before stops working: podcast apps that have it need the new one.",
  yes: "Make it",
  no: "Keep this one",
};
const END = {
  title: "End the feed?",
  text: "Podcast apps that have its address get nothing any more. The files stay.",
  yes: "End it",
  no: "Keep it",
};

export class Feed {
  #find;
  #api;
  #shown;
  #exists = false;

  constructor(section, api) {
    this.#find = (selector) => section.querySelector(selector);
    this.#api = api;
    this.#shown = new Shown(this.#find(".made"), "The address is copied.");
    this.#find(".make").addEventListener("click", () => this.#try(() => this.#make()));
    this.#find(".end").addEventListener("click", () => this.#try(() => this.#end()));
  }

  load() {
    return this.#try(async () => this.#tell(await this.#api.feedCreated()));
  }

  async #make() {
    if (this.#exists && !(await ask(REPLACE))) {
      return;
    }
    const url = await this.#api.makeFeed();
    this.#tell(new Date());
    this.#shown.show(url);
  }

  async #end() {
    if (!(await ask(END))) {
      return;
    }
    await this.#api.endFeed();
    this.#tell(null);
    this.#shown.hide();
    this.#find("h2").focus();
    announce("The feed has ended.");
  }

  #tell(created) {
    this.#exists = created !== null;
    this.#find(".state").textContent = this.#exists
      ? `Its address was made ${moment(created)}.`
      : "There is no feed yet.";
    this.#find(".make").textContent = this.#exists ? "Make another address" : "Make a feed";
    this.#find(".end").hidden = !this.#exists;
  }

  async #try(work) {
    this.#say("");
    try {
      await work();
    } catch (problem) {
      this.#say(problem.advice);
    }
  }

  #say(text) {
    const box = this.#find(".message");
    box.textContent = text;
    box.hidden = !text;
  }
}
